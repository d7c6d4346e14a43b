import { gzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { type Decoded, type DecodeOptions, FileDecoder } from '../../src/recording/file-decoder.js'
import { INSTRUMENT_FILES, PACKET } from './instruments.js'

function decode(bytes: Uint8Array, pieceBytes: number, options: DecodeOptions) {
  const decoder = new FileDecoder('a file', null, options)
  const found: Decoded[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    found.push(...decoder.push(bytes.subarray(at, at + pieceBytes)))
  }
  found.push(...decoder.end())
  return { found, channels: decoder.channels }
}

describe.each(Object.entries(INSTRUMENT_FILES))('%s', (_, file) => {
  const bytes = Buffer.from(file.text)
  const lines = file.lines && { whiteLine: file.lines[0], greyLine: file.lines[1] }
  const options: DecodeOptions = { ...file.options, ...lines }
  const whole = decode(bytes, bytes.length, options)

  test('is read as it comes', () => {
    expect(whole.found).toMatchObject([{ kind: 'message', packet: PACKET }])
    const read = whole.channels.filter(({ isRead }) => isRead)
    if (file.lines) expect(read.map(({ name }) => name)).toEqual(file.lines)
    else {
      expect(read).toMatchObject([
        {
          ...(file.channel !== undefined && { name: file.channel }),
          ...(file.unit !== undefined && { unit: file.unit }),
        },
      ])
    }
  })

  test('is the same in pieces, and packed', () => {
    expect(decode(bytes, 777, options)).toEqual(whole)
    expect(decode(gzipSync(bytes), 5000, options)).toEqual(whole)
  })
})
