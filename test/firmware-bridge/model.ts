import { crcOf } from './bench.js'

/**
 * What PROTOCOL.md says a board answers and does, line by line, written from it and not from the
 * firmware: `answer` to each line of the host, `hear` for each line of the board's own. Both are
 * pure: a state in, a state out. All times are clock cycles of the emulator.
 */
export interface BoardState {
  readonly periodCycles: number
  readonly top: number
  readonly whitePermille: number
  readonly greyPermille: number
  readonly symbols: string
  /** The light that plays, until its end has been told. */
  readonly light: Light | undefined
  /** How many symbols of the last light had begun. */
  readonly begun: number
  readonly sampling: Sampling
  readonly edges: EdgeTimes
  readonly keepaliveMs: number
  readonly serial: string
  readonly baudRate: number
}

export interface Light {
  readonly symbols: string
  readonly start: number
  readonly period: number
  readonly top: number
  readonly white: number
  readonly grey: number
}

interface Sampling {
  readonly on: boolean
  readonly period: number
  readonly bits: number
  readonly start: number
  /** Index of the next sample that is told. */
  readonly next: number
}

interface EdgeTimes {
  readonly on: boolean
  /** Index of the next edge that is told. */
  readonly next: number
  /** When the last one came. */
  readonly last: number
  /** Inputs up to this cycle may be missed. */
  readonly sureFrom: number
}

export const AFTER_RESET: BoardState = {
  ...pwmOf(60_000),
  whitePermille: 1000,
  greyPermille: 520,
  symbols: '',
  light: undefined,
  begun: 0,
  sampling: { on: false, period: 16_000, bits: 10, start: 0, next: 0 },
  edges: { on: false, next: 0, last: 0, sureFrom: 0 },
  keepaliveMs: 1000,
  serial: '-',
  baudRate: 115_200,
}

/** A level that D8 takes on. */
export interface Input {
  readonly cycle: number
  readonly high: boolean
  /** So near to others that it may be missed. */
  readonly fast: boolean
}

/** Between these cycles the board has done what it tells: its order was there, and its word not yet out. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The ADC's code at the moment a sample is held: no two neighbours are alike. */
export const codeAt = (cycle: number): number => Math.imul(cycle, 0x9e3779b1) >>> 22

export const COMMANDS_IN_HELP =
  'hello rate level load play sample sense dark stop status edges keepalive serial baud A'

const LINE_MAX = 120
const SYMBOLS_MAX = 4800
const SAMPLES_PER_LINE = 32
/** From the trigger of a sample to its result, and time for an interrupt or two. */
const CONVERSION_CYCLES = 13.5 * 128 + 600
/** PWM cycles from `play` to the first symbol: half a one up to TOP, and eight. */
const LEAD_TOPS = 17
const SENSE_LEAD_CYCLES = 1000 + 1 + 3 + 2 * 128
const WRAP = 2 ** 32

/** The fields of a line of the board, as far as the host cannot know their values beforehand. */
class Told {
  constructor(
    private readonly line: string,
    /** The emulator's cycle at the zero of the board's clock. */
    private readonly clockZero: number,
  ) {}

  /** The value of a field if it is one of these; else one that is, so that the lines differ. */
  number(name: string, low: number, high: number): number {
    const value = Number(new RegExp(` ${name}=(\\d+)`).exec(this.line)?.[1])
    return value >= low && value <= high ? value : low
  }

  /** A field with a time, in the same way: as the line has it, and the cycle. */
  time(name: string, low: number, high: number): { text: number; cycle: number } {
    const value = Number(new RegExp(` ${name}=(\\d+)`).exec(this.line)?.[1])
    const cycle = cycleOf(value, low, this.clockZero)
    return cycle <= high ? { text: value, cycle } : { text: Number.NaN, cycle: low }
  }
}

/** The first cycle from `low` on at which the board's clock, modulo 2^32, has this value. */
function cycleOf(time: number, low: number, clockZero: number): number {
  return low + ((((time - (low - clockZero)) % WRAP) + WRAP) % WRAP)
}

/** The lowest TOP, of 200 to 255, whose multiple comes nearest to the symbol period. */
function pwmOf(rateMillihz: number): { periodCycles: number; top: number } {
  const wanted = Math.round(8e9 / rateMillihz)
  const tops = Array.from({ length: 56 }, (_, i) => 200 + i)
  const made = tops.map((top) => Math.round(wanted / top) * top)
  const errors = made.map((half) => Math.abs(half - wanted))
  const best = errors.indexOf(Math.min(...errors))
  return { periodCycles: 2 * (made[best] as number), top: tops[best] as number }
}

/** How many symbols of a light have been handed to the timer, one PWM cycle before they begin. */
function begunAt(light: Light, cycle: number): number {
  const handedOver = Math.floor((cycle - light.start + 2 * light.top - 8) / light.period) + 1
  return Math.min(light.symbols.length, Math.max(0, handedOver))
}

/** How many symbols of the light, or the last one, have begun, as it is told. */
function toldBegun({ light, begun }: BoardState, told: Told, { from, to }: Span): number {
  if (!light) return begun
  return told.number('symbols', begunAt(light, from - 2 * light.top), begunAt(light, to))
}

/** When the light's end is handed over: two PWM cycles of black after the last symbol, at the earliest. */
export const endOf = ({ start, symbols, period, top }: Light): number =>
  start + symbols.length * period + 2 * top + 8

function wholeNumber(text: string | undefined, low: number, high: number): number | undefined {
  const value = /^\d{1,9}$/.test(text ?? '') ? Number(text) : Number.NaN
  return value >= low && value <= high ? value : undefined
}

/** In thousandths, with up to three decimals; seven digits in all are read, six before the point. */
function rateOf(text = ''): number | undefined {
  const [, whole = '', decimals = ''] = /^(\d{0,6})(?:\.(\d{0,3}))?$/.exec(text) ?? []
  const millihz = Number(`${whole}${decimals.padEnd(3, '0')}`)
  const isRead = whole.length + decimals.length <= 7
  return isRead && millihz >= 10_000 && millihz <= 2_000_000 ? millihz : undefined
}

type Outcome = readonly [reply: string, changes?: Partial<BoardState>]
type Command = (state: BoardState, args: readonly string[], told: Told, span: Span) => Outcome

const ARGUMENT: Outcome = ['error argument']
const BUSY: Outcome = ['error busy']

const sensesOff = (state: BoardState): Pick<BoardState, 'sampling' | 'edges'> => ({
  sampling: { ...state.sampling, on: false },
  edges: { ...state.edges, on: false },
})

const COMMANDS: Readonly<Record<string, Command>> = {
  help: () => ['ok help'],

  hello: ({ serial }, _, told, { from, to }) => {
    const now = told.time('now', from, to).text
    const limits = 'protocol=1 clock=16000000 symbols=4800 line=120'
    return [`ok hello name=blinkup-bridge firmware=1.3.1 ${limits} now=${now} serial=${serial}`]
  },

  rate: ({ light }, args) => {
    const millihz = rateOf(args[0])
    if (millihz === undefined || args.length > 1) return ARGUMENT
    if (light) return BUSY
    const pwm = pwmOf(millihz)
    return [`ok rate period=${pwm.periodCycles}`, pwm]
  },

  level: ({ light }, args) => {
    const [white, grey] = args.map((word) => wholeNumber(word, 1, 1000))
    if (white === undefined || grey === undefined || args.length > 2) return ARGUMENT
    if (light) return BUSY
    return [`ok level white=${white} grey=${grey}`, { whitePermille: white, greyPermille: grey }]
  },

  load: (state, args) => {
    const offset = wholeNumber(args[0], 0, SYMBOLS_MAX)
    const [, digits] = args
    if (offset === undefined || digits === undefined || args.length > 2) return ARGUMENT
    if (state.light) return BUSY
    if (offset > state.symbols.length) return ['error offset']
    const symbols = state.symbols.slice(0, offset) + digits
    if (!/^[012]*$/.test(digits) || symbols.length > SYMBOLS_MAX) {
      return ['error symbol', { symbols: '' }]
    }
    return [`ok load symbols=${symbols.length} crc=${crcOf(symbols)}`, { symbols }]
  },

  play: (state, args, told, { from, to }) => {
    const count = wholeNumber(args[0], 1, SYMBOLS_MAX)
    const [, crc = ''] = args
    if (count === undefined || !/^[\da-f]{4}$/i.test(crc) || args.length > 2) return ARGUMENT
    const { light, symbols, top, periodCycles: period } = state
    if (light) return BUSY
    if (count !== symbols.length || crc.toLowerCase() !== crcOf(symbols)) return ['error sequence']
    const white = Math.round((top * state.whitePermille) / 1000)
    const grey = Math.round((top * state.whitePermille * state.greyPermille) / 1e6)
    if (grey === 0 || grey >= white) return ['error level']
    const start = told.time('start', from + LEAD_TOPS * top, to + LEAD_TOPS * top)
    return [
      `ok play start=${start.text} period=${period} top=${top} white=${white} grey=${grey}`,
      { light: { symbols, start: start.cycle, period, top, white, grey } },
    ]
  },

  sample: ({ sampling }, args) => {
    const rate = wholeNumber(args[0], 250, 9000)
    const bits = wholeNumber(args[1], 8, 10)
    if (rate === undefined || bits === undefined || bits === 9 || args.length > 2) return ARGUMENT
    if (sampling.on) return BUSY
    const period = Math.round(16e6 / rate)
    return [`ok sample period=${period} bits=${bits}`, { sampling: { ...sampling, period, bits } }]
  },

  sense: ({ sampling }, args, told, { from, to }) => {
    if (args.length !== 1 || !/^(on|off)$/.test(args[0] as string)) return ARGUMENT
    const { on, period, next } = sampling
    if (args[0] === 'off') {
      const heldAt = (cycle: number): number =>
        Math.max(0, Math.floor((cycle - sampling.start) / period) + 1)
      const [low, high] = on ? [heldAt(from - CONVERSION_CYCLES), heldAt(to)] : [next, next]
      const count = Math.min(high, Math.max(low, next)) // what has been told, if that may be
      return [`ok sense count=${count}`, { sampling: { ...sampling, on: false } }]
    }
    if (on) return BUSY
    const start = told.time('start', from + SENSE_LEAD_CYCLES, to + SENSE_LEAD_CYCLES)
    return [
      `ok sense start=${start.text} period=${period}`,
      { sampling: { ...sampling, on: true, start: start.cycle, next: 0 } },
    ]
  },

  edges: ({ edges }, args, _, { from, to }) => {
    if (args.length !== 1 || !/^(on|off)$/.test(args[0] as string)) return ARGUMENT
    if (args[0] === 'off')
      return [`ok edges count=${edges.next}`, { edges: { ...edges, on: false } }]
    return ['ok edges count=0', { edges: { on: true, next: 0, last: from, sureFrom: to } }]
  },

  dark: (state, _, told, span) => {
    const symbols = toldBegun(state, told, span)
    return [`ok dark symbols=${symbols}`, { light: undefined, begun: symbols }]
  },

  stop: (state, _, told, span) => {
    const symbols = toldBegun(state, told, span)
    return [`ok stop symbols=${symbols}`, { light: undefined, begun: symbols, ...sensesOff(state) }]
  },

  status: (state, args, told, span) => {
    if (args.length > 0) return ARGUMENT
    const { light, sampling, edges } = state
    const symbols = toldBegun(state, told, span)
    const mayHaveEnded = light !== undefined && span.to >= endOf(light)
    const mayPlay = light !== undefined && span.from <= endOf(light) + 2 * light.top
    const playing = told.number('playing', Number(!mayHaveEnded && mayPlay), Number(mayPlay))
    const now = told.time('now', span.from, span.to).text
    const streams = `sense=${Number(sampling.on)} edges=${Number(edges.on)}`
    return [`ok status playing=${playing} symbols=${symbols} ${streams} now=${now}`]
  },

  keepalive: (_, args) => {
    const ms = wholeNumber(args[0], 100, 60_000)
    return ms === undefined || args.length > 1
      ? ARGUMENT
      : [`ok keepalive ms=${ms}`, { keepaliveMs: ms }]
  },

  serial: ({ light, sampling }, args) => {
    if (args.length > 1) return ARGUMENT
    if (light || sampling.on) return BUSY
    const serial = args[0] ?? ''
    return /^[\w-]{1,16}$/.test(serial) ? ['ok serial', { serial }] : ARGUMENT
  },

  baud: ({ light, sampling }, args) => {
    const baudRate = wholeNumber(args[0], 1, 1_000_000) ?? 0
    if (![115_200, 250_000, 500_000, 1_000_000].includes(baudRate) || args.length > 1) {
      return ARGUMENT
    }
    if (light || sampling.on) return BUSY
    return [`ok baud rate=${baudRate}`, { baudRate }]
  },
}

/** Whether the board refuses a line for its bytes alone. */
export const isDamaged = (line: string): boolean => line.length > LINE_MAX || !/^[ -~]*$/.test(line)

/** Whether the board obeys a line even if it comes before the reply to the last one, whatever its CRC. */
export const isStop = (line: string): boolean => /^ *stop(?:[ #*][^\ufffd]*)?$/i.test(line)

/**
 * The reply to a line that must come, given the one that has come for the values that no host can know,
 * and the state after it. Of a refusal only code and tag are given.
 */
export function answer(
  state: BoardState,
  line: string,
  reply: string,
  span: Span,
  clockZero: number,
): { reply: string; state: BoardState } {
  if (isDamaged(line)) return { reply: 'error line', state }
  const [text, sum] = cutAtLast(line, '*')
  if (sum !== undefined && sum.toLowerCase() !== crcOf(text)) return { reply: 'error crc', state }
  const [order, tag] = cutAtLast(text, '#')
  const [word = '', ...args] = order.split(' ').filter(Boolean)
  const name = word.toLowerCase()
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  const [expected, changes] = command
    ? command(state, args, new Told(reply, clockZero), span)
    : ['error command']
  return {
    reply: tag === undefined ? expected : `${expected} #${tag}`,
    state: { ...state, ...changes },
  }
}

function cutAtLast(text: string, character: string): [before: string, after: string | undefined] {
  const at = text.lastIndexOf(character)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/**
 * The state after a line of the board's own; throws when it may not come, or not like this.
 *
 * @param silentFrom cycle from which on the host may count as silent
 * @param inputs what D8 has been through
 */
export function hear(
  state: BoardState,
  line: string,
  now: number,
  silentFrom: number,
  inputs: readonly Input[],
  clockZero: number,
): BoardState {
  const [name, indexHex = '', rest = '', level] = line.split(' ')
  const index = Number.parseInt(indexHex, 16)
  if (name === 's') return hearSamples(state, index, rest)
  if (name === 'lost') return hearLoss(state, index, rest, now)
  if (name === 'e') {
    return hearEdge(state, index, Number.parseInt(rest, 16), level === '1', now, inputs, clockZero)
  }
  if (name === 'elost') return hearEdgesLost(state, index, now, inputs)
  if (name === 'end') return hearEnd(state, line, now, silentFrom)
  throw new Error(`the board says "${line}"`)
}

function hearSamples(state: BoardState, index: number, hex: string): BoardState {
  const { start, period, bits, next } = state.sampling
  const digits = bits === 8 ? 2 : 3
  const count = hex.length / digits
  const expected = Array.from({ length: count }, (_, i) =>
    (codeAt(start + (index + i) * period) >> (10 - bits)).toString(16).padStart(digits, '0'),
  ).join('')
  if (index !== next || count < 1 || count > SAMPLES_PER_LINE || hex !== expected) {
    throw new Error(`samples ${index}: ${hex}, and not ${next}: ${expected}`)
  }
  return { ...state, sampling: { ...state.sampling, next: next + count } }
}

function hearLoss(state: BoardState, index: number, rest: string, now: number): BoardState {
  const { sampling } = state
  const count = Number(/^count=(\d+)$/.exec(rest)?.[1])
  const newest = sampling.start + (index + count - 1) * sampling.period
  if (index !== sampling.next || !(count > 0) || newest > now) {
    throw new Error(`samples from ${index} on are said to be lost, ${rest}`)
  }
  return { ...state, sampling: { ...sampling, next: index + count } }
}

function hearEdge(
  state: BoardState,
  index: number,
  time: number,
  high: boolean,
  now: number,
  inputs: readonly Input[],
  clockZero: number,
): BoardState {
  const { edges } = state
  const cycle = cycleOf(time, edges.last + 1, clockZero)
  const isTrue = inputs.some((input) => input.cycle === cycle && input.high === high)
  if (index !== edges.next || !isTrue || cycle > now || untold(state, inputs, cycle).length > 0) {
    throw new Error(`edge ${index} at ${cycle}, ${high}, after ${JSON.stringify(edges)}`)
  }
  return { ...state, edges: { ...edges, next: index + 1, last: cycle } }
}

function hearEdgesLost(
  state: BoardState,
  index: number,
  now: number,
  inputs: readonly Input[],
): BoardState {
  const { edges } = state
  const isDue = inputs.some(({ cycle }) => cycle > edges.last && cycle <= now)
  if (index !== edges.next || !isDue) throw new Error(`edges from ${index} on are said to be lost`)
  return { ...state, edges: { ...edges, sureFrom: now } }
}

function hearEnd(state: BoardState, line: string, now: number, silentFrom: number): BoardState {
  const { light } = state
  if (!light) throw new Error(`an end without a light: ${line}`)
  const [, how = '', symbols, late, limit] =
    /^end (\w+) symbols=(\d+) late=(\d+) limit=(\d+)$/.exec(line) ?? []
  const isDue = how === 'done' ? now >= endOf(light) : how === 'keepalive' && now >= silentFrom
  const [low, high] =
    how === 'done'
      ? [light.symbols.length, light.symbols.length]
      : [begunAt(light, silentFrom - 2 * light.top), begunAt(light, now)]
  const isInTime = Number(late) <= Number(limit) && Number(limit) === 2 * light.top - 10
  if (!isDue || !isInTime || Number(symbols) < low || Number(symbols) > high) {
    throw new Error(`${line}, but this light began at ${light.start} and it is ${now}`)
  }
  return { ...state, light: undefined, begun: Number(symbols) }
}

/** The state when the host has been silent for longer than the keep-alive. */
export const afterSilence = (state: BoardState): BoardState => ({ ...state, ...sensesOff(state) })

/** Inputs before `cycle` that must have been told, and were not. */
export function untold({ edges }: BoardState, inputs: readonly Input[], cycle: number): Input[] {
  const since = Math.max(edges.last, edges.sureFrom)
  return inputs.filter((input) => input.cycle > since && input.cycle < cycle && !input.fast)
}
