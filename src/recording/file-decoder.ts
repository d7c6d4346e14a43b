import type { SampleBlock } from '../light/samples.js'
import { Receiver, type ReceiverOptions, type Reception } from '../receiver/index.js'
import { joined } from './bytes.js'
import type { DecodedSymbols, FileReader, ScaleV } from './format.js'
import { formatOf } from './formats.js'

/** A reception of light in a capture. */
export type Measured = Reception & {
  /** Of the levels, where the file tells volts. */
  readonly scaleV?: ScaleV
}

/** What a file held: a reception, or bytes without a measurement when it held symbols. */
export type Decoded = Measured | DecodedSymbols

/**
 * Finds the messages in a file that is, as its beginning tells, a capture (CSV, JSON pairs or a sigrok session) or one
 * message as symbols. CSV is read as it comes, in constant memory; the others at their end, within 256 MiB.
 *
 * What it finds, and the error where there is one, does not depend on how the bytes are cut into pieces.
 */
export class FileDecoder {
  readonly #receiver: Receiver
  /** What has come until the format is known. */
  #held: Uint8Array = new Uint8Array()
  #reader: FileReader | null = null

  /**
   * @param name of the file, for errors
   * @param onSamples gets each block of samples before what is found in it
   * @param options of the receiver
   */
  constructor(
    private readonly name: string,
    private readonly onSamples: (block: SampleBlock) => void = () => {},
    options?: ReceiverOptions,
  ) {
    this.#receiver = new Receiver(options)
  }

  /**
   * Takes the next bytes.
   *
   * @returns the messages that they complete, found while it is iterated; those before a fault come before its error
   * @throws RecordingError
   */
  *push(bytes: Uint8Array): Generator<Decoded> {
    const reader = this.#reader
    yield* reader ? this.#receive(reader, reader.push(bytes)) : this.#begin(bytes, false)
  }

  /**
   * Ends the file.
   *
   * @returns the message that the end completes or breaks; a file without any has one failed reception that says why
   * @throws RecordingError and ModulationError
   */
  *end(): Generator<Decoded> {
    if (!this.#reader) yield* this.#begin(new Uint8Array(), true)
    const reader = this.#reader
    if (!reader) throw new Error('each file has a format')
    for (const part of reader.end()) {
      if ('kind' in part) {
        yield part
        return
      }
      yield* this.#receive(reader, [part])
    }
    yield* measured(reader, this.#receiver.end())
  }

  /** Reads what has come, as soon as it tells its format. */
  *#begin(bytes: Uint8Array, isWhole: boolean): Generator<Decoded> {
    const held = joined([this.#held, bytes])
    this.#held = held
    const reader = formatOf(held, isWhole)?.open(this.name)
    if (!reader) return
    this.#reader = reader
    this.#held = new Uint8Array()
    yield* this.#receive(reader, reader.push(held))
  }

  *#receive(reader: FileReader, blocks: Iterable<SampleBlock>): Generator<Measured> {
    for (const block of blocks) {
      this.onSamples(block)
      yield* measured(reader, this.#receiver.push(block))
    }
  }
}

const measured = ({ scaleV }: FileReader, receptions: readonly Reception[]): Measured[] =>
  scaleV ? receptions.map((reception) => ({ ...reception, scaleV })) : [...receptions]
