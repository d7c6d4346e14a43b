import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FIGURES, judgeFigures } from '../../src/bench/figures.js'
import type { LoopbackReport } from '../../src/bench/loopback.js'
import { SoakTally, soakFigures } from '../../src/bench/soak-tally.js'
import { RigError } from '../../src/rig/errors.js'
import { loopbackReport } from '../helpers/loopback-report.js'

const figuresOf = (tally: SoakTally) =>
  new Map(soakFigures(tally.result).map((figure) => [figure.name, figure]))

test('counts reasons, and keeps a thousand messages of however many', () => {
  const verdict = fc.constantFrom(null, null, 'crc', 'no-light', 'bytes-differ')
  fc.assert(
    fc.property(fc.array(verdict, { minLength: 1, maxLength: 5000 }), (verdicts) => {
      const tally = new SoakTally()
      for (const [n, reason] of verdicts.entries()) {
        tally.add(loopbackReport({ reason }), [10 * n, 10 * n + 5])
      }
      const { messages, passed, reasons, failures, sampled, everyNth, durationS } = tally.result
      expect(messages).toBe(verdicts.length)
      expect(passed).toBe(verdicts.filter((reason) => reason === null).length)
      for (const [reason, count] of reasons) {
        expect(count).toBe(verdicts.filter((one) => one === reason).length)
      }
      const counts = [...reasons.values()]
      expect(counts).toEqual([...counts].sort((a, b) => b - a))
      expect(failures.length).toBe(Math.min(1000, messages - passed))
      expect(sampled.length).toBe(Math.ceil(messages / everyNth))
      expect(sampled.length).toBeLessThanOrEqual(1000)
      expect(sampled.every(({ number }, n) => number === 1 + n * everyNth)).toBe(true)
      expect(durationS).toBe(10 * (messages - 1) + 5)
    }),
    { numRuns: 20 },
  )
})

test('of what no message showed there is no figure, and never 0', () => {
  const tally = new SoakTally()
  tally.addError(new RigError('unplugged', 'plug it in'))
  for (const { name, value } of soakFigures(tally.result)) {
    if (name === 'messages') expect(value).toBe(0)
    else if (name === 'rig-errors') expect(value).toBe(1)
    else expect(value).toBeNull()
  }
})

test('figures are of what was followed, in the unit of their names', () => {
  const tally = new SoakTally()
  for (let n = 0; n < 50; n++) {
    const off = n % 2 === 0 ? 0.01 : -0.01
    const report = loopbackReport({ margin: 0.8 + off, black: 0.05 + (0.02 * n) / 360 })
    tally.add(report, [10 * n, 10 * n + 5])
  }
  const figures = figuresOf(tally)
  expect(figures.get('margin-pct')?.value).toBeCloseTo(80, 9)
  expect(figures.get('margin-pct')?.uncertainty).toBeLessThan(0.4)
  expect(figures.get('margin-least-pct')).toMatchObject({
    value: expect.closeTo(79, 9),
    uncertainty: null,
  })
  expect(figures.get('black-drift-pct-per-h')?.value).toBeCloseTo(2, 9)
  expect(figures.get('rate-error-ppm')?.value).toBeCloseTo(20, 9)
  expect(figures.get('timing-spread-us')?.value).toBeCloseTo(150, 9)
  for (const { name, witness } of figures.values()) {
    expect(Object.keys(FIGURES)).toContain(name)
    expect(witness === null).toBe(['messages', 'pass-rate-pct', 'rig-errors'].includes(name))
  }
})

test.each([
  [300, 0, 98, null],
  [100, 0, 98, 'it may be off by 3.62 %'],
  [100, 3, 98, 'is 1 % below 98 %'],
])('%i messages, %i failures: at least %f %%', (messages, failures, least, finding) => {
  const tally = new SoakTally()
  for (let n = 0; n < messages; n++) {
    tally.add(loopbackReport({ reason: n < failures ? 'crc' : null }), [n, n + 1])
  }
  const judged = judgeFigures(soakFigures(tally.result), { 'pass-rate-pct': [least, 100] })
  const rate = judged.find(({ name }) => name === 'pass-rate-pct')
  expect(rate?.verdict).toBe(finding === null ? 'pass' : 'fail')
  if (finding === null) expect(rate?.finding).toBeNull()
  else expect(rate?.finding).toContain(finding)
})

test('a report shows what a message has, though it failed', () => {
  const report: LoopbackReport = loopbackReport({ reason: 'no-light', margin: null })
  const { values } = new SoakTally().add(report, [0, 1])
  expect(values).toMatchObject({ 'margin-pct': null, 'rate-error-ppm': null })
  expect(values['black-pct']).toBeCloseTo(5, 9)
})
