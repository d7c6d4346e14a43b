import { gzipSync } from 'node:zlib'
import { Gunzip, strToU8, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { Unpacker } from '../../src/recording/unpacker.js'
import { checkAnyDamage, readFile, readPieces } from './read-file.js'

const dump = (changes: number): Uint8Array => {
  const lines = Array.from({ length: changes }, (_, i) => `#${80 * i} ${i % 2}!`)
  return strToU8(
    `$timescale 1 ms $end $var wire 1 ! light $end $enddefinitions $end\n${lines.join('\n')}\n#${80 * changes}\n`,
  )
}

it('reads what is compressed', () => {
  expect(readFile(gzipSync(dump(1000)))).toEqual(readFile(dump(1000)))
})

it('reads an archive that is compressed, and what is compressed in an archive', () => {
  const expected = readFile(dump(9))
  expect(readFile(gzipSync(zipSync({ 'capture.vcd': dump(9) })))).toEqual(expected)
  expect(readFile(zipSync({ 'capture.vcd.gz': gzipSync(dump(9)) }))).toEqual(expected)
})

it('reads what was appended to it', () => {
  const whole = dump(9)
  const bytes = Buffer.concat([gzipSync(whole.subarray(0, 99)), gzipSync(whole.subarray(99))])
  expect(readFile(bytes)).toEqual(readFile(whole))
})

describe('a file that is cut off', () => {
  const whole = readFile(dump(20_000)).values[0] ?? []
  const packed = gzipSync(dump(20_000))

  it('is read until there, and told', () => {
    const { values, error } = readPieces([packed.subarray(0, packed.length / 2)])
    const read = values[0] ?? []
    expect(error?.message).toBe('the gzip file is damaged: record it again')
    expect(read.length).toBeGreaterThan(whole.length / 3)
    // What was held when it broke off is held for 1 s.
    expect(read.slice(0, -100)).toEqual(whole.slice(0, read.length - 100))
  })
})

it('refuses a small file that would take for ever to read', () => {
  const unpacker = new Unpacker((take) => new Gunzip(take), 'the gzip file', 2 ** 20)
  const bomb = gzipSync(Buffer.alloc(2 ** 20 + 1))
  expect(bomb.length).toBeLessThan(2 ** 11)
  const unpack = (): unknown => [...unpacker.push(bomb), ...unpacker.end()]
  expect(unpack).toThrow('the gzip file holds more than 0.0009765625 GiB: shorten it')
})

test('any damage to it ends in values or a RecordingError, however it is cut', () => {
  checkAnyDamage(gzipSync(dump(20)))
})
