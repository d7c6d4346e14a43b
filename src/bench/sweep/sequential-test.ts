import { type Interval, solve } from '../statistics.js'

/** What is asked of a share of passes, and how sure the answer has to be. */
export interface Asked {
  /** The least share of messages that must pass, above 0 and below 1. */
  readonly passRate: number
  /** Above 0 and below 1: at any stopping time an answer is wrong with a probability of 1 less this, at most. */
  readonly confidence: number
  /** Without an answer until then it is undecided. */
  readonly mostMessages: number
}

export interface Tally {
  readonly passes: number
  readonly failures: number
}

export type TestVerdict = 'pass' | 'fail' | 'undecided'

/**
 * Most of the weight is on the alternative that a point is clear: all pass, or all fail. Then the fewest messages decide; the rest is
 * spread evenly over all other alternatives, so that any true share but the asked one is decided in the end.
 */
const CLEAR_WEIGHT = 0.9

/**
 * Decides, message by message, whether the true share of messages that pass is above what is asked or below. For each direction it bets
 * against the asked share: the evidence is the mean, over the alternatives, of how much likelier they make what came than the asked
 * share does. While the asked share, or one beyond it, is the truth, the evidence is a nonnegative supermartingale that begins with 1, and so
 * comes to 1/p with a probability of p at most, whenever one looks (Ville's inequality). Each direction has half of the error.
 */
export class SequentialTest {
  #passes = 0
  #failures = 0
  #mostAbove = 1
  #mostBelow = 1

  /** Throws RangeError for what cannot be asked. */
  constructor(private readonly asked: Asked) {
    checkAsked(asked)
  }

  get tally(): Tally {
    return { passes: this.#passes, failures: this.#failures }
  }

  push(hasPassed: boolean): void {
    if (hasPassed) this.#passes++
    else this.#failures++
    const { passRate } = this.asked
    this.#mostAbove = Math.max(this.#mostAbove, evidenceAbove(passRate, this.tally))
    this.#mostBelow = Math.max(this.#mostBelow, evidenceBelow(passRate, this.tally))
  }

  /** Null until it is decided, or there have been the most messages. */
  get verdict(): TestVerdict | null {
    const enough = 2 / (1 - this.asked.confidence)
    if (this.#mostAbove >= enough) return 'pass'
    if (this.#mostBelow >= enough) return 'fail'
    return this.#passes + this.#failures >= this.asked.mostMessages ? 'undecided' : null
  }

  /** How sure it is that the share is above what is asked, or below it, whichever is surer: 0 to 1. */
  get confidence(): number {
    return Math.max(0, 1 - 2 / Math.max(this.#mostAbove, this.#mostBelow))
  }
}

/** How many messages decide at the least, when all of them pass. Throws RangeError for what cannot be asked. */
export function fewestMessages(asked: Omit<Asked, 'mostMessages'>): number {
  const test = new SequentialTest({ ...asked, mostMessages: Number.POSITIVE_INFINITY })
  while (test.verdict === null) test.push(true)
  return test.tally.passes
}

/**
 * The shares that a tally does not speak against, whenever its messages ended: the true one is among them with a probability of `confidence`
 * at least.
 */
export function passRateInterval(tally: Tally, confidence: number): Interval {
  const enough = 2 / (1 - confidence)
  const rate = tally.passes / (tally.passes + tally.failures)
  if (Number.isNaN(rate)) return [0, 1]
  return [
    // The evidence falls as the asked share comes up to the one that was seen.
    solve((share) => -evidenceAbove(share, tally), -enough, [0, rate]),
    solve((share) => evidenceBelow(share, tally), enough, [rate, 1]),
  ]
}

/** Throws RangeError for what cannot be asked. */
function checkAsked({ passRate, confidence, mostMessages }: Asked): void {
  const isPart = (part: number): boolean => part > 0 && part < 1
  if (!isPart(passRate)) throw new RangeError('give a pass rate above 0 and below 1')
  if (!isPart(confidence)) throw new RangeError('give a confidence above 0 and below 1')
  if (!(mostMessages >= 1)) throw new RangeError('give at least one message')
}

const evidenceBelow = (passRate: number, { passes, failures }: Tally): number =>
  evidenceAbove(1 - passRate, { passes: failures, failures: passes })

/**
 * The mean likelihood of the alternatives above the asked share over its own. Of those spread evenly it is an incomplete beta
 * function, which for whole numbers is a sum of binomial probabilities.
 */
function evidenceAbove(passRate: number, { passes, failures }: Tally): number {
  const messages = passes + failures
  const clear = failures === 0 ? passRate ** -messages : 0
  // Of terms b(k; n + 1, p) for k up to the passes, each over b(passes; n, p): from the last one down.
  let term = ((messages + 1) * (1 - passRate)) / (failures + 1)
  let sum = 0
  for (let k = passes; k >= 0; k--) {
    sum += term
    term *= (k * (1 - passRate)) / ((messages + 2 - k) * passRate)
  }
  const spread = sum / ((1 - passRate) * (messages + 1))
  return CLEAR_WEIGHT * clear + (1 - CLEAR_WEIGHT) * spread
}
