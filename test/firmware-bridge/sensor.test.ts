import { describe, expect, test } from 'vitest'
import { Bench, fieldsOf } from './bench.js'

/** The samples of all `s` lines, each with its index. */
function samplesOf(bench: Bench, digits: number): [index: number, code: number][] {
  return bench.lines
    .filter((line) => line.startsWith('s '))
    .flatMap((line) => {
      const [, index = '', codes = ''] = line.split(' ')
      const first = Number.parseInt(index, 16)
      const all = codes.match(new RegExp(`.{${digits}}`, 'g')) ?? []
      return all.map((code, i): [number, number] => [first + i, Number.parseInt(code, 16)])
    })
}

describe('samples', () => {
  test.each([
    [250, 10, 3],
    [1000, 10, 3],
    [3000, 10, 3],
    [4500, 8, 2],
    [8000, 10, 3, 500_000],
    [9000, 8, 2, 500_000],
  ])(
    '%i Hz with %i bits: evenly held to the cycle, all sent, in order',
    (rateHz, bits, digits, baudRate = 115_200) => {
      const bench = new Bench()
      bench.ask(`baud ${baudRate}`)
      bench.baudRate = baudRate
      bench.runMs(1)
      const holds: number[] = []
      bench.sensor = (cycle) => {
        holds.push(cycle)
        return (holds.length * 37) % 1024
      }
      const { period = 0 } = fieldsOf(bench.ask(`sample ${rateHz} ${bits}`))
      expect(period).toBe(Math.round(16e6 / rateHz))
      const { start = 0 } = fieldsOf(bench.ask('sense on'))
      bench.runMs(500)
      bench.ask('sense off')

      expect(holds.map((cycle) => cycle - bench.clockZero)).toEqual(
        holds.map((_, i) => start + i * period),
      )
      const expected = holds.map((_, i) => [i, (((i + 1) * 37) % 1024) >> (10 - bits)])
      const sent = samplesOf(bench, digits)
      expect(sent).toEqual(expected.slice(0, sent.length))
      expect(sent.length).toBeGreaterThanOrEqual(holds.length - 1)
    },
  )

  test('faster than the line can carry, losses are told with place and length', () => {
    const bench = new Bench()
    let holds = 0
    bench.sensor = () => holds++ % 1024
    bench.ask('sample 9000 10')
    bench.ask('sense on')
    bench.runMs(300)
    bench.ask('sense off')

    const sent = samplesOf(bench, 3)
    for (const [index, code] of sent) expect(code).toBe(index % 1024)
    const gaps = bench.lines
      .filter((line) => line.startsWith('lost'))
      .map((line) => [Number.parseInt(line.split(' ')[1] ?? '', 16), fieldsOf(line).count])
    expect(gaps.length).toBeGreaterThan(1)
    const jumps = sent.flatMap(([index], i) => {
      const expected = (sent[i - 1]?.[0] ?? -1) + 1
      return index === expected ? [] : [[expected, index - expected]]
    })
    expect(jumps).toEqual(gaps.slice(0, jumps.length))
    expect(gaps.length - jumps.length, 'a loss after the last sample').toBeLessThanOrEqual(1)
  })

  test('end when the host has been silent for longer than the keep-alive', () => {
    const bench = new Bench()
    bench.ask('sense on')
    bench.runMs(1500)
    const count = samplesOf(bench, 3).length
    expect(count).toBeGreaterThanOrEqual(990)
    expect(count).toBeLessThanOrEqual(1010)
    expect(bench.ask('status')).toMatch(/^ok status playing=0 symbols=0 sense=0 edges=0 /)
  })

  test('start anew from index 0 each time', () => {
    const bench = new Bench()
    for (let time = 0; time < 3; time++) {
      bench.lines = []
      bench.ask('sense on')
      bench.runMs(100)
      bench.ask('sense off')
      expect(samplesOf(bench, 3)[0]?.[0]).toBe(0)
    }
  })
})

test('samples and edges go on when the light is made dark', () => {
  const bench = new Bench()
  bench.ask('sense on')
  bench.ask('edges on')
  bench.play('2'.repeat(100))
  bench.runMs(500)
  bench.ask('dark')
  bench.lines = []
  bench.board.setInput(true, bench.board.cycle)
  bench.runMs(500)
  expect(bench.lines.filter((line) => line.startsWith('s ')).length).toBeGreaterThan(14)
  expect(bench.lines.filter((line) => line.startsWith('e ')).length).toBe(1)
  expect(bench.ask('status')).toMatch(/^ok status playing=0 symbols=\d+ sense=1 edges=1 /)
})
