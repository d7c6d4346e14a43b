import { joined } from './bytes.js'
import { RecordingError } from './errors.js'

/** fflate's Inflate, or Gunzip. */
interface Decompressor {
  push(bytes: Uint8Array, isLast?: boolean): void
}

/** Deflate makes at most 1,032 bytes of each, so that a piece of this unpacks to at most 1 MiB. */
const PIECE_BYTES = 1024
const MOST_YIELDED_BYTES = 1 << 16

/** Bounds how long a small file may take: some 10 s to unpack. 8 logic lines at 24 MHz have as much in 89 s. */
export const MOST_UNPACKED_BYTES = 2 ** 31

/**
 * Unpacks a compressed file as its bytes come, into pieces of at most 64 KiB. It is fed in pieces of its own, so that the result, and
 * what comes before an error, does not depend on how the bytes are cut.
 */
export class Unpacker {
  readonly #decompressor: Decompressor
  readonly #unpacked: Uint8Array[] = []
  /** Not empty once bytes have come, as the decompressor looks for a lost end only when it gets some. */
  #begun: Uint8Array = new Uint8Array()
  #unpackedBytes = 0

  /**
   * @param open makes the decompressor, which hands over what it unpacks
   * @param what the file is, for errors
   * @param mostBytes it may hold
   */
  constructor(
    open: (take: (bytes: Uint8Array) => void) => Decompressor,
    private readonly what: string,
    private readonly mostBytes = MOST_UNPACKED_BYTES,
  ) {
    this.#decompressor = open((bytes) => this.#unpacked.push(bytes))
  }

  /** @throws RecordingError when the file is damaged, or holds more than it may */
  *push(bytes: Uint8Array): Generator<Uint8Array> {
    const packed = this.#begun.length > 0 ? joined([this.#begun, bytes]) : bytes
    let at = 0
    for (; packed.length - at > PIECE_BYTES; at += PIECE_BYTES) {
      yield* this.#unpack(packed.subarray(at, at + PIECE_BYTES), false)
    }
    this.#begun = packed.slice(at)
  }

  /** @throws RecordingError as `push` */
  *end(): Generator<Uint8Array> {
    // All but the last byte first, as a file that is cut off unpacks until there.
    yield* this.#unpack(this.#begun.subarray(0, -1), false)
    yield* this.#unpack(this.#begun.subarray(-1), true)
  }

  *#unpack(piece: Uint8Array, isLast: boolean): Generator<Uint8Array> {
    try {
      this.#decompressor.push(piece, isLast)
    } catch (cause) {
      throw new RecordingError('damaged', `${this.what} is damaged: record it again`, { cause })
    }
    for (const bytes of this.#unpacked.splice(0)) {
      this.#unpackedBytes += bytes.length
      if (this.#unpackedBytes > this.mostBytes) {
        throw new RecordingError(
          'too-large',
          `${this.what} holds more than ${this.mostBytes / 2 ** 30} GiB: shorten it`,
        )
      }
      for (let i = 0; i < bytes.length; i += MOST_YIELDED_BYTES) {
        yield bytes.subarray(i, i + MOST_YIELDED_BYTES)
      }
    }
  }
}
