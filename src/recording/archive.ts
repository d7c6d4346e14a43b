import { RecordingError } from './errors.js'
import {
  type Contents,
  type DecodedSymbols,
  type FileFormat,
  type FileReader,
  refuseLarge,
} from './format.js'
import { HeldBytes } from './held-bytes.js'
import { RecognisedReader, readUnpacked } from './recognised.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'
import { unpack, ZIP_SIGNATURE, type ZipEntry, zipEntries } from './zip.js'

/** A kind of zip archive that is one recording in several files. */
export interface ArchiveFormat {
  /** As users name it. */
  readonly id: string
  /** Endings of the names of its files, without the point. */
  readonly extensions: readonly string[]
  /** @param names of the files in the archive */
  fits(names: readonly string[]): boolean
  /** Throws RecordingError. */
  read(entries: readonly ZipEntry[], options: ReadOptions): Contents
}

// What programs add to an archive by themselves.
const NO_CAPTURE = /\/$|^__MACOSX\/|(^|\/)(\.DS_Store|Thumbs\.db)$/
const MOST_NAMES = 5

/**
 * A zip archive, which only whole has its directory.
 *
 * @param kinds the first that fits is read
 * @param inside formats of one file in an archive that is of no such kind
 */
export const zipFormat = (
  kinds: readonly ArchiveFormat[],
  inside: readonly FileFormat[],
): FileFormat => ({
  id: 'zip',
  extensions: ['zip', ...kinds.flatMap(({ extensions }) => extensions)],
  fits: (head, isWhole) =>
    head.startsWith(ZIP_SIGNATURE) || (ZIP_SIGNATURE.startsWith(head) && !isWhole ? null : false),
  open: (name, options) =>
    new ArchiveReader(name, (entries) => {
      const names = entries.map(({ name }) => name)
      const kind = kinds.find((kind) => kind.fits(names))
      return kind ? kind.read(entries, options) : readOne(entries, inside, options)
    }),
})

class ArchiveReader implements FileReader {
  readonly #archive = new HeldBytes()
  #contents: Contents | null = null

  constructor(
    private readonly name: string,
    private readonly read: (entries: readonly ZipEntry[]) => Contents,
  ) {}

  get channels(): readonly Channel[] {
    return this.#contents?.channels ?? []
  }

  push(bytes: Uint8Array): Iterable<ValueBlock> {
    refuseLarge(this.name, this.#archive.length + bytes.length)
    this.#archive.push(bytes)
    return []
  }

  end(): Iterable<ValueBlock | DecodedSymbols> {
    this.#contents = this.read(zipEntries(this.#archive))
    return this.#contents.blocks
  }
}

/** The one capture in an archive. */
function readOne(
  entries: readonly ZipEntry[],
  inside: readonly FileFormat[],
  options: ReadOptions,
): Contents {
  const captures = entries.filter(({ name }) => !NO_CAPTURE.test(name))
  const [capture, ...others] = captures
  if (!capture) throw new RecordingError('empty', 'the archive holds no file: give a capture')
  if (others.length > 0) {
    const names = captures.slice(0, MOST_NAMES).map(({ name }) => name)
    const more = captures.length > MOST_NAMES ? ', …' : ''
    throw new RecordingError(
      'format',
      `the archive holds ${captures.length} files (${names.join(', ')}${more}): unpack it, and give one of them`,
    )
  }
  const reader = new RecognisedReader(inside, capture.name, options)
  return {
    get channels() {
      return reader.channels
    },
    blocks: blocksOf(reader, capture),
  }
}

function* blocksOf(
  reader: RecognisedReader,
  capture: ZipEntry,
): Generator<ValueBlock | DecodedSymbols> {
  yield* readUnpacked(reader, unpack(capture))
  yield* reader.end()
}
