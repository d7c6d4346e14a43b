import type { SampleBlock, SampleGap } from '../light/samples.js'
import type { Clock, Photodiode } from './rig.js'

/** Blocks that wait for a reader: about ten seconds of a bridge's, at its highest rate. */
const MOST_WAITING = 2800

/**
 * One stream of a photodiode's samples for several readers, open from now until it is disposed: each reader of `samples`
 * gets those from then on, and first those of the last `recentS` seconds, in whole blocks. One that takes them too slowly misses some, which a gap tells, and holds up nobody. When the
 * photodiode fails every reader, also each later one, gets its error, after what had come before.
 */
export class SampleFanOut implements Photodiode, AsyncDisposable {
  readonly clock: Clock
  readonly sampleRateHz: number
  readonly #readers = new Set<Queue>()
  readonly #recent: SampleBlock[] = []
  readonly #end = new AbortController()
  /** How the stream has ended: null in order. */
  #ended: { readonly error: unknown } | null | undefined
  readonly #streaming: Promise<void>

  /** @param recentS how much of what came before a reader gets; default nothing */
  constructor(
    photodiode: Photodiode,
    private readonly recentS = 0,
  ) {
    this.clock = photodiode.clock
    this.sampleRateHz = photodiode.sampleRateHz
    this.#streaming = this.#stream(photodiode)
  }

  async *samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    if (signal.aborted) return
    const queue = new Queue()
    for (const block of this.#recent) queue.put(block)
    if (this.#ended === undefined) this.#readers.add(queue)
    else queue.end(this.#ended)
    const leave = (): void => {
      this.#readers.delete(queue)
      queue.end(null)
    }
    signal.addEventListener('abort', leave)
    try {
      for (;;) {
        const block = await queue.take()
        if (!block) return
        yield block
      }
    } finally {
      signal.removeEventListener('abort', leave)
      this.#readers.delete(queue)
    }
  }

  /** Ends the stream, and with it every reader's. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#streaming
  }

  async #stream(photodiode: Photodiode): Promise<void> {
    try {
      for await (const block of photodiode.samples({ signal: this.#end.signal })) {
        if (this.recentS > 0) this.#keep(block)
        for (const queue of this.#readers) queue.put(block)
      }
      this.#ended = null
    } catch (error) {
      this.#ended = { error }
    }
    for (const queue of this.#readers) queue.end(this.#ended)
  }

  /** The newest blocks that hold the last `recentS`. */
  #keep(block: SampleBlock): void {
    const recent = this.#recent
    recent.push(block)
    const neededS = beginS(block) - this.recentS
    while (recent[1] && beginS(recent[1]) <= neededS) recent.shift()
  }
}

const beginS = ({ timesS, gap }: SampleBlock): number => timesS[0] ?? gap?.startS ?? -Infinity

/** What one reader has still to take. */
class Queue {
  readonly #blocks: SampleBlock[] = []
  /** Since the last block that waits. */
  #missed: SampleGap | undefined
  #ended: { readonly error: unknown } | null | undefined
  #wake: () => void = () => {}

  put(block: SampleBlock): void {
    if (this.#blocks.length < MOST_WAITING) {
      this.#blocks.push(this.#withMissed(block))
    } else {
      this.#missed = joined(this.#missed, gapOf(block))
    }
    this.#wake()
  }

  /** What waits is still to be taken. */
  end(how: { readonly error: unknown } | null): void {
    if (this.#ended === undefined) this.#ended = how
    this.#wake()
  }

  /** The next block, as soon as it comes; undefined at the end. Throws what the stream has ended with. */
  async take(): Promise<SampleBlock | undefined> {
    while (this.#blocks.length === 0 && this.#ended === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const block = this.#blocks.shift()
    if (block) return block
    if (this.#missed) {
      return this.#withMissed({ timesS: new Float64Array(), levels: new Float64Array() })
    }
    if (this.#ended) throw this.#ended.error
    return undefined
  }

  #withMissed(block: SampleBlock): SampleBlock {
    const gap = joined(this.#missed, block.gap)
    this.#missed = undefined
    return gap ? { ...block, gap } : block
  }
}

/** A block that was not kept, as what is missing. */
function gapOf({ timesS, gap }: SampleBlock): SampleGap | undefined {
  const [startS] = timesS
  return joined(gap, startS === undefined ? undefined : { startS, samples: timesS.length })
}

function joined(earlier: SampleGap | undefined, later: SampleGap | undefined) {
  if (!earlier || !later) return earlier ?? later
  return { startS: earlier.startS, samples: earlier.samples + later.samples }
}
