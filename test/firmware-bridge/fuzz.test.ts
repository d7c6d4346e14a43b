import { crc16xmodem } from 'crc'
import { expect, test } from 'vitest'
import { seededRandom } from '../receiver/synthesise.js'
import { Bench, CYCLES_PER_MS, expectedEdges, fieldsOf } from './bench.js'

const LINES = Number(process.env.FUZZ_LINES ?? 3000)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
/** Longer than the longest answer: `help` at 115,200 baud, or a name written to EEPROM. */
const REPLY_MS = 400
const LINES_A_CHECK = 100

const random = seededRandom(SEED)
const below = (limit: number): number => Math.floor(random() * limit)
const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)] as T
const crcOf = (text: string): string =>
  crc16xmodem(Buffer.from(text, 'latin1')).toString(16).padStart(4, '0')

const bench = new Bench()
/** What the acknowledged loads have put together. */
let symbols = ''
/** The light that an acknowledged play asked for, and where its edges begin. */
let play: { symbols: string; started: Record<string, number> } | undefined
let plays = 0

const digits = (): string => Array.from({ length: below(60) }, () => pick(['0', '1', '2'])).join('')

/** A command as a program would send it, with arguments that are mostly good. */
function command(): string {
  const number = (high: number): number => below(pick([10, 100, high, 10 * high]))
  return pick([
    () => 'help',
    () => 'hello',
    () => 'status',
    () => 'stop',
    () => `rate ${number(2000)}.${number(1000)}`,
    () => `level ${number(1000)} ${number(1000)}`,
    () => `load 0 ${digits()}`,
    () => `load ${symbols.length} ${digits()}`,
    () => `load ${number(4800)} ${digits()}`,
    () => `play ${symbols.length} ${crcOf(symbols)}`,
    () => `play ${symbols.length} ${crcOf(symbols)}`,
    () => `play ${number(100)} ${crcOf(digits())}`,
    () => `sample ${number(9000)} ${pick([8, 9, 10])}`,
    () => `sense ${pick(['on', 'off'])}`,
    () => `edges ${pick(['on', 'off'])}`,
    () => `keepalive ${number(60_000)}`,
    () => `serial ${pick(['a', 'line-1', '1234567890abcdef', '1234567890abcdefg'])}`,
    () => `baud ${pick([115_200, 250_000, 500_000, 1_000_000, 9600])}`,
  ])()
}

const bytes = (low: number, high: number): string =>
  Array.from({ length: 1 + below(140) }, () => String.fromCharCode(low + below(high - low))).join(
    '',
  )

/** The line with a few of its characters flipped, dropped, doubled, swapped, or cut off. */
function mutated(line: string): string {
  let text = line
  for (let count = 1 + below(3); count > 0; count--) {
    const at = below(text.length + 1)
    const [before, here, after] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)]
    text = pick([
      before + String.fromCharCode((here.charCodeAt(0) || 0x20) ^ (1 << below(8))) + after,
      before + after,
      before + here + here + after,
      before + after.slice(0, 1) + here + after.slice(1),
      before,
      before + bytes(0x20, 0x7f).slice(0, 5) + here + after,
    ])
  }
  return text
}

function line(): string {
  const signed = (text: string): string => (below(2) ? `${text}*${crcOf(text)}` : text)
  return pick([
    () => bytes(0, 256),
    () => bytes(0x20, 0x7f),
    () => signed(command()),
    () => signed(command()),
    () => mutated(signed(command())),
  ])().replaceAll(/[\r\n]/g, '?')
}

/** The reply to a line, or undefined for a line that is empty. */
function ask(text: string): string | undefined {
  bench.lines = []
  bench.send(text)
  if (text === '') return undefined
  const giveUp = bench.board.cycle + REPLY_MS * CYCLES_PER_MS
  while (bench.board.cycle < giveUp) {
    bench.runMs(0.2)
    const reply = bench.lines.find((told) => /^(ok|error) /.test(told))
    if (reply) return reply
  }
  return undefined
}

/** The light so far is the beginning of what was asked for: a fall may end it anywhere. */
function checkLight(): void {
  const expected = play ? expectedEdges(play.symbols, play.started) : [].values()
  for (const [index, edge] of bench.edges.entries()) {
    if (edge === expected.next().value) continue
    expect({ index, falls: edge < 0 }).toEqual({ index: bench.edges.length - 1, falls: true })
  }
  if (!play) expect(bench.edges).toEqual([])
}

/** Follows what the board has acknowledged, by the words of the line without its CRC. */
function follow(text: string, reply: string): void {
  const [name, first = '', second = ''] = text
    .replace(/\*[^*]*$/, '')
    .split(' ')
    .filter(Boolean)
  if (name === 'load' && reply.startsWith('ok load')) {
    symbols = (first.replace(/^0+(?=\d)/, '') === '0' ? '' : symbols) + second
    expect(reply).toBe(`ok load symbols=${symbols.length} crc=${crcOf(symbols)}`)
  }
  if (name === 'load' && reply.startsWith('error symbol')) symbols = ''
  if (reply.startsWith('ok play')) {
    expect([name, Number(first), second.toLowerCase()]).toEqual([
      'play',
      symbols.length,
      crcOf(symbols),
    ])
    const started = fieldsOf(reply)
    const start = (started.start ?? 0) + bench.clockZero
    const edges = bench.edges
    bench.edges = edges.filter((edge) => Math.abs(edge) < start)
    checkLight()
    bench.edges = edges.filter((edge) => Math.abs(edge) >= start)
    play = { symbols, started: { ...started, start } }
    plays++
  }
  if (reply.startsWith('ok baud')) {
    bench.runMs(1)
    bench.baudRate = fieldsOf(reply).rate as number
  }
}

test(`${LINES} random and mutated lines (seed ${SEED}): no reset, no stuck LED, no wrong play`, {
  timeout: 0,
}, () => {
  const startMs = performance.now()
  for (let count = 1; count <= LINES; count++) {
    const text = line()
    const reply = ask(text)
    try {
      if (text !== '') expect(reply, 'every line is answered').toBeDefined()
      if (reply) follow(text, reply)
      expect(bench.lines.filter((told) => told.startsWith('ready'))).toEqual([])
      if (count % LINES_A_CHECK === 0) {
        expect(ask('stop')).toMatch(/^ok stop/)
        expect(bench.board.lit).toBe(false)
        checkLight()
        play = undefined
        bench.edges = []
        expect(ask('hello')).toMatch(/^ok hello/)
      }
    } catch (error) {
      throw new Error(`line ${count}, ${JSON.stringify(text)}, answered ${reply}: ${error}`)
    }
  }
  const seconds = (performance.now() - startMs) / 1000
  console.log(`${LINES} lines, ${plays} plays, ${(LINES / seconds).toFixed(0)} lines a second`)
  expect(plays).toBeGreaterThan(LINES / 200)
})
