import { joined, latin1 } from './bytes.js'
import { type DecodedSymbols, type FileFormat, type FileReader, HEAD_BYTES } from './format.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'

/** Reads a file of whichever format its beginning tells: the first of some that fits. The last one must fit any file. */
export class RecognisedReader implements FileReader {
  /** What has come until the format is known. */
  #held: Uint8Array = new Uint8Array()
  #reader: FileReader | null = null

  /** @param name of the file, for errors */
  constructor(
    private readonly formats: readonly FileFormat[],
    private readonly name: string,
    private readonly options: ReadOptions,
  ) {}

  get channels(): readonly Channel[] {
    return this.#reader?.channels ?? []
  }

  *push(bytes: Uint8Array): Generator<ValueBlock> {
    if (this.#reader) yield* this.#reader.push(bytes)
    else yield* this.#begin(bytes, false)
  }

  *end(): Generator<ValueBlock | DecodedSymbols> {
    if (!this.#reader) yield* this.#begin(new Uint8Array(), true)
    if (!this.#reader) throw new Error('each file has a format')
    yield* this.#reader.end()
  }

  /** Reads what has come, as soon as it tells its format. */
  *#begin(bytes: Uint8Array, isWhole: boolean): Generator<ValueBlock> {
    const held = joined([this.#held, bytes])
    this.#held = held
    const format = formatOf(this.formats, held, isWhole)
    if (!format) return
    this.#reader = format.open(this.name, this.options)
    this.#held = new Uint8Array()
    yield* this.#reader.push(held)
  }
}

/** The first format that fits a file that begins so; null when more of it must be seen. */
export function formatOf(
  formats: readonly FileFormat[],
  bytes: Uint8Array,
  isWhole: boolean,
): FileFormat | null {
  const head = latin1(bytes.subarray(0, HEAD_BYTES))
  for (const format of formats) {
    const fits = format.fits(head, isWhole)
    if (fits === null) return null
    if (fits) return format
  }
  return null
}

/**
 * Reads a file that is unpacked while it is read. Where that fails, what was found before comes before its error.
 *
 * @param unpacked throws RecordingError
 */
export function* readUnpacked(
  reader: FileReader,
  unpacked: Iterable<Uint8Array>,
): Generator<ValueBlock> {
  const pieces = unpacked[Symbol.iterator]()
  for (;;) {
    let piece: IteratorResult<Uint8Array>
    try {
      piece = pieces.next()
    } catch (fault) {
      yield* blocksBeforeEnd(reader)
      throw fault
    }
    if (piece.done) return
    yield* reader.push(piece.value)
  }
}

/** What a file that breaks off holds at its end. */
function* blocksBeforeEnd(reader: FileReader): Generator<ValueBlock> {
  try {
    for (const block of reader.end()) if (!('kind' in block)) yield block
  } catch {
    // That it breaks off is told by the fault of what it was packed in.
  }
}
