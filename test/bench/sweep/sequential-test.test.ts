import { describe, expect, test } from 'vitest'
import {
  fewestMessages,
  passRateInterval,
  SequentialTest,
  type TestVerdict,
} from '../../../src/bench/sweep/sequential-test.js'
import { seededRandom } from '../../../src/channel/random.js'

const ASKED = [
  { passRate: 0.5, confidence: 0.95, mostMessages: 400 },
  { passRate: 0.95, confidence: 0.95, mostMessages: 1000 },
  { passRate: 0.8, confidence: 0.99, mostMessages: 400 },
]

function verdictOf(
  asked: (typeof ASKED)[number],
  passes: () => boolean,
): { verdict: TestVerdict; messages: number } {
  const test = new SequentialTest(asked)
  while (test.verdict === null) test.push(passes())
  const { passes: passed, failures } = test.tally
  return { verdict: test.verdict, messages: passed + failures }
}

describe.each(ASKED)('asked for $passRate with confidence $confidence', (asked) => {
  const error = 1 - asked.confidence

  test('of 1,000 rigs at the border no more are decided than the stated share', () => {
    const random = seededRandom(16)
    const verdicts = Array.from(
      { length: 1000 },
      () => verdictOf(asked, () => random() < asked.passRate).verdict,
    )
    // At the border either answer is taken for a wrong one.
    const wrong = verdicts.filter((verdict) => verdict !== 'undecided').length
    expect(wrong).toBeGreaterThan(0)
    expect(wrong).toBeLessThanOrEqual(1000 * error)
  })

  test('and each answer is given by half of it at most, by all ways that messages can come', () => {
    const { pass, fail } = chancesOf(asked, asked.passRate)
    expect(pass).toBeGreaterThan(0)
    expect(pass).toBeLessThanOrEqual(error / 2)
    expect(fail).toBeGreaterThan(0)
    expect(fail).toBeLessThanOrEqual(error / 2)
  })

  test('on the wrong side of the border it is wrong more rarely still', () => {
    const border = chancesOf(asked, asked.passRate)
    expect(chancesOf(asked, asked.passRate - 0.04).pass).toBeLessThan(border.pass)
    expect(chancesOf(asked, asked.passRate + 0.04).fail).toBeLessThan(border.fail)
  })
})

/** The chances of the verdicts where messages pass with a true rate: over all ways to get to each tally undecided. */
function chancesOf(asked: (typeof ASKED)[number], rate: number): { pass: number; fail: number } {
  const chances = { pass: 0, fail: 0 }
  /** By passes, of tallies of so many messages. */
  let open = new Map([[0, 1]])
  for (let messages = 1; messages <= 200; messages++) {
    const next = new Map<number, number>()
    for (const [passes, chance] of open) {
      next.set(passes + 1, (next.get(passes + 1) ?? 0) + chance * rate)
      next.set(passes, (next.get(passes) ?? 0) + chance * (1 - rate))
    }
    open = new Map()
    for (const [passes, chance] of next) {
      const verdict = verdictAt(asked, passes, messages - passes)
      if (verdict) chances[verdict] += chance
      else open.set(passes, chance)
    }
  }
  return chances
}

/** What a tally decides by itself, which its last message has come to. */
function verdictAt(
  asked: (typeof ASKED)[number],
  passes: number,
  failures: number,
): 'pass' | 'fail' | null {
  const [least, most] = passRateInterval({ passes, failures }, asked.confidence)
  return least >= asked.passRate ? 'pass' : most <= asked.passRate ? 'fail' : null
}

test('what is clear is decided by few messages', () => {
  const asked = { passRate: 0.5, confidence: 0.95, mostMessages: 100 }
  expect(verdictOf(asked, () => true)).toEqual({ verdict: 'pass', messages: 6 })
  expect(verdictOf(asked, () => false)).toEqual({ verdict: 'fail', messages: 6 })
  const strict = { passRate: 0.95, confidence: 0.95, mostMessages: 1000 }
  expect(verdictOf(strict, () => true)).toEqual({ verdict: 'pass', messages: 74 })
  expect(verdictOf(strict, () => false)).toEqual({ verdict: 'fail', messages: 2 })
  expect(fewestMessages(asked)).toBe(6)
})

test.each([
  [0.5, 0.99, 8],
  [0.5, 0.9, 14],
  [0.5, 0.05, 10],
  [0.95, 1, 76],
  [0.95, 0.5, 12],
])(
  'asked for %f, where %f is the truth it takes %i messages in the mean at most',
  (passRate, truth, most) => {
    const random = seededRandom(3)
    const asked = { passRate, confidence: 0.95, mostMessages: 1000 }
    const messages = Array.from(
      { length: 1000 },
      () => verdictOf(asked, () => random() < truth).messages,
    )
    expect(messages.reduce((sum, n) => sum + n, 0) / 1000).toBeLessThan(most)
  },
)

test('undecided at the most messages is no answer, and tells how sure it is', () => {
  const test = new SequentialTest({ passRate: 0.5, confidence: 0.95, mostMessages: 4 })
  for (const passes of [true, true, true]) test.push(passes)
  expect(test.verdict).toBeNull()
  test.push(true)
  expect(test.verdict).toBe('undecided')
  expect(test.confidence).toBeGreaterThan(0.8)
  expect(test.confidence).toBeLessThan(0.95)
})

test('the confidence reached is at least what was asked, once it is decided', () => {
  const test = new SequentialTest({ passRate: 0.5, confidence: 0.95, mostMessages: 100 })
  expect(test.confidence).toBe(0)
  while (test.verdict === null) test.push(true)
  expect(test.confidence).toBeGreaterThanOrEqual(0.95)
  expect(test.confidence).toBeLessThan(1)
})

test('the interval has the true rate in it, whenever one looks', () => {
  const random = seededRandom(5)
  const truth = 0.7
  const missed = Array.from({ length: 300 }, () => {
    let [passes, failures] = [0, 0]
    for (let message = 0; message < 60; message++) {
      if (random() < truth) passes++
      else failures++
      const [least, most] = passRateInterval({ passes, failures }, 0.95)
      if (truth < least || truth > most) return true
    }
    return false
  }).filter(Boolean)
  expect(missed.length).toBeLessThanOrEqual(15)
  expect(passRateInterval({ passes: 0, failures: 0 }, 0.95)).toEqual([0, 1])
  const [least, most] = passRateInterval({ passes: 75, failures: 0 }, 0.95)
  expect(least).toBeCloseTo(0.95, 2)
  expect(most).toBe(1)
})

test.each([
  { passRate: 0, confidence: 0.95, mostMessages: 10 },
  { passRate: 1, confidence: 0.95, mostMessages: 10 },
  { passRate: Number.NaN, confidence: 0.95, mostMessages: 10 },
  { passRate: 0.5, confidence: 1, mostMessages: 10 },
  { passRate: 0.5, confidence: 0.95, mostMessages: 0 },
])('what cannot be asked is refused: %o', (asked) => {
  expect(() => new SequentialTest(asked)).toThrow(RangeError)
})
