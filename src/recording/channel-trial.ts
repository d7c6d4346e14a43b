import type { ReceiverOptions } from '../receiver/index.js'
import { RecordingError } from './errors.js'
import { EvenRows } from './even-rows.js'
import type { Samples } from './kept-samples.js'
import { type Measured, Ranging } from './ranging.js'
import type { Channel, ValueBlock } from './recording.js'
import { namesOf } from './which-channel.js'

/** More are not tried at once. */
const MOST_CHANNELS = 64
/** So many receptions without a message are kept of a channel, until the best one so far is taken. */
const MOST_HELD = 256
/** So many values are kept of all channels together, for who looks at the light of the one that is taken: 32 MiB. */
const MOST_VALUES = 2 ** 22

interface Candidate {
  readonly index: number
  readonly ranging: Ranging
  readonly found: Measured[]
  /** Blocks that were read, and how many until the first message. */
  blocks: number
  messageBlock: number
}

/** The channel that was taken, with what was found in it by now. */
export interface Taken {
  readonly index: number
  readonly ranging: Ranging
  readonly found: readonly Measured[]
  /** Of the light that was read of it, as much as was kept. */
  readonly samples: readonly Samples[]
  /** What came and was not read yet. */
  readonly rest: readonly ValueBlock[]
}

/**
 * Reads all channels at once, until one has a message: the first one, by blocks of 4,096 rows, and of several in the same block
 * the one with the lower index. When the file ends without any, the channel is taken that was nearest to one.
 */
export class ChannelTrial {
  readonly #rows = new EvenRows()
  readonly #candidates: readonly Candidate[]
  readonly #held: ValueBlock[] = []
  #heldValues = 0

  /** @param keepsSamples whether the light of the channel that is taken is wanted from its beginning */
  constructor(
    private readonly channels: readonly Channel[],
    fullScale: readonly [zero: number, full: number] | undefined,
    options: ReceiverOptions,
    private readonly keepsSamples: boolean,
  ) {
    if (channels.length > MOST_CHANNELS) {
      throw new RecordingError(
        'channel',
        `there are ${channels.length} channels: say which one shows the light, of ${namesOf(channels)}`,
      )
    }
    this.#candidates = channels.map((channel, index) => ({
      index,
      ranging: new Ranging(channel, fullScale, options),
      found: [],
      blocks: 0,
      messageBlock: Infinity,
    }))
  }

  /** Takes a block; returns the channel as soon as it is known. */
  push(block: ValueBlock): Taken | null {
    const blocks = this.#rows.push(block)
    for (const even of blocks) {
      this.#read(even)
      const first = this.#first
      if (first) return this.#taken(first, [...blocks, ...this.#rows.end()])
    }
    return null
  }

  /**
   * Ends the recording: takes the channel with the first message, or else the one that was nearest to one.
   *
   * @param isBroken whether it ended by a fault: then what would have come of light that had begun is no failure
   */
  end(isBroken: boolean): Taken {
    for (const block of this.#rows.end()) this.#read(block)
    for (const candidate of this.#candidates) {
      const ended = candidate.ranging.end()
      this.#add(candidate, isBroken ? ended.filter(hasPacket) : ended)
    }
    return this.#taken(this.#nearest, [])
  }

  #read(block: ValueBlock): void {
    this.#hold(block)
    for (const [n, values] of block.values.entries()) {
      const candidate = this.#candidates[block.firstChannel + n] as Candidate
      this.#add(candidate, candidate.ranging.push(block.timesS, values))
      candidate.blocks++
    }
  }

  #add(candidate: Candidate, found: readonly Measured[]): void {
    candidate.found.push(...found)
    if (found.some(({ kind }) => kind === 'message')) {
      candidate.messageBlock = Math.min(candidate.messageBlock, candidate.blocks)
    }
  }

  /** The channel to take, if no other can be the first any more. */
  get #first(): Candidate | null {
    const first = this.#nearest
    if (this.#candidates.some(({ found }) => found.length >= MOST_HELD)) return first
    if (first.messageBlock === Infinity) return null
    const isBehind = ({ index, blocks }: Candidate): boolean =>
      blocks < first.messageBlock + (index < first.index ? 1 : 0)
    return this.#candidates.some(isBehind) ? null : first
  }

  get #nearest(): Candidate {
    const [first, ...others] = this.#candidates
    if (!first) throw new Error('a trial has channels')
    return others.reduce((best, other) => (this.#isNearer(other, best) ? other : best), first)
  }

  /** Whether a channel with a higher index has its message sooner, or is nearer to one. */
  #isNearer(one: Candidate, other: Candidate): boolean {
    if (one.messageBlock !== other.messageBlock) return one.messageBlock < other.messageBlock
    if (one.messageBlock < Infinity) return false
    const nearer = nearnessOf(one.found) - nearnessOf(other.found)
    return nearer === 0 ? this.#isAnalog(one) && !this.#isAnalog(other) : nearer > 0
  }

  readonly #isAnalog = ({ index }: Candidate): boolean => this.channels[index]?.kind === 'analog'

  #hold(block: ValueBlock): void {
    const values = block.timesS.length * block.values.length
    if (!this.keepsSamples || this.#heldValues + values > MOST_VALUES) return
    this.#heldValues += values
    this.#held.push(block)
  }

  #taken({ index, ranging, found }: Candidate, rest: readonly ValueBlock[]): Taken {
    const samples = this.#held.flatMap(({ firstChannel, timesS, values }) => {
      const own = values[index - firstChannel]
      return own ? [{ timesS, values: own }] : []
    })
    return { index, ranging, found, samples, rest }
  }
}

export const hasPacket = ({ kind }: Measured): boolean =>
  kind === 'message' || kind === 'bad-packet'

/** How near the best of some receptions is to a message. */
const nearnessOf = (found: readonly Measured[]): number =>
  found.reduce((nearest, reception) => Math.max(nearest, nearness(reception)), 0)

function nearness(reception: Measured): number {
  switch (reception.kind) {
    case 'message':
      return 5
    case 'bad-packet':
      return reception.reason === 'lost-symbol' ? 3 : 4
    case 'bare-sync':
      return 2
    case 'no-sync':
      return reception.reason === 'no-light' ? 0 : 1
  }
}
