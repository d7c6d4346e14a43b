import { describe, expect, test } from 'vitest'
import { LevelFollower, MARKER_BITS } from '../../../src/receiver/read/level-follower.js'

const GREY = 0.3
const WHITE = 0.6
const symbol = (swing: number) => ({ swing, neighbours: [0, 0, 0] as const })

/** A follower that has seen a sync and the marker. */
function afterMarker(): LevelFollower {
  const follower = new LevelFollower()
  for (let bit = 0; bit < 16; bit++) follower.learnGrey(symbol(GREY))
  expect(follower.learnMarker(MARKER_BITS.map((one) => symbol(one ? WHITE : GREY)))).toBe(true)
  return follower
}

describe('a bit near the threshold', () => {
  test.each([0.02, 0.05, 0.5])('%f above it is learnt as white, and moves white down', (margin) => {
    const follower = afterMarker()
    const level = GREY + ((1 + margin) / 2) * (WHITE - GREY)
    expect(follower.decide(symbol(level))).toBeCloseTo(margin, 9)
    expect(follower.decide(symbol(WHITE))).toBeGreaterThan(1)
  })

  test.each([0.02, 0.05, 0.5])('%f below it is learnt as grey, and moves grey up', (margin) => {
    const follower = afterMarker()
    const level = GREY + ((1 - margin) / 2) * (WHITE - GREY)
    expect(follower.decide(symbol(level))).toBeCloseTo(-margin, 9)
    expect(follower.decide(symbol(GREY))).toBeLessThan(-1)
  })
})
