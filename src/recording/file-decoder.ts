import type { ReceiverOptions } from '../receiver/index.js'
import { ChannelTrial, hasPacket, type Taken } from './channel-trial.js'
import { RecordingError } from './errors.js'
import type { DecodedSymbols, FileReader } from './format.js'
import { openFile } from './formats.js'
import { GpioLines, linesByName } from './gpio-lines.js'
import type { Samples } from './kept-samples.js'
import { type LevelScale, type Measured, Ranging } from './ranging.js'
import type { Channel, ReadOptions, ValueBlock } from './recording.js'
import { TimeGuard } from './time-guard.js'
import { type ChannelOptions, indexOfChannel } from './which-channel.js'

/** What a file held: a reception, or bytes without a measurement when it held symbols. */
export type Decoded = Measured | DecodedSymbols

/** A channel of the file, and whether it is the one that was read, or one of two lines. */
export type FoundChannel = Channel & { readonly isRead: boolean }

export interface DecodeOptions extends ReadOptions, ChannelOptions, ReceiverOptions {
  /** The values at no light and at full scale: without, as the file tells, or by what was seen. */
  readonly fullScale?: readonly [zero: number, full: number]
}

/**
 * Finds the messages in a file that is, as its beginning tells, a recording in one of `FILE_FORMATS`, or one message as symbols. What
 * can be read as it comes is, in constant memory; the others at their end, within 256 MiB.
 *
 * What it finds, and the error where there is one, does not depend on how the bytes are cut into pieces.
 */
export class FileDecoder {
  readonly #reader: FileReader
  readonly #guard = new TimeGuard()
  /** Until it is known which channel is read. */
  #trial: ChannelTrial | null = null
  #ranging: Ranging | null = null
  #read: readonly number[] = []
  #lines: GpioLines | null = null
  /** Of the blocks whose times are guarded. */
  #guarded: number | null = null
  /** What seems to have come sooner than any message could. */
  #early: Measured[] = []
  #holdsSymbols = false
  #isOver = false

  /**
   * @param name of the file, for errors
   * @param onSamples gets the samples of the channel that is read, in its own unit, before what is found in them: those that
   *   are finite. Null where nobody looks at them, which takes less memory
   * @throws RangeError for options that contradict each other
   */
  constructor(
    name: string,
    private readonly onSamples: ((samples: Samples) => void) | null = null,
    private readonly options: DecodeOptions = {},
  ) {
    const { channel, whiteLine, greyLine, fullScale } = options
    if ((whiteLine === undefined) !== (greyLine === undefined)) {
      throw new RangeError('Give both lines, the white and the grey one.')
    }
    if (channel !== undefined && whiteLine !== undefined) {
      throw new RangeError('Give a channel or two lines, not both.')
    }
    if (
      fullScale &&
      !(Math.abs(fullScale[1] - fullScale[0]) > 0 && fullScale.every(Number.isFinite))
    ) {
      throw new RangeError('Give two different numbers for full scale: the values at 0 and at 1.')
    }
    this.#reader = openFile(name, options)
  }

  /** All channels of the file; known when the first of anything is found in it, or at the end. */
  get channels(): readonly FoundChannel[] {
    return this.#reader.channels.map((channel, index) => ({
      ...channel,
      isRead: this.#read.includes(index),
    }))
  }

  /** What level 0 and 1 are by now; null until it is known which channel is read. */
  get scale(): LevelScale | null {
    return this.#ranging?.scale ?? null
  }

  /**
   * Takes the next bytes.
   *
   * @returns the messages that they complete, found while it is iterated; those before a fault come before its error
   * @throws RecordingError
   */
  *push(bytes: Uint8Array): Generator<Decoded> {
    yield* this.#receive(this.#reader.push(bytes))
  }

  /**
   * Ends the file.
   *
   * @returns the message that the end completes or breaks; a file without any has one failed reception that says why
   * @throws RecordingError and ModulationError
   */
  *end(): Generator<Decoded> {
    yield* this.#receive(this.#reader.end())
    if (this.#holdsSymbols) return
    this.#isOver = true
    this.#guard.end()
    if (this.#guard.fault) throw this.#guard.fault
    yield* this.#early
    if (this.#trial) yield* this.#take(this.#trial.end(false))
    else if (this.#ranging) yield* this.#ranging.end()
    else throw new RecordingError('empty', 'there are no samples: give a capture')
  }

  *#receive(parts: Iterable<ValueBlock | DecodedSymbols>): Generator<Decoded> {
    try {
      for (const part of parts) {
        if ('kind' in part) {
          this.#holdsSymbols = true
          yield part
        } else yield* this.#receiveBlock(part)
      }
    } catch (fault) {
      yield* this.breakOff()
      throw fault
    }
  }

  *#receiveBlock(block: ValueBlock): Generator<Measured> {
    if (this.#guarded === null) this.#begin(block)
    const { timesS } = block
    const count = block.firstChannel === this.#guarded ? this.#guard.take(timesS) : timesS.length
    const good = count < timesS.length ? firstRows(block, count) : block
    const taken = this.#trial?.push(good)
    if (taken) this.#early.push(...this.#take(taken))
    else if (!this.#trial) this.#early.push(...this.#readOn(good))
    if (this.#guard.hasSpan) yield* this.#early.splice(0)
    if (!this.#guard.fault) return
    this.#isOver = true // with such times whatever was begun is no message
    throw this.#guard.fault
  }

  /** Chooses what to read, as the channels are known by now. */
  #begin({ firstChannel }: ValueBlock): void {
    this.#guarded = firstChannel
    const { channels } = this.#reader
    const { channel, whiteLine, greyLine, fullScale } = this.options
    const lines =
      whiteLine !== undefined && greyLine !== undefined
        ? [whiteLine, greyLine].map((line) => indexOfChannel(line, channels))
        : channel === undefined && linesByName(channels)
    if (lines) {
      const [white, grey] = lines as [number, number]
      this.#read = [white, grey]
      this.#lines = new GpioLines(channels, white, grey)
      this.#ranging = new Ranging(this.#lines.channel, undefined, this.options)
    } else if (channel !== undefined || channels.length === 1) {
      const index = channel === undefined ? 0 : indexOfChannel(channel, channels)
      this.#read = [index]
      this.#ranging = new Ranging(channels[index] as Channel, fullScale, this.options)
    } else {
      this.#trial = new ChannelTrial(channels, fullScale, this.options, this.onSamples !== null)
    }
  }

  *#readOn(block: ValueBlock): Generator<Measured> {
    const { timesS } = block
    const values = this.#lines
      ? this.#lines.valuesOf(block)
      : block.values[(this.#read[0] as number) - block.firstChannel]
    if (!values || !this.#ranging) return
    this.onSamples?.(finite({ timesS, values }))
    yield* this.#ranging.push(timesS, values)
  }

  *#take({ index, ranging, found, samples, rest }: Taken): Generator<Measured> {
    this.#trial = null
    this.#read = [index]
    this.#ranging = ranging
    for (const kept of samples) this.onSamples?.(finite(kept))
    yield* found
    for (const block of rest) yield* this.#readOn(block)
  }

  /**
   * Ends a file that cannot be read on, by whatever fault; after an error from here that is done.
   *
   * @returns what was found before the fault and not told, as more might have come; light without a packet is nothing
   */
  *breakOff(): Generator<Measured> {
    if (this.#isOver) return
    this.#isOver = true
    yield* this.#early
    if (this.#trial) yield* this.#take(this.#trial.end(true))
    else yield* (this.#ranging?.end() ?? []).filter(hasPacket)
  }
}

function finite(samples: Samples): Samples {
  const { timesS, values } = samples
  if (values.every(Number.isFinite)) return samples
  const isKept = (_: number, n: number): boolean => Number.isFinite(values[n])
  return { timesS: timesS.filter(isKept), values: values.filter(isKept) }
}

const firstRows = ({ firstChannel, timesS, values }: ValueBlock, count: number): ValueBlock => ({
  firstChannel,
  timesS: timesS.subarray(0, count),
  values: values.map((own) => own.subarray(0, count)),
})
