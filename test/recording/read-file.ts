import fc from 'fast-check'
import { expect } from 'vitest'
import { ModulationError } from '../../src/modulation/index.js'
import { RecordingError } from '../../src/recording/errors.js'
import type { DecodedSymbols } from '../../src/recording/format.js'
import { openFile } from '../../src/recording/formats.js'
import type { Channel, ReadOptions } from '../../src/recording/recording.js'

/** A file as it was read: values of each channel, as many as times. */
export interface ReadFile {
  readonly channels: readonly Channel[]
  readonly timesS: readonly (readonly number[])[]
  readonly values: readonly (readonly number[])[]
  readonly symbols: readonly DecodedSymbols[]
  /** What ended it, if anything did. */
  readonly error: RecordingError | ModulationError | null
}

/** Reads a file that comes in these pieces. Throws anything but what a file may end in. */
export function readPieces(pieces: Iterable<Uint8Array>, options: ReadOptions = {}): ReadFile {
  const reader = openFile('capture', options)
  const timesS: number[][] = []
  const values: number[][] = []
  const symbols: DecodedSymbols[] = []
  const take = (blocks: ReturnType<typeof reader.end>): void => {
    for (const block of blocks) {
      if ('kind' in block) {
        symbols.push(block)
        continue
      }
      for (const [i, column] of block.values.entries()) {
        const channel = block.firstChannel + i
        expect(column.length).toBe(block.timesS.length)
        timesS[channel] = [...(timesS[channel] ?? []), ...block.timesS]
        values[channel] = [...(values[channel] ?? []), ...column]
      }
      expect(reader.channels.length).toBeGreaterThanOrEqual(values.length)
    }
  }
  let error: RecordingError | ModulationError | null = null
  try {
    for (const piece of pieces) take(reader.push(piece))
    take(reader.end())
  } catch (fault) {
    // What is left of a file may be digits, which are symbols.
    if (!(fault instanceof RecordingError || fault instanceof ModulationError)) throw fault
    error = fault
  }
  return { channels: reader.channels, timesS, values, symbols, error }
}

/** Reads a file that comes at once, and has no fault. */
export function readFile(bytes: Uint8Array, options?: ReadOptions): ReadFile {
  const read = readPieces([bytes], options)
  if (read.error) throw read.error
  return read
}

/** Checks that a file, as it is and with any damage, ends in values or an error of its kind, the same however it is cut. */
export function checkAnyDamage(whole: Uint8Array, options?: ReadOptions): void {
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 5 })
  fc.assert(
    fc.property(
      damage,
      fc.nat(whole.length),
      fc.integer({ min: 1, max: 50 }),
      (hits, length, cut) => {
        const bytes = whole.slice(0, length)
        for (const [at, value] of hits) if (at < length) bytes[at] = value
        const pieces = []
        for (let at = 0; at < length; at += cut) pieces.push(bytes.subarray(at, at + cut))
        const read = readPieces([bytes], options)
        expect(readPieces(pieces, options)).toEqual(read)
        for (const times of read.timesS) {
          expect(times.every((timeS, i) => i === 0 || timeS >= (times[i - 1] as number))).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
}
