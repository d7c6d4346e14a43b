import { FARTHEST_S, type SampleBlock } from '../light/samples.js'
import { RecordingError, type RecordingErrorCode } from './errors.js'
import { type FileFormat, HEAD_BYTES, toText, WholeReader } from './format.js'

const FULL_SCALE = 65_535

// One pair, and what may stand between two of them.
const PAIR = /\s*\[\s*(-?[\d.eE+-]+)\s*,\s*(-?[\d.eE+-]+)\s*\]\s*/y

/** An array of pairs, which only whole is JSON. */
export const JSON_PAIRS: FileFormat = {
  name: 'json',
  fits: (head, isWhole) => {
    if (/^(\xef\xbb\xbf)?\s*\[/.test(head)) return true
    const mayBegin = /^(\xef\xbb\xbf|\xef\xbb|\xef)?\s*$/.test(head) && head.length < HEAD_BYTES
    return mayBegin && !isWhole ? null : false
  },
  open: (name) => new WholeReader(name, (bytes) => [parseJsonPairs(toText(bytes, name))]),
}

/**
 * Reads a capture as the published tuning firmware makes it: a JSON array of pairs, time in µs and level 0..65535
 * (docs/protocol.md section 4).
 *
 * @throws RecordingError that names line and column
 */
export function parseJsonPairs(text: string): SampleBlock {
  const timesS: number[] = []
  const levels: number[] = []
  let at = text.search(/\S/)
  const fail = (code: RecordingErrorCode, what: string): never => {
    const place = at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0)
    const before = text.slice(0, place).split('\n')
    throw new RecordingError(
      code,
      `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: ${what}`,
    )
  }
  if (text[at] !== '[')
    fail('format', 'give an array of pairs, [time in µs, level from 0 to 65535]')
  at++
  for (;;) {
    PAIR.lastIndex = at
    const pair = PAIR.exec(text)
    if (!pair) break
    const [whole, time, value] = pair
    const timeS = Number(time) / 1e6
    const level = Number(value) / FULL_SCALE
    if (Math.abs(timeS) >= FARTHEST_S)
      fail('range', 'the time is farther than 10^10 s from zero: give µs')
    if (!(timeS >= (timesS.at(-1) ?? Number.NEGATIVE_INFINITY))) {
      fail('order', 'the time must be a number and not earlier than the one before it')
    }
    if (!(level >= 0 && level <= 1)) fail('range', 'give the level as a number from 0 to 65535')
    timesS.push(timeS)
    levels.push(level)
    at += whole.length
    if (text[at] !== ',') break
    at++
  }
  if (text[at] !== ']' || (timesS.length > 0 && text[at - 1] === ',')) {
    fail('format', 'give pairs, [time in µs, level from 0 to 65535], with commas between them')
  }
  at++
  if (text.slice(at).trim() !== '') fail('format', 'nothing may follow the array')
  if (timesS.length === 0) throw new RecordingError('empty', 'there are no samples: give a capture')
  return { timesS: Float64Array.from(timesS), levels: Float64Array.from(levels) }
}
