import { Inflate } from 'fflate'
import { RecordingError } from './errors.js'

/** A file in an archive; all that it says of itself may be false. */
export interface ZipEntry {
  readonly name: string
  /** Unpacked. */
  readonly sizeBytes: number
  readonly packed: Uint8Array
  readonly isDeflated: boolean
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

/** Deflate makes at most 1,032 bytes of each, so that a piece of this unpacks to at most 4 MiB. */
const PIECE_BYTES = 4096
const MOST_YIELDED_BYTES = 1 << 16

/**
 * The files of a zip archive, from its central directory (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16). Archives beyond 4 GiB or
 * 65,535 files, which need Zip64, are taken for damaged, as are those whose files share their bytes.
 *
 * @throws RecordingError
 */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const end = endOfDirectory(view)
    const entries: ZipEntry[] = []
    let packedBytes = 0
    let at = view.getUint32(end + 16, true)
    for (let left = view.getUint16(end + 10, true); left > 0; left--) {
      if (view.getUint32(at, true) !== ENTRY_SIGNATURE) throw damaged()
      const method = view.getUint16(at + 10, true)
      const lengthBytes = view.getUint32(at + 20, true)
      const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true)
      const local = view.getUint32(at + 42, true)
      if (view.getUint32(local, true) !== LOCAL_SIGNATURE) throw damaged()
      const start =
        local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
      packedBytes += lengthBytes
      if (start + lengthBytes > bytes.length || packedBytes > bytes.length) throw damaged()
      if (method !== STORED && method !== DEFLATED) throw damaged()
      entries.push({
        name: String.fromCharCode(...bytes.subarray(at + ENTRY_BYTES, nameEnd)),
        sizeBytes: view.getUint32(at + 24, true),
        packed: bytes.subarray(start, start + lengthBytes),
        isDeflated: method === DEFLATED,
      })
      at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    }
    return entries
  } catch (error) {
    throw error instanceof RangeError ? damaged(error) : error // an offset that is nowhere
  }
}

function endOfDirectory(view: DataView): number {
  const last = view.byteLength - END_BYTES
  for (let at = last; at >= Math.max(0, last - MOST_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at
  }
  throw damaged()
}

/**
 * Unpacks a file piece by piece, each of at most 64 KiB.
 *
 * @throws RecordingError when it is damaged, or its size is not what it says
 */
export function* unpack({ packed, sizeBytes, isDeflated }: ZipEntry): Generator<Uint8Array> {
  let leftBytes = sizeBytes
  let isWhole = !isDeflated
  const unpacked: Uint8Array[] = []
  const inflate = new Inflate((piece, isLast) => {
    unpacked.push(piece)
    isWhole ||= isLast
  })
  for (let at = 0; at < packed.length; at += PIECE_BYTES) {
    const piece = packed.subarray(at, at + PIECE_BYTES)
    if (isDeflated) inflateNext(inflate, piece, at + PIECE_BYTES >= packed.length)
    else unpacked.push(piece)
    for (const bytes of unpacked.splice(0)) {
      leftBytes -= bytes.length
      if (leftBytes < 0) throw damaged()
      for (let i = 0; i < bytes.length; i += MOST_YIELDED_BYTES) {
        yield bytes.subarray(i, i + MOST_YIELDED_BYTES)
      }
    }
  }
  if (leftBytes !== 0 || !isWhole) throw damaged()
}

function inflateNext(inflate: Inflate, piece: Uint8Array, isLast: boolean): void {
  try {
    inflate.push(piece, isLast)
  } catch (error) {
    throw damaged(error)
  }
}

const damaged = (cause?: unknown): RecordingError =>
  new RecordingError('damaged', 'the archive is damaged: record the session again', { cause })
