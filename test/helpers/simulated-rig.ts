import { simulateChannel } from '../../src/channel/index.js'
import type { SampleBlock } from '../../src/light/samples.js'
import type { SymbolSequence } from '../../src/light/symbols.js'
import type { Emitter, Photodiode, PlayOptions, PlayReport } from '../../src/rig/rig.js'
import { machineClock, type Timebase } from '../../src/rig/timebase.js'

const BLOCK = 100
const DARK_LEVEL = 0.1

/**
 * An emitter and a photodiode with a simulated light path between them, in the time that it is given. The light goes out when playing
 * is aborted, and does not arrive while it is blocked.
 */
export class SimulatedRig {
  isBlocked = false
  isPlaying = false
  /** What was played, if only its beginning, in this order. */
  readonly sequences: SymbolSequence[] = []
  readonly emitter: Emitter
  readonly photodiode: Photodiode
  readonly #viewers = new Set<(block: SampleBlock) => void>()
  #nowS = 0

  constructor(private readonly time: Timebase) {
    this.emitter = {
      clock: machineClock,
      play: (sequence, options) => this.#play(sequence, options),
      off: async () => {},
    }
    this.photodiode = {
      clock: machineClock,
      sampleRateHz: 1000,
      samples: ({ signal }) => this.#samples(signal),
    }
  }

  async #play(
    sequence: SymbolSequence,
    { symbolRateHz, signal }: PlayOptions,
  ): Promise<PlayReport> {
    const { levels } = sequence
    this.isPlaying = true
    this.sequences.push(sequence)
    const light = simulateChannel(levels, { symbolRateHz, startS: this.#nowS, afterS: 1.5 })
    const startS = this.#nowS
    for (let at = 0; at < light.timesS.length; at += BLOCK) {
      const timesS = light.timesS.slice(at, at + BLOCK)
      const isDark = this.isBlocked || signal?.aborted
      const seen = light.levels.slice(at, at + BLOCK)
      const block = { timesS, levels: isDark ? seen.fill(DARK_LEVEL) : seen }
      for (const see of this.#viewers) see(block)
      this.#nowS = (timesS.at(-1) as number) + 0.001
      // The dark after an abort comes at once.
      if (!signal?.aborted) await this.time.sleep(BLOCK, signal).catch(() => {})
    }
    this.isPlaying = false
    signal?.throwIfAborted()
    const symbols = levels.length
    return { symbols, symbolRateHz, greyRatio: 0.52, startS, clock: machineClock.id }
  }

  async *#samples(signal: AbortSignal): AsyncIterable<SampleBlock> {
    const blocks: SampleBlock[] = []
    let wake = (): void => {}
    const see = (block: SampleBlock): void => {
      blocks.push(block)
      wake()
    }
    this.#viewers.add(see)
    signal.addEventListener('abort', () => wake())
    while (!signal.aborted) {
      const block = blocks.shift()
      if (block) yield block
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
    this.#viewers.delete(see)
  }
}
