import { randomExponential, randomLcg } from 'd3-random'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SampleBlock } from '../../../src/light/samples.js'
import { ScanBeat } from '../../../src/rig/raspberry-pi/scan-beat.js'

/** Scans at these beats, each late by a part of a period. Its level is the number of its scan, so that each is known again. */
function scansAt(
  beats: readonly number[],
  periodS: number,
  lateOf: (scan: number) => number,
): SampleBlock {
  return {
    timesS: Float64Array.from(beats, (beat, scan) => 1000 + (beat + lateOf(scan)) * periodS),
    levels: Float64Array.from(beats, (_, scan) => scan),
  }
}

/** What comes of scans that are read in pieces of these lengths, over and over. */
function blocksOf({ timesS, levels }: SampleBlock, lengths: readonly number[], beat: ScanBeat) {
  const blocks: SampleBlock[] = []
  for (let from = 0, i = 0; from < timesS.length; i++) {
    const to = from + (lengths[i % lengths.length] as number)
    blocks.push(
      ...beat.take({ timesS: timesS.subarray(from, to), levels: levels.subarray(from, to) }),
    )
    from = to
  }
  return blocks
}

/** Which scans are missing before which one: [scan, missing] each. */
const told = (blocks: readonly SampleBlock[]): [number, number][] =>
  blocks.flatMap(({ gap, levels }) => (gap ? [[levels[0] as number, gap.samples]] : []))

const lost = (beats: readonly number[]): [number, number][] =>
  beats.flatMap((beat, scan) => {
    const missing = scan === 0 ? 0 : beat - (beats[scan - 1] as number) - 1
    return missing > 0 ? [[scan, missing]] : []
  })

const periodArbitrary = fc.double({ min: 1 / 9000, max: 1 / 250, noNaN: true })
const lengthsArbitrary = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 9 })
/** How late scans are by turns, at most so much of a period. */
const latenessArbitrary = (max: number) =>
  fc
    .array(fc.double({ min: 0, max, noNaN: true }), { minLength: 1, maxLength: 300 })
    .map((late) => (scan: number) => late[scan % late.length] as number)
/** Beats with a scan, from steps between them. */
const beatsArbitrary = (step: fc.Arbitrary<number>, scans: { min: number; max: number }) =>
  fc.array(step, { minLength: scans.min, maxLength: scans.max, size: 'max' }).map((steps) => {
    let beat = 0
    return [0, ...steps.map((by) => (beat += by))]
  })

describe('what is told of missing scans', () => {
  test('is what was lost, scan for scan, for any pattern of loss and of lateness', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
    )
    fc.assert(
      fc.property(
        periodArbitrary,
        beatsArbitrary(step, { min: 64, max: 400 }),
        latenessArbitrary(0.25),
        lengthsArbitrary,
        (periodS, beats, lateOf, lengths) => {
          const blocks = blocksOf(scansAt(beats, periodS, lateOf), lengths, new ScanBeat(periodS))
          expect(blocks.flatMap(({ levels }) => [...levels])).toEqual(beats.map((_, scan) => scan))
          expect(told(blocks)).toEqual(lost(beats))
        },
      ),
    )
  })

  test('is the same where the trigger does not tell its beat, or tells another one', () => {
    const step = fc.oneof(
      { weight: 9, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) },
    )
    fc.assert(
      fc.property(
        periodArbitrary,
        fc.option(fc.oneof(fc.double({ min: 0.52, max: 0.9 }), fc.double({ min: 1.1, max: 5 }))),
        beatsArbitrary(step, { min: 64, max: 1000 }),
        latenessArbitrary(0.1),
        (periodS, off, beats, lateOf) => {
          const beat = off === null ? new ScanBeat() : new ScanBeat(off * periodS)
          expect(told(blocksOf(scansAt(beats, periodS, lateOf), [50], beat))).toEqual(lost(beats))
        },
      ),
    )
  })

  test('is nothing of scans that are only late, here and there by two thirds of a period', () => {
    fc.assert(
      fc.property(
        periodArbitrary,
        fc.boolean(),
        fc.array(fc.double({ min: 0, max: 0.66, noNaN: true }), {
          minLength: 10,
          maxLength: 50,
        }),
        fc.integer({ min: 17, max: 40 }),
        (periodS, isTold, late, apart) => {
          const lateOf = (scan: number): number =>
            scan % apart === 0 ? (late[(scan / apart) % late.length] as number) : 0
          const beats = Array.from({ length: 2000 }, (_, beat) => beat)
          const beat = new ScanBeat(isTold ? periodS : undefined)
          expect(told(blocksOf(scansAt(beats, periodS, lateOf), [50], beat))).toEqual([])
        },
      ),
    )
  })

  test('adds up where scans are later than that all the time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (seed, lateness) => {
          const late = randomExponential.source(randomLcg(seed / 2 ** 31))(1 / lateness)
          // As the kernel does: a beat while the last scan is at work has none.
          const times: number[] = []
          for (let beat = 0; times.length < 5000; beat++) {
            if (beat > (times.at(-1) ?? -1)) times.push(beat + late())
          }
          const blocks = blocksOf(
            scansAt(times, 0.001, () => 0),
            [50],
            new ScanBeat(0.001),
          )
          const sum = times.length + told(blocks).reduce((total, [, missing]) => total + missing, 0)
          const part = sum / (times.at(-1) as number)
          expect(part).toBeGreaterThan(0.97)
          expect(part).toBeLessThan(1.03)
        },
      ),
    )
  })

  test('is nothing where the distances follow no beat', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const distance = randomExponential.source(randomLcg(seed / 2 ** 31))(1)
        let beat = 0
        const beats = Array.from({ length: 500 }, () => (beat += 0.01 + distance()))
        expect(
          told(
            blocksOf(
              scansAt(beats, 0.001, () => 0),
              [50],
              new ScanBeat(),
            ),
          ),
        ).toEqual([])
      }),
    )
  })
})
