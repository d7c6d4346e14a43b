import { Inflate } from 'fflate'
import { RecordingError } from './errors.js'
import type { HeldBytes } from './held-bytes.js'
import { Unpacker } from './unpacker.js'

/** A file in an archive; all that it says of itself may be false. */
export interface ZipEntry {
  readonly name: string
  /** Unpacked. */
  readonly sizeBytes: number
  readonly isDeflated: boolean
  /** The bytes in the archive, in pieces. */
  packed(): Iterable<Uint8Array>
}

/** How a zip archive begins. */
export const ZIP_SIGNATURE = 'PK\x03\x04'

const END_SIGNATURE = 0x06054b50
const END_BYTES = 22
const MOST_COMMENT_BYTES = 0xffff
const ENTRY_SIGNATURE = 0x02014b50
const ENTRY_BYTES = 46
const LOCAL_SIGNATURE = 0x04034b50
const LOCAL_BYTES = 30
const STORED = 0
const DEFLATED = 8
const ENCRYPTED = 1

const PIECE_BYTES = 1 << 16

/**
 * The files of a zip archive, from its central directory (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16). Archives beyond 4 GiB or
 * 65,535 files, which need Zip64, are taken for damaged, as are those whose files share their bytes.
 *
 * @throws RecordingError
 */
export function zipEntries(archive: HeldBytes): ZipEntry[] {
  try {
    const end = endOfDirectory(archive)
    const directory = archive.slice(end.getUint32(16, true), archive.length)
    const view = viewOf(directory)
    const entries: ZipEntry[] = []
    let packedBytes = 0
    let at = 0
    for (let left = end.getUint16(10, true); left > 0; left--) {
      if (view.getUint32(at, true) !== ENTRY_SIGNATURE) throw damaged()
      const flags = view.getUint16(at + 8, true)
      if (flags & ENCRYPTED) {
        throw new RecordingError('format', 'the archive is encrypted: unpack it first')
      }
      const method = view.getUint16(at + 10, true)
      if (method !== STORED && method !== DEFLATED) throw damaged()
      const lengthBytes = view.getUint32(at + 20, true)
      packedBytes += lengthBytes
      if (packedBytes > archive.length) throw damaged()
      const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true)
      const start = startOf(archive, view.getUint32(at + 42, true))
      if (start + lengthBytes > archive.length) throw damaged()
      entries.push({
        name: new TextDecoder().decode(directory.subarray(at + ENTRY_BYTES, nameEnd)),
        sizeBytes: view.getUint32(at + 24, true),
        isDeflated: method === DEFLATED,
        packed: () => slices(archive, start, start + lengthBytes),
      })
      at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    }
    return entries
  } catch (error) {
    throw error instanceof RangeError ? damaged(error) : error // an offset that is nowhere
  }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function endOfDirectory(archive: HeldBytes): DataView {
  const first = Math.max(0, archive.length - END_BYTES - MOST_COMMENT_BYTES)
  const view = viewOf(archive.slice(first, archive.length))
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return new DataView(view.buffer, at)
  }
  throw damaged()
}

/** Where the bytes of a file begin, from its own header. */
function startOf(archive: HeldBytes, at: number): number {
  const view = viewOf(archive.slice(at, at + LOCAL_BYTES))
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) throw damaged()
  return at + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
}

function* slices(archive: HeldBytes, from: number, to: number): Generator<Uint8Array> {
  for (let at = from; at < to; at += PIECE_BYTES) {
    yield archive.slice(at, Math.min(to, at + PIECE_BYTES))
  }
}

/**
 * Unpacks a file piece by piece, each of at most 64 KiB.
 *
 * @throws RecordingError when it is damaged, or its size is not what it says
 */
export function* unpack({ packed, sizeBytes, isDeflated }: ZipEntry): Generator<Uint8Array> {
  let leftBytes = sizeBytes
  for (const bytes of isDeflated ? inflated(packed()) : packed()) {
    leftBytes -= bytes.length
    if (leftBytes < 0) throw damaged()
    yield bytes
  }
  if (leftBytes !== 0) throw damaged()
}

function* inflated(packed: Iterable<Uint8Array>): Generator<Uint8Array> {
  const unpacker = new Unpacker((take) => new Inflate(take), 'the archive')
  for (const bytes of packed) yield* unpacker.push(bytes)
  yield* unpacker.end()
}

const damaged = (cause?: unknown): RecordingError =>
  new RecordingError('damaged', 'the archive is damaged: record it again', { cause })
