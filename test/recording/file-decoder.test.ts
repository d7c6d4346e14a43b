import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { formatSymbols, modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import { CSV_HEADER, csvLines } from '../../src/recording/csv.js'
import { RecordingError } from '../../src/recording/errors.js'
import { type Decoded, FileDecoder } from '../../src/recording/file-decoder.js'

const SEQUENCE = modulate(encodePacket({ ssid: 'net', password: 'correct horse' }))
const SAMPLES = simulateChannel(SEQUENCE.levels, { sampleRateHz: 400 })
const CSV = Buffer.from(CSV_HEADER + csvLines(SAMPLES))
const LINES = SAMPLES.timesS.length + 1
const JSON_PAIRS = Buffer.from(
  JSON.stringify(Array.from(SAMPLES.timesS, (s, n) => [s * 1e6, 65535 * (SAMPLES.levels[n] ?? 0)])),
)
const SYMBOLS = Buffer.from(formatSymbols(SEQUENCE))
const SESSION = zipSync({
  version: strToU8('2'),
  metadata: strToU8('[device 1]\nsamplerate=400 Hz\ntotal analog=1\nanalog1=A0\n'),
  'analog-1-1-1': new Uint8Array(Float32Array.from(SAMPLES.levels).buffer),
})
const BOM = Buffer.from('\uFEFF')
const concat = (...parts: (string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)))

/** What a decoder makes of a file in pieces: what it finds, and the error after that. */
function decode(pieces: Iterable<Uint8Array>) {
  const decoder = new FileDecoder('a.csv')
  const found: Decoded[] = []
  try {
    for (const piece of pieces) for (const reception of decoder.push(piece)) found.push(reception)
    for (const reception of decoder.end()) found.push(reception)
    return { found, error: null }
  } catch (error) {
    return { found, error }
  }
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Files, what is found in them, and the sentence in which they end. */
const FILES: readonly [what: string, bytes: Uint8Array, ok: boolean[], says: string | null][] = [
  ['CSV', CSV, [true], null],
  ['CSV of another program', concat(BOM, 't [µs],v\r\n0,0.5\r\n'), [false], null],
  ['JSON pairs', JSON_PAIRS, [true], null],
  ['JSON pairs after spaces', concat(BOM, ' \n ', JSON_PAIRS), [true], null],
  ['a sigrok session', SESSION, [true], null],
  ['symbols', SYMBOLS, [true], null],
  [
    'symbols in lines',
    concat(BOM, '\n', String(SYMBOLS).replace(/.{60}/g, '$&\r\n')),
    [true],
    null,
  ],
  [
    'a CSV that breaks',
    concat(CSV, '9\n', CSV),
    [true],
    `line ${LINES + 1}: give 2 cells, as in the lines before it, not 1`,
  ],
  ['two captures', concat(CSV, CSV), [true], 'give one capture at a time'],
  ['a CSV that ends soon', concat(CSV.subarray(0, 50), 'x\n'), [false], null],
  ['a CSV with bytes that are no UTF-8', concat(CSV, Uint8Array.of(0xc3, 10)), [true], null],
  ['half a character at the end', concat(CSV, Uint8Array.of(0xc3)), [true], null],
  ['JSON that breaks', concat(JSON_PAIRS, ']'), [true], 'it is no JSON: a value must stand here'],
  ['JSON that is no text', concat('[', Uint8Array.of(0xff)), [], 'there are no lines of numbers'],
  ['nothing', new Uint8Array(), [], 'there are no samples'],
  ['a byte order mark', BOM, [], 'there are no samples'],
  ['half a signature of an archive', Buffer.from('PK\x03'), [], 'is no text, and no recording'],
  ['spaces', Buffer.from(' \n'), [], 'there are no samples'],
]

describe.each(FILES)('%s', (_, bytes, ok, says) => {
  it('is read as what it is', () => {
    const { found, error } = decode([bytes])
    expect(found.map((decoded) => 'config' in decoded)).toEqual(ok)
    if (says === null) expect(error).toBe(null)
    else expect(error).toMatchObject({ message: expect.stringContaining(says) })
  })

  it('is the same in pieces of any size', () => {
    const whole = decode([bytes])
    for (const size of [1, 7, 1000]) expect(decode(cut(bytes, size))).toEqual(whole)
    fc.assert(
      fc.property(fc.nat({ max: bytes.length }), (place) => {
        expect(decode([bytes.subarray(0, place), bytes.subarray(place)])).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })
})

test('digits are symbols up to 1 MiB, and no capture beyond', () => {
  const spaces = ' '.repeat(2 ** 20 - SYMBOLS.length)
  expect(decode([concat(SYMBOLS, spaces)])).toMatchObject({
    found: [{ kind: 'symbols' }],
    error: null,
  })
  for (const size of [2 ** 20, 2 ** 21]) {
    const { found, error } = decode(cut(concat(SYMBOLS, spaces, '\n'), size))
    expect(found).toEqual([])
    expect(error).toMatchObject({ message: expect.stringMatching(/^line 1: it is longer than 64/) })
  }
})

test('a message is found before the capture ends', () => {
  const decoder = new FileDecoder('a.csv')
  const at = CSV.length - 40 // a fraction of the darkness after the message
  expect([...decoder.push(CSV.subarray(0, at / 2))]).toEqual([])
  expect([...decoder.push(CSV.subarray(at / 2, at))]).toMatchObject([{ kind: 'message' }])
})

test('256 MiB are the most for an archive', () => {
  const zeros = Buffer.alloc(2 ** 20, '0')
  const decoder = new FileDecoder('a.json')
  const push = (bytes: Uint8Array): unknown => [...decoder.push(bytes)]
  push(Buffer.from('PK\x03\x04'))
  for (let n = 1; n < 256; n++) push(zeros)
  expect(() => push(zeros)).toThrow(
    new RecordingError('too-large', 'a.json is larger than 256 MiB: shorten it'),
  )
})
