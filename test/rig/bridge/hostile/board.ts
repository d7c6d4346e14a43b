import type { Clock } from './clocks.js'
import { floodOf } from './flood.js'
import {
  type BoardLie,
  type CommandLie,
  distort,
  isAbout,
  isCommandLie,
  isLineLie,
  type Lie,
  type Line,
  type Topic,
} from './lies.js'
import { crcOf, hex, withCrc } from './lines.js'

const CYCLES_PER_MS = 16_000
/** The board has been on for so long that its clock wraps within most conversations. */
const FIRST_CYCLE = 2 ** 32 - 3000 * CYCLES_PER_MS
const MOST_SYMBOLS = 4800
const SAMPLES_PER_LINE = 32
/** From a command to what it starts. */
const START_MS = 5
/** A timer that is later than this is that of a program which has stood still. */
const STANDSTILL_MS = 100
/** Of what is connected to D8. */
const EDGE_MS = 20

/** Levels of the light at the sensor, in parts of full scale. */
const BLACK_LEVEL = 0.05
const SWING = 0.6

/** What carries bytes from the board to its host. */
export interface Wire {
  /** How many bytes a flood sends at a time. */
  readonly floodBytes: number
  /** `sent` is called when there is room for more. */
  send(bytes: Uint8Array, sent?: () => void): void
  unplug(): void
}

/** A light that is, was or will be played. Times are true ones, whatever the board says. */
export interface Light {
  readonly levels: string
  readonly startMs: number
  readonly symbolMs: number
  /** A part of white. */
  readonly grey: number
  /** When it ended by itself or was ended; undefined while it goes on. */
  endedMs?: number
}

interface Stream {
  readonly startMs: number
  sent: number
}

/**
 * A board that speaks protocol 1 (firmware-bridge/PROTOCOL.md) and is honest but for the lies it is given. Its LED and
 * light are simple: three levels, without any noise but the last digit's.
 */
export class HostileBoard {
  #symbols = ''
  #periodCycles = 0
  #top = 0
  /** In thousandths, as `level` says it. */
  #white = 1000
  #grey = 520
  #samplePeriodCycles = 0
  #keepAliveMs = 0
  #light: Light | undefined
  #sense: Stream | undefined
  #edges: Stream | undefined
  #heardMs = 0
  #received = ''
  #deaf = false
  #mute = false
  #hungMs: number | undefined
  #unplugged = false
  readonly #said = new Map<Topic, number>()
  readonly #heard = new Map<Topic, number>()
  readonly #slowBytes: number[] = []

  constructor(
    private readonly clock: Clock,
    private readonly wire: Wire,
    private readonly lies: readonly Lie[] = [],
  ) {
    this.#setUp()
    const slow = this.#lieOf('slow')
    if (slow) this.#trickle(1000 / slow.bytesPerS)
  }

  /** The light that was played last, or is playing, on the LED's pin. */
  get light(): Light | undefined {
    return this.#light
  }

  /** Whether the LED lives, and is not left dark for long: the black symbols of a message count as lit. */
  get isLit(): boolean {
    if (this.#unplugged || this.hasDeadLed) return false
    if (this.#hungMs !== undefined) return this.#levelOf(this.#light, this.#hungMs) > 0
    return this.#isPlaying
  }

  get isHung(): boolean {
    return this.#hungMs !== undefined
  }

  /** The LED gives no light at all; what is seen, if anything, is a neighbour's. */
  get hasDeadLed(): boolean {
    return Boolean(this.#lieOf('dead') ?? this.#lieOf('neighbour'))
  }

  reset(cause = 'external'): void {
    this.#setUp()
    this.#send('')
    this.#say('ready', `ready name=blinkup-bridge reset=${cause}`)
  }

  receive(bytes: Uint8Array): void {
    if (this.#deaf || this.#hungMs !== undefined || this.#unplugged) return
    if (this.#lieOf('echo')) {
      this.wire.send(bytes)
      return
    }
    const lines = (this.#received + Buffer.from(bytes).toString('latin1')).split(/[\r\n]+/)
    this.#received = lines.pop() ?? ''
    for (const line of lines) if (line !== '') this.#hear(line)
  }

  #setUp(): void {
    if (this.#light) this.#light.endedMs ??= this.clock.nowMs()
    this.#symbols = ''
    this.#setRate(60)
    this.#white = 1000
    this.#grey = 520
    this.#samplePeriodCycles = 16_000
    this.#keepAliveMs = 1000
    this.#sense = undefined
    this.#edges = undefined
  }

  #hear(line: string): void {
    const { text, crc } = /^(?<text>.*?)(\*(?<crc>[0-9a-f]{4}))?$/.exec(line)?.groups ?? {}
    if (text === undefined) return
    if (crc !== undefined && crc !== crcOf(text)) {
      this.#send('error crc say it again')
      return
    }
    this.#heardMs = this.clock.nowMs()
    const [command = '', ...rest] = text.split(' ')
    const tag = rest.at(-1)?.startsWith('#') ? ` ${rest.pop()}` : ''
    const topic = (/^(sense|edges)$/.test(command) ? `${command} ${rest[0]}` : command) as Topic
    const number = this.#heard.get(topic) ?? 0
    this.#heard.set(topic, number + 1)
    for (const lie of this.lies) {
      if (!isCommandLie(lie) || !isAbout(lie, topic, number)) continue
      if (lie.afterMs === undefined) this.#turn(lie)
      else this.clock.after(lie.afterMs, () => this.#turn(lie))
      if (lie.lie === 'reset' && lie.afterMs === undefined) return
    }
    if (this.#deaf || this.#hungMs !== undefined || this.#unplugged) return
    const reply = this.#obey(topic, rest)
    const isRefusal = reply.startsWith('error ')
    this.#say(topic, `${isRefusal ? reply : `ok ${command} ${reply}`.trimEnd()}${tag}`)
  }

  #turn(lie: CommandLie): void {
    switch (lie.lie) {
      case 'deaf':
        this.#deaf = true
        break
      case 'mute':
        this.#mute = true
        break
      case 'hung':
        this.#hungMs ??= this.clock.nowMs()
        break
      case 'reset':
        this.reset('brown-out')
        break
      case 'unplugged':
        this.#unplugged = true
        this.#end()
        this.wire.unplug()
        break
      case 'flood':
        this.#flood(floodOf(lie.of, this.wire.floodBytes))
    }
  }

  /** Gives the reply, without the command and the tag. */
  #obey(topic: string, args: readonly string[]): string {
    const nowMs = this.clock.nowMs()
    const [first = '', second = ''] = args
    switch (topic) {
      case 'hello':
        return `name=blinkup-bridge firmware=1.3.1 protocol=1 clock=16000000 symbols=${MOST_SYMBOLS} line=120 now=${this.#cycleAt(nowMs)} serial=-`
      case 'rate':
        if (this.#isPlaying) return 'error busy not while playing'
        if (!(Number(first) >= 10 && Number(first) <= 2000)) {
          return 'error argument the symbol rate is 10 to 2000 Hz'
        }
        this.#setRate(Number(first))
        return `period=${this.#periodCycles}`
      case 'level':
        this.#white = Number(first)
        this.#grey = Number(second)
        return `white=${first} grey=${second}`
      case 'load':
        if (Number(first) > this.#symbols.length) return 'error offset load those before'
        this.#symbols = this.#symbols.slice(0, Number(first)) + second
        return `symbols=${this.#symbols.length} crc=${crcOf(this.#symbols)}`
      case 'play':
        if (this.#isPlaying) return 'error busy not while playing'
        if (Number(first) !== this.#symbols.length || second !== crcOf(this.#symbols)) {
          return 'error sequence it differs from what is loaded'
        }
        return this.#play()
      case 'sample':
        this.#samplePeriodCycles = Math.round((1000 * CYCLES_PER_MS) / Number(first))
        return `period=${this.#samplePeriodCycles} bits=${second}`
      case 'sense on':
        this.#sense = { startMs: nowMs + START_MS, sent: 0 }
        this.#begin(this.#sense)
        return `start=${this.#cycleAt(this.#sense.startMs)} period=${this.#samplePeriodCycles}`
      case 'sense off': {
        const sense = this.#sense
        this.#sense = undefined
        if (sense) this.#sendSamples(sense, 1)
        return `count=${sense?.sent ?? 0}`
      }
      case 'edges on':
        this.#edges = { startMs: nowMs, sent: 0 }
        this.#begin(this.#edges)
        return 'count=0'
      case 'edges off': {
        const edges = this.#edges
        this.#edges = undefined
        return `count=${edges?.sent ?? 0}`
      }
      case 'dark':
        return `symbols=${this.#end()}`
      case 'stop':
        this.#sense = undefined
        this.#edges = undefined
        return `symbols=${this.#end()}`
      case 'status':
        return `playing=${Number(this.#isPlaying)} symbols=${this.#begun} sense=${Number(Boolean(this.#sense))} edges=${Number(Boolean(this.#edges))} now=${this.#cycleAt(nowMs)}`
      case 'keepalive':
        this.#keepAliveMs = Number(first)
        return `ms=${first}`
      case 'baud':
        return `rate=${first}`
      case 'serial':
        return ''
      default:
        return 'error command help lists them'
    }
  }

  /** The period is whole PWM cycles of `2 * top` clock cycles, of 31.4 to 40 kHz, with the least error. */
  #setRate(rateHz: number): void {
    const wanted = (1000 * CYCLES_PER_MS) / rateHz
    const error = (top: number): number =>
      Math.abs(Math.round(wanted / (2 * top)) * 2 * top - wanted)
    const tops = Array.from({ length: 56 }, (_, i) => 255 - i)
    this.#top = tops.reduce((best, top) => (error(top) < error(best) ? top : best))
    this.#periodCycles = Math.round(wanted / (2 * this.#top)) * 2 * this.#top
  }

  #play(): string {
    const white = Math.round((this.#top * this.#white) / 1000)
    const grey = Math.round((white * this.#grey) / 1000)
    const light: Light = {
      levels: this.#symbols,
      startMs: this.clock.nowMs() + START_MS,
      symbolMs: this.#periodCycles / CYCLES_PER_MS / this.#timesAsFast('light'),
      grey: grey / white,
    }
    this.#light = light
    this.#keepWatch(light)
    if (!this.#lieOf('endless')) {
      const endMs = light.startMs + light.levels.length * light.symbolMs
      this.clock.after(endMs - this.clock.nowMs(), () => this.#finish(light))
    }
    return `start=${this.#cycleAt(light.startMs)} period=${this.#periodCycles} top=${this.#top} white=${white} grey=${grey}`
  }

  #finish(light: Light): void {
    if (light.endedMs !== undefined || this.#hungMs !== undefined) return
    light.endedMs = this.clock.nowMs()
    this.#say('end', `end done symbols=${light.levels.length} late=200 limit=390`)
  }

  /** Turns dark when the host is silent for too long. */
  #keepWatch(active: Light | Stream, dueMs = this.clock.nowMs()): void {
    const isActive =
      active === this.#sense ||
      active === this.#edges ||
      (active === this.#light && this.#isPlaying)
    if (!isActive || this.#hungMs !== undefined) return
    const nowMs = this.clock.nowMs()
    // No board stands still, but the program in which this one is: what was said meanwhile it has yet to hear.
    if (nowMs - dueMs > STANDSTILL_MS) this.#heardMs = nowMs
    const nextMs = this.#heardMs + this.#keepAliveMs
    if (nextMs > nowMs) {
      this.clock.after(nextMs - nowMs, () => this.#keepWatch(active, nextMs))
      return
    }
    const wasPlaying = this.#isPlaying
    const symbols = this.#end()
    this.#sense = undefined
    this.#edges = undefined
    if (wasPlaying) this.#say('end', `end keepalive symbols=${symbols} late=200 limit=390`)
  }

  /** Turns the LED dark, and tells how many symbols had begun. */
  #end(): number {
    const begun = this.#begun
    if (this.#light) this.#light.endedMs ??= this.clock.nowMs()
    return begun
  }

  get #isPlaying(): boolean {
    return this.#light !== undefined && this.#light.endedMs === undefined
  }

  get #begun(): number {
    if (!this.#light) return 0
    const { startMs, symbolMs, levels, endedMs = this.clock.nowMs() } = this.#light
    const begun = Math.floor((endedMs - startMs) / symbolMs) + 1
    return Math.min(Math.max(0, begun), levels.length)
  }

  #begin(stream: Stream): void {
    this.#keepWatch(stream)
    const go = (): void => {
      if (this.#hungMs !== undefined || this.#unplugged) return
      let nextMs: number
      if (stream === this.#sense) {
        this.#sendSamples(stream, SAMPLES_PER_LINE)
        nextMs = stream.startMs + (stream.sent + SAMPLES_PER_LINE) * this.#samplePeriodMs
      } else if (stream === this.#edges) {
        this.#sendEdges(stream)
        nextMs = stream.startMs + (stream.sent + 1) * EDGE_MS
      } else return
      // A thousandth late, so that rounding never makes it too early for what is due.
      this.clock.after(nextMs - this.clock.nowMs() + 0.001, go)
    }
    this.clock.after(START_MS, go)
  }

  get #samplePeriodMs(): number {
    return this.#samplePeriodCycles / CYCLES_PER_MS / this.#timesAsFast('samples')
  }

  /** All whole lines of samples that have been taken, and with `least` 1 those that remain. */
  #sendSamples(sense: Stream, least: number): void {
    const periodMs = this.#samplePeriodMs
    const taken = Math.max(0, Math.floor((this.clock.nowMs() - sense.startMs) / periodMs))
    while (taken - sense.sent >= least) {
      const count = Math.min(SAMPLES_PER_LINE, taken - sense.sent)
      const codes = Array.from({ length: count }, (_, i) =>
        this.#codeAt(sense.sent + i, sense.startMs + (sense.sent + i) * periodMs),
      )
      this.#say('s', `s ${hex(sense.sent)} ${codes.join('')}`)
      sense.sent += count
    }
  }

  #sendEdges(edges: Stream): void {
    for (;;) {
      const ms = edges.startMs + (edges.sent + 1) * EDGE_MS
      if (ms > this.clock.nowMs()) return
      this.#say('e', `e ${hex(edges.sent)} ${hex(this.#cycleAt(ms))} ${(edges.sent + 1) % 2}`)
      edges.sent++
    }
  }

  #codeAt(index: number, ms: number): string {
    const own = this.hasDeadLed ? 0 : this.#levelOf(this.#light, ms)
    const level = BLACK_LEVEL + SWING * Math.max(own, this.#levelOf(this.#neighbour, ms))
    const noise = Math.imul(index, 0x9e3779b1) >>> 31
    return (Math.floor(1024 * level) + noise).toString(16).padStart(3, '0')
  }

  #levelOf(light: Light | undefined, ms: number): number {
    if (!light || ms >= (light.endedMs ?? Infinity)) return 0
    const { levels, startMs, symbolMs, grey } = light
    const place = Math.floor((ms - startMs) / symbolMs)
    const symbol = levels[this.#lieOf('endless') ? place % levels.length : place] ?? '0'
    return { '0': 0, '1': grey, '2': 1 }[symbol] ?? 0
  }

  get #neighbour(): Light | undefined {
    const neighbour = this.#lieOf('neighbour')
    if (!neighbour || !this.#light) return undefined
    const { delayS, symbolRateHz, grey } = neighbour
    const { levels, startMs } = this.#light
    return { levels, startMs: startMs + 1000 * delayS, symbolMs: 1000 / symbolRateHz, grey }
  }

  #cycleAt(ms: number): number {
    const passed = Math.round(ms * CYCLES_PER_MS * this.#timesAsFast('everything'))
    return (FIRST_CYCLE + passed) % 2 ** 32
  }

  #timesAsFast(what: 'light' | 'samples' | 'everything'): number {
    const clock = this.#lieOf('clock')
    return clock && (clock.of === what || clock.of === 'everything') ? clock.times : 1
  }

  #lieOf<K extends BoardLie['lie']>(kind: K): Extract<BoardLie, { lie: K }> | undefined {
    return this.lies.find((lie): lie is Extract<BoardLie, { lie: K }> => lie.lie === kind)
  }

  #say(topic: Topic, text: string): void {
    const number = this.#said.get(topic) ?? 0
    this.#said.set(topic, number + 1)
    let lines: Line[] = [{ text, afterMs: 0, damaged: false }]
    for (const lie of this.lies) {
      if (isLineLie(lie) && isAbout(lie, topic, number)) {
        lines = lines.flatMap((line) => distort(lie, line, number))
      }
    }
    for (const { text, afterMs, damaged } of lines) {
      if (afterMs > 0) this.clock.after(afterMs, () => this.#send(text, damaged))
      else this.#send(text, damaged)
    }
  }

  #send(text: string, damaged = false): void {
    if (this.#mute || this.#hungMs !== undefined || this.#unplugged) return
    const bytes = withCrc(text)
    if (damaged) bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 4, bytes.length >> 1)
    if (this.#lieOf('slow')) this.#slowBytes.push(...bytes)
    else this.wire.send(bytes)
  }

  #trickle(everyMs: number): void {
    const byte = this.#slowBytes.shift()
    if (byte !== undefined) this.wire.send(Uint8Array.of(byte))
    this.clock.after(everyMs, () => this.#trickle(everyMs))
  }

  #flood(next: () => Uint8Array): void {
    if (this.#unplugged) return
    this.wire.send(next(), () => this.#flood(next))
  }
}
