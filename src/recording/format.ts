import type { SampleBlock } from '../light/samples.js'
import type { DecodedConfig } from '../packet/index.js'
import type { ReceptionFailure } from '../receiver/index.js'
import { joined } from './bytes.js'
import { RecordingError } from './errors.js'

/** What the ends of a scale are in volts. */
export interface ScaleV {
  readonly zero: number
  readonly full: number
}

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
  readonly name: string
  /**
   * Whether a file is of this kind that begins so; null when more of it must be seen, as long as there is more.
   *
   * @param head its first bytes in Latin-1, `HEAD_BYTES` at most
   */
  fits(head: string, isWhole: boolean): boolean | null
  /** @param name of the file, for errors */
  open(name: string): FileReader
}

/** As much of a file as tells its format; a longer text of digits, whatever spaces it has, is no message. */
export const HEAD_BYTES = (1 << 20) + 1

/** Reads one file, as its bytes come. Throws RecordingError and ModulationError. */
export interface FileReader {
  /** Of the samples; null where the file does not tell volts. */
  readonly scaleV: ScaleV | null
  push(bytes: Uint8Array): Iterable<SampleBlock>
  end(): Iterable<SampleBlock | DecodedSymbols>
}

const MOST_BYTES = 2 ** 28

/** Reads a file that is needed whole: at its end, within 256 MiB. */
export class WholeReader implements FileReader {
  scaleV: ScaleV | null = null
  readonly #chunks: Uint8Array[] = []
  #length = 0

  /** @param read takes all bytes, and may set the scale */
  constructor(
    private readonly name: string,
    private readonly read: (
      bytes: Uint8Array,
      reader: WholeReader,
    ) => Iterable<SampleBlock | DecodedSymbols>,
  ) {}

  push(bytes: Uint8Array): Iterable<SampleBlock> {
    this.#length += bytes.length
    if (this.#length > MOST_BYTES) {
      throw new RecordingError('too-large', `${this.name} is larger than 256 MiB: shorten it`)
    }
    this.#chunks.push(bytes)
    return []
  }

  end(): Iterable<SampleBlock | DecodedSymbols> {
    return this.read(joined(this.#chunks), this)
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
