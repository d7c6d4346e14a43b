import { expect, it } from 'vitest'
import { CAUSES, tell } from '../../../benchmarks/receiver/caused.js'

// `npm run bench:receiver -- truth` tries more.
const TRIALS = 60

it.each(CAUSES)('tells the truth: %s', (cause) => {
  const wrong: string[] = []
  for (let trial = 1; trial <= TRIALS; trial++) {
    const seed = 1000 * CAUSES.indexOf(cause) + trial
    const { receptions, faults } = tell(cause, seed)
    expect(receptions).not.toEqual([])
    wrong.push(...faults.map(({ what }) => `${seed}: ${what}`))
  }
  expect(wrong).toEqual([])
})
