import fc from 'fast-check'
import { strToU8, type Zippable, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { HeldBytes } from '../../src/recording/held-bytes.js'
import { unpack, type ZipEntry, zipEntries } from '../../src/recording/zip.js'
import { checkAnyDamage, readFile } from './read-file.js'

/** The files of an archive that came in pieces of so many bytes. */
function entriesOf(archive: Uint8Array, pieceBytes = archive.length): ZipEntry[] {
  const held = new HeldBytes()
  for (let at = 0; at < archive.length; at += pieceBytes) {
    held.push(archive.subarray(at, at + pieceBytes))
  }
  return zipEntries(held)
}

const VCD = strToU8(
  '$timescale 1 ms $end $var real 1 ! light $end $enddefinitions $end #0 r0.5 ! #80 r0.25 ! #160\n',
)
const VALUES = [[...Array(8).fill(0.5), ...Array(8).fill(0.25)]]

describe('an archive with one file', () => {
  it('is read as that file', () => {
    const read = readFile(zipSync({ 'a folder/capture.vcd': VCD }))
    expect(read).toEqual(readFile(VCD))
    expect(read.values).toEqual(VALUES)
  })

  it('may hold what macOS and Windows add, and folders', () => {
    const made = zipSync({
      'a/': new Uint8Array(),
      'a/capture.vcd': VCD,
      '__MACOSX/a/._capture.vcd': strToU8('x'),
      'a/.DS_Store': strToU8('x'),
      'Thumbs.db': strToU8('x'),
    })
    expect(readFile(made).values).toEqual(VALUES)
  })

  it('may hold an archive, but that none', () => {
    const twice = zipSync({ 'b.zip': zipSync({ 'capture.vcd': VCD }) })
    expect(readFile(twice).values).toEqual(VALUES)
    expect(() => readFile(zipSync({ 'c.zip': twice }))).toThrow('b.zip is no text')
  })
})

it('names the files of an archive with several', () => {
  const of = (count: number): Uint8Array =>
    zipSync(Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.vcd`, VCD])))
  expect(() => readFile(of(2))).toThrow(
    'the archive holds 2 files (0.vcd, 1.vcd): unpack it, and give one of them',
  )
  expect(() => readFile(of(6))).toThrow('6 files (0.vcd, 1.vcd, 2.vcd, 3.vcd, 4.vcd, …)')
  expect(() => readFile(zipSync({ 'a/': new Uint8Array() }))).toThrow('the archive holds no file')
})

it('says that an archive is encrypted', () => {
  const bytes = zipSync({ 'capture.vcd': VCD })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const directory = view.getUint32(bytes.length - 6, true)
  view.setUint16(directory + 8, 1, true)
  expect(() => readFile(bytes)).toThrow('the archive is encrypted: unpack it first')
})

/** An archive whose directory is `entries`, `count` of them. */
function withDirectory(archive: Uint8Array, entries: Uint8Array, count: number): Uint8Array {
  const end = new Uint8Array(22)
  const view = new DataView(end.buffer)
  view.setUint32(0, 0x06054b50, true)
  view.setUint16(10, count, true)
  view.setUint32(16, archive.length, true)
  return Uint8Array.of(...archive, ...entries, ...end)
}

/** The directory of an archive. */
function directoryOf(archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset)
  return archive.slice(view.getUint32(archive.length - 6, true), archive.length - 22)
}

describe('an archive that is small, and would take for ever or all memory to unpack, is refused', () => {
  const one = zipSync({ 'logic-1-1': new Uint8Array(1e5) })
  const repeated = (count: number): Uint8Array =>
    Uint8Array.from(Array.from({ length: count }, () => [...directoryOf(one)]).flat())

  it.each<[string, Uint8Array]>([
    ['files without end', withDirectory(one, new Uint8Array(0), 0xffff)],
    ['one file many times', withDirectory(one, repeated(1000), 1000)],
  ])('%s', (_, bytes) => {
    expect(bytes.length).toBeLessThan(1e6)
    expect(() => readFile(bytes)).toThrow('the archive is damaged')
  })
})

test('an archive is unpacked as by another program', () => {
  const files = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,9}$/),
    fc.tuple(fc.uint8Array({ maxLength: 50 }), fc.nat({ max: 20_000 }), fc.nat({ max: 9 })),
    { maxKeys: 5 },
  )
  fc.assert(
    fc.property(files, fc.nat({ max: 100 }), (made, commentLength) => {
      const contents = Object.entries(made).map(([name, [part, times, level]]) => {
        const bytes = Buffer.alloc(part.length * (times + 1), part)
        return [name, bytes, level] as const
      })
      const archive = zipSync(
        Object.fromEntries(
          contents.map(([name, bytes, level]) => [name, [bytes, { level }]]),
        ) as Zippable,
      )
      const commented = Buffer.concat([archive, Buffer.alloc(commentLength, 'x')])
      const read = new Map(
        entriesOf(commented, 1 + commentLength).map((entry) => [entry.name, entry]),
      )
      expect(read.size).toBe(contents.length)
      for (const [name, bytes] of contents) {
        const entry = read.get(name)
        expect(entry && Buffer.concat([...unpack(entry)]).equals(bytes)).toBe(true)
      }
    }),
    { numRuns: 100 },
  )
})

test('any damage to an archive ends in samples or a RecordingError', () => {
  checkAnyDamage(zipSync({ 'capture.vcd': VCD }))
})
