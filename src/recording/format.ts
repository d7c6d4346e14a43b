import type { DecodedConfig } from '../packet/index.js'
import type { ReceptionFailure } from '../receiver/index.js'
import { joined } from './bytes.js'
import { RecordingError } from './errors.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'

/** What a file of symbols holds: bytes without a measurement. */
export type DecodedSymbols =
  | { readonly kind: 'symbols'; readonly packet: Uint8Array; readonly config: DecodedConfig }
  | {
      readonly kind: 'bad-symbols'
      readonly packet: Uint8Array
      readonly reason: ReceptionFailure
    }

/** A kind of file that holds samples, or a message as symbols. */
export interface FileFormat {
  /** As users name it. */
  readonly id: string
  /** Endings of the names of its files, without the point. */
  readonly extensions: readonly string[]
  /**
   * Whether a file is of this kind that begins so; null when more of it must be seen, as long as there is more.
   *
   * @param head its first bytes in Latin-1, `HEAD_BYTES` at most
   */
  fits(head: string, isWhole: boolean): boolean | null
  /** @param name of the file, for errors */
  open(name: string, options: ReadOptions): FileReader
}

/** As much of a file as tells its format; a longer text of digits, whatever spaces it has, is no message. */
export const HEAD_BYTES = (1 << 20) + 1

/** Reads one file, as its bytes come. Throws RecordingError and ModulationError. */
export interface FileReader {
  /** Known when the first block comes, or else at the end. */
  readonly channels: readonly Channel[]
  push(bytes: Uint8Array): Iterable<ValueBlock>
  end(): Iterable<ValueBlock | DecodedSymbols>
}

/** What a file holds, read while the blocks are iterated. */
export interface Contents {
  /** Known when the first block comes, or else at the end. */
  readonly channels: readonly Channel[]
  readonly blocks: Iterable<ValueBlock | DecodedSymbols>
}

const MOST_BYTES = 2 ** 28

/** Throws RecordingError for a file that is needed whole and has more than 256 MiB. */
export function refuseLarge(name: string, bytes: number): void {
  if (bytes > MOST_BYTES) {
    throw new RecordingError('too-large', `${name} is larger than 256 MiB: shorten it`)
  }
}

/** Reads a file that is needed whole: at its end, within 256 MiB. */
export class WholeReader implements FileReader {
  readonly #chunks: Uint8Array[] = []
  #length = 0
  #contents: Contents | null = null

  /** @param read takes all bytes */
  constructor(
    private readonly name: string,
    private readonly read: (bytes: Uint8Array) => Contents,
  ) {}

  get channels(): readonly Channel[] {
    return this.#contents?.channels ?? []
  }

  push(bytes: Uint8Array): Iterable<ValueBlock> {
    this.#length += bytes.length
    refuseLarge(this.name, this.#length)
    this.#chunks.push(bytes)
    return []
  }

  end(): Iterable<ValueBlock | DecodedSymbols> {
    this.#contents = this.read(joined(this.#chunks.splice(0)))
    return this.#contents.blocks
  }
}

/** The text of a whole file. Throws RecordingError. */
export function toText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new RecordingError('encoding', `${name} is not text in UTF-8`, { cause })
  }
}
