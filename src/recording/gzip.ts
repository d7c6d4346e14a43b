import { Gunzip } from 'fflate'
import type { DecodedSymbols, FileFormat, FileReader } from './format.js'
import { RecognisedReader, readUnpacked } from './recognised.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'
import { Unpacker } from './unpacker.js'

/** RFC 1952, with its only method, deflate. */
const SIGNATURE = '\x1f\x8b\x08'

/**
 * A file that is compressed with gzip.
 *
 * @param inside formats of the file
 */
export const gzipFormat = (inside: readonly FileFormat[]): FileFormat => ({
  id: 'gzip',
  extensions: ['gz'],
  fits: (head, isWhole) =>
    head.startsWith(SIGNATURE) || (SIGNATURE.startsWith(head) && !isWhole ? null : false),
  open: (name, options) => new GzipReader(inside, name.replace(/\.gz$/i, ''), options),
})

class GzipReader implements FileReader {
  readonly #unpacker = new Unpacker((take) => new Gunzip(take), 'the gzip file')
  readonly #reader: RecognisedReader

  constructor(inside: readonly FileFormat[], name: string, options: ReadOptions) {
    this.#reader = new RecognisedReader(inside, name, options)
  }

  get channels(): readonly Channel[] {
    return this.#reader.channels
  }

  *push(bytes: Uint8Array): Generator<ValueBlock> {
    yield* readUnpacked(this.#reader, this.#unpacker.push(bytes))
  }

  *end(): Generator<ValueBlock | DecodedSymbols> {
    yield* readUnpacked(this.#reader, this.#unpacker.end())
    yield* this.#reader.end()
  }
}
