import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Batches } from '../../../src/bench/tuning/batches.js'
import { SampleRing } from '../../../src/bench/tuning/sample-ring.js'
import type { SampleBlock } from '../../../src/light/samples.js'

const block = (times: readonly number[], gap?: SampleBlock['gap']): SampleBlock => ({
  timesS: Float64Array.from(times),
  levels: Float64Array.from(times, (timeS) => (timeS % 8) / 8),
  ...(gap && { gap }),
})

test('a ring has the newest samples of any stretch of time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 9 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: -3, max: 60 }),
      fc.integer({ min: -3, max: 60 }),
      (sizes, capacity, fromS, toS) => {
        const ring = new SampleRing(capacity)
        const all: number[] = []
        for (const size of sizes) {
          const times = Array.from({ length: size }, (_, n) => all.length + n)
          ring.push(block(times))
          all.push(...times)
        }
        const expected = all.slice(-capacity).filter((timeS) => timeS >= fromS && timeS <= toS)
        expect(ring.between(fromS, toS)).toEqual(block(expected))
        expect(ring.newestS).toBe(all.at(-1) ?? null)
      },
    ),
  )
})

test('batches hold every sample once, have enough of them, and begin at a gap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.boolean()), { maxLength: 30 }),
      fc.integer({ min: 1, max: 20 }),
      (blocks, size) => {
        const batches = new Batches(size)
        const given: number[] = []
        const gapsAt: number[] = []
        const got: SampleBlock[] = []
        for (const [count, hasGap] of blocks) {
          const times = Array.from({ length: count }, (_, n) => given.length + n)
          const gap = hasGap ? { startS: given.length - 0.5, samples: 1 } : undefined
          if (gap) gapsAt.push(given.length)
          got.push(...batches.push(block(times, gap)))
          given.push(...times)
        }
        const taken = got.flatMap(({ timesS }) => [...timesS])
        expect(taken).toEqual(given.slice(0, taken.length))
        expect(given.length - taken.length).toBeLessThan(size)
        const begun = got.flatMap(({ gap }) => (gap ? [gap.startS + 0.5] : []))
        expect(begun).toEqual(gapsAt.slice(0, begun.length))
        expect(gapsAt.slice(begun.length).every((at) => at >= taken.length)).toBe(true)
        const short = got.filter((batch, n) => batch.timesS.length < size && !got[n + 1]?.gap)
        expect(short.every((batch) => batch === got.at(-1))).toBe(true)
      },
    ),
  )
})
