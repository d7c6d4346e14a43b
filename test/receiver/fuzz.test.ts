import { expect, test } from 'vitest'
import { fuzzCapture, fuzzFile } from '../../benchmarks/receiver/fuzz.js'
import { SENT } from '../../benchmarks/receiver/fuzz-captures.js'
import { SENT_IN_FILES } from '../../benchmarks/receiver/fuzz-files.js'

const SEEDS = Array.from({ length: 100 }, (_, n) => n)

// `npm run bench:receiver -- fuzz` tries as many as are wanted.
test.each([
  ['captures', fuzzCapture, [...SEEDS, 120_191, 140_007, 160_035], SENT],
  ['files', fuzzFile, SEEDS, SENT_IN_FILES],
])('any %s come to true figures, or to an error that is meant', (_, fuzzOne, seeds, sent) => {
  const packets = sent.map(String)
  const kinds = new Set<string>()
  for (const seed of seeds) {
    const { kind, receptions } = fuzzOne(seed)
    kinds.add(kind)
    for (const reception of receptions) {
      if ('config' in reception) expect(packets).toContain(String(reception.packet))
    }
  }
  expect(kinds.size).toBeGreaterThan(3)
})
