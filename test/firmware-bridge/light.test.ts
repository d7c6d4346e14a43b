import { describe, expect, test } from 'vitest'
import { readImage } from '../../src/rig/bridge/image.js'
import { CLOCK_HZ } from '../../src/rig/emulated/board.js'
import { Bench, expectExactEdges } from './bench.js'

const pseudoRandomSymbols = (length: number): string =>
  Array.from({ length }, (_, i) => (i * 7919 + ((i * i) % 31)) % 3).join('')

describe('every edge is exact to the clock cycle', () => {
  test.each([10, 20, 30, 60, 142, 500, 1000, 2000])('at %i Hz', (rateHz) => {
    const bench = new Bench()
    bench.ask(`rate ${rateHz}`)
    const symbols = `01201020${pseudoRandomSymbols(40)}0`
    const started = bench.play(symbols)
    bench.ask('keepalive 60000')
    bench.runMs((1000 * symbols.length) / rateHz + 20)
    expectExactEdges(bench, symbols, started)
    expect(Math.abs(CLOCK_HZ / (started.period as number) / rateHz - 1)).toBeLessThan(100e-6)
  })

  test('over 4,198 symbols at 60 Hz, with samples at the highest rate and traffic both ways', () => {
    const bench = new Bench()
    const symbols = '01'.repeat(24) + pseudoRandomSymbols(4150)
    bench.ask('sample 3000 10')
    bench.ask('sense on')
    const started = bench.play(symbols)
    for (let end = false; !end; end = bench.lines.some((line) => line.startsWith('end'))) {
      bench.ask('status')
      bench.runMs(100)
    }
    expectExactEdges(bench, symbols, started)
    expect(bench.lines.filter((line) => line.startsWith('end'))).toEqual([
      expect.stringMatching(/^end done symbols=4198 /),
    ])
    expect(bench.board.lit).toBe(false)
  })

  test('with a white that is not full light, and other greys', () => {
    for (const [level, white, grey] of [
      ['level 500 350', 123, 43],
      ['level 1000 995', 246, 245],
      ['level 1000 3', 246, 1],
      ['level 10 400', 2, 1],
    ] as const) {
      const bench = new Bench()
      bench.ask(level)
      const started = bench.play('0120210')
      expect(started).toMatchObject({ top: 246, white, grey })
      bench.runMs(200)
      expectExactEdges(bench, '0120210', started)
    }
  })
})

test.each([
  [1_000_000, 'it plays', 0],
  [500_000, 'it also samples and times edges', 60],
])('at %i baud no byte from the host is missed while %s', (baudRate, _, edges) => {
  const bench = new Bench()
  const symbols = '0120'.repeat(300)
  bench.ask('rate 2000')
  bench.ask(`baud ${baudRate}`)
  bench.runMs(1)
  bench.baudRate = baudRate
  if (edges > 0) {
    bench.ask('edges on')
    bench.ask('sample 9000 10')
    bench.ask('sense on')
  }
  const started = bench.play(symbols)
  for (let round = 0; round < 60; round++) {
    const begin = bench.board.cycle
    for (let i = 0; i < edges; i++) bench.board.setInput(i % 2 === 0, begin + i * 2617)
    bench.send(`${'status '.repeat(16)}\n`.repeat(baudRate / 120_000))
    bench.runMs(10)
  }
  bench.runMs(100)
  expect(bench.board.overruns).toBe(0)
  expectExactEdges(bench, symbols, started)
})

describe('darkness', () => {
  test('after the last symbol, even when it is white', () => {
    const bench = new Bench()
    const started = bench.play('022')
    bench.runMs(100)
    expect(bench.edges).toEqual([
      (started.start as number) + (started.period as number),
      -((started.start as number) + 3 * (started.period as number)),
    ])
    expect(bench.lines.at(-1)).toMatch(/^end done symbols=3 late=\d+ limit=\d+$/)
  })

  test.each(['dark', 'stop'])('on %s, within a millisecond of the line', (command) => {
    const bench = new Bench()
    bench.play('2'.repeat(100))
    bench.runMs(500)
    expect(bench.board.lit).toBe(true)
    bench.send(command)
    bench.runMs(5 * 10 * (1000 / 115_200) + 1)
    expect(bench.board.lit).toBe(false)
    bench.runMs(1000)
    expect(bench.edges.length).toBe(2)
    expect(bench.lines.filter((line) => line.startsWith('end'))).toEqual([])
  })

  test('when the host has been silent for longer than the keep-alive', () => {
    const bench = new Bench()
    const { start = 0 } = bench.play('2'.repeat(300))
    bench.runMs(2000)
    expect(bench.board.lit).toBe(false)
    expect(bench.lines.at(-1)).toMatch(/^end keepalive symbols=\d+ /)
    const darkMs = (-(bench.edges[1] as number) - start) / 16_000
    expect(darkMs).toBeGreaterThan(990)
    expect(darkMs).toBeLessThan(1010)
  })

  test('but never earlier, whenever in the board’s own count of time it was heard', () => {
    const bench = new Bench()
    bench.ask('keepalive 100')
    bench.play('2'.repeat(600))
    const lineMs = (1000 * 10 * 2) / bench.baudRate
    for (let round = 0; round < 60; round++) {
      bench.send('x')
      bench.runMs(99.9)
      expect(bench.board.lit).toBe(true)
      bench.send('x')
      bench.runMs(lineMs + round / 20)
    }
  })

  test('but not while lines come, of whatever kind', () => {
    const bench = new Bench()
    bench.play('2'.repeat(300))
    for (let second = 0; second < 4; second++) {
      bench.send('this is no command')
      bench.runMs(900)
    }
    expect(bench.board.lit).toBe(true)
  })

  test('while it resets, from outside or by the watchdog', () => {
    const bench = new Bench()
    bench.play('2'.repeat(100))
    bench.runMs(100)
    expect(bench.board.lit).toBe(true)
    bench.board.reset('external')
    expect(bench.board.lit).toBe(false)
    bench.runMs(100)
    expect(bench.board.lit).toBe(false)
    expect(bench.lines.at(-1)).toBe('ready name=blinkup-bridge reset=external')
  })

  test('a program that hangs is reset by the watchdog within 300 ms', () => {
    const bench = new Bench(withoutWatchdogResets(readImage()))
    bench.runMs(300)
    expect(bench.lines).toContain('ready name=blinkup-bridge reset=watchdog')
  })
})

/** The image with each WDR instruction (0x95A8) turned into NOP: for the watchdog, a hung program. */
function withoutWatchdogResets(image: Uint8Array): Uint8Array {
  const words = new DataView(image.buffer)
  for (let address = 0; address < image.length; address += 2) {
    if (words.getUint16(address, true) === 0x95a8) words.setUint16(address, 0, true)
  }
  return image
}
