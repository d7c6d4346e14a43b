import { describe, expect, test } from 'vitest'
import { Bench, expectExactEdges, expectedEdges } from './bench.js'

// ATmega328P datasheet, "Register Summary".
const TIMSK1 = 0x6f
const ICIE1 = 0x20

/** The edges that the board has told: time in the emulator's cycles, and level. */
const edgesOf = (bench: Bench): [cycle: number, high: boolean][] =>
  bench.lines
    .filter((line) => line.startsWith('e '))
    .map((line) => {
      const [, , time = '', level] = line.split(' ')
      return [Number.parseInt(time, 16) + bench.clockZero, level === '1']
    })

describe('edges on D8', () => {
  test('are timed to the cycle, whatever else goes on, and over the wrap of the timer', () => {
    const bench = new Bench()
    bench.ask('edges on')
    bench.ask('sense on')
    bench.play('012'.repeat(30))
    const begin = bench.board.cycle + 1000
    const cycles = Array.from(
      { length: 200 },
      (_, i) => begin + i * 65_536 + ((i * 37) % 200) - 100,
    )
    for (const [i, cycle] of cycles.entries()) bench.board.setInput(i % 2 === 0, cycle)
    bench.runMs(900)
    const got = edgesOf(bench)
    expect(got.length).toBeGreaterThan(150)
    expect(got).toEqual(cycles.slice(0, got.length).map((cycle, i) => [cycle, i % 2 === 0]))
  })

  test('see the board’s own light, when D3 is joined to D8, as the samples’ clock has it', () => {
    const bench = new Bench()
    bench.ask('edges on')
    bench.onLed = (lit, cycle) => bench.board.setInput(lit, cycle)
    const started = bench.play('0202022')
    bench.runMs(300)
    const expected = [...expectedEdges('0202022', started)]
    expect(edgesOf(bench)).toEqual(expected.map((edge) => [Math.abs(edge), edge > 0]))
  })

  test.each([100, 150, 200, 250, 400, 600])(
    'that come every %i cycles are reported as lost, and the light stays exact',
    (spacing) => {
      const bench = new Bench()
      bench.ask('rate 2000')
      bench.ask('edges on')
      bench.ask('sense on')
      const symbols = '0120'.repeat(100)
      const started = bench.play(symbols)
      const begin = bench.board.cycle
      const pulses = Math.floor(2e6 / spacing)
      for (let i = 0; i < 2 * pulses; i++) bench.board.setInput(i % 2 === 0, begin + i * spacing)
      bench.runMs(300)
      bench.ask('status')
      bench.runMs(100)
      expect(bench.lines).toContainEqual(expect.stringMatching(/^elost [0-9a-f]{8}$/))
      expect(bench.lines).toContainEqual(expect.stringMatching(/^end done/))
      expectExactEdges(bench, symbols, started)
      for (const [cycle, high] of edgesOf(bench)) {
        const place = (cycle - begin) / spacing
        expect([place % 2, place < 2 * pulses]).toEqual([high ? 0 : 1, true])
      }
      const after = bench.board.cycle + 50_000
      const before = edgesOf(bench).length
      bench.board.setInput(true, after)
      bench.board.setInput(false, after + 1000)
      bench.runMs(20)
      expect(edgesOf(bench).slice(before)).toEqual([
        [after, true],
        [after + 1000, false],
      ])
    },
  )

  test('just before the timer wraps are not told a round too late', () => {
    const bench = new Bench()
    bench.ask('keepalive 60000')
    bench.ask('edges on')
    const inputs: [cycle: number, high: boolean][] = []
    let wrap = bench.clockZero + 65_536 * Math.ceil((bench.board.cycle - bench.clockZero) / 65_536)
    for (const apart of [120, 150, 180]) {
      for (let before = apart; before < apart + 200; before += 3) {
        wrap += 65_536
        inputs.push([wrap - before, true], [wrap - before + apart, false])
      }
    }
    for (const [cycle, high] of inputs) bench.board.setInput(high, cycle)
    bench.runMs(850)
    const told = edgesOf(bench)
    expect(told.length).toBeGreaterThan(inputs.length / 2)
    expect(inputs).toEqual(expect.arrayContaining(told))
  })

  test('as fast as the line can carry them do not keep commands waiting', () => {
    const bench = new Bench()
    bench.ask('edges on')
    bench.play('2'.repeat(60))
    const begin = bench.board.cycle
    for (let i = 0; i < 1000; i++) bench.board.setInput(i % 2 === 0, begin + i * 40_000)
    bench.runMs(500)
    expect(bench.ask('status')).toMatch(/^ok status playing=1 .* edges=1 /)
    bench.ask('stop')
    expect(bench.board.lit).toBe(false)
  })

  test('are followed from the first on, at whatever cycle around "edges on" the level changes', () => {
    const bench = new Bench()
    const { core } = bench.board
    const enable = core.writeHooks[TIMSK1] as NonNullable<(typeof core.writeHooks)[number]>
    let enabledCycle = 0
    core.writeHooks[TIMSK1] = (value, ...rest) => {
      if (value & ICIE1) enabledCycle = core.cycles
      return enable(value, ...rest)
    }
    const sent = bench.board.cycle
    bench.ask('edges on')
    const delay = enabledCycle - sent
    for (let offset = -60; offset < 20; offset++) {
      bench.ask('edges off')
      bench.lines = []
      const edge = bench.board.cycle + delay + offset
      bench.board.setInput(true, edge)
      bench.board.setInput(false, edge + 20_000)
      bench.ask('edges on')
      bench.runMs(5)
      expect(edgesOf(bench).at(-1)).toEqual([edge + 20_000, false])
    }
  })

  test('end with "edges off", which counts them', () => {
    const bench = new Bench()
    bench.ask('edges on')
    bench.board.setInput(true, bench.board.cycle + 1000)
    bench.runMs(5)
    expect(bench.ask('edges off')).toBe('ok edges count=1')
    bench.board.setInput(false, bench.board.cycle + 1000)
    bench.runMs(5)
    expect(edgesOf(bench).length).toBe(1)
  })
})
