import type { SampleBlock } from '../../receiver/samples.js'
import type { Stream } from './feed.js'
import type { BoardEvent, Fields } from './link.js'

const HEX_DIGITS = 3
const FULL_SCALE = 1023

/** Makes blocks of the board's `s` lines: times from indices, and what is missing between them. */
export class Sampling implements Stream<SampleBlock> {
  readonly command = 'sense'
  /** When the first sample was held. */
  #startS = 0
  #nextIndex = 0

  /** `secondsAt` gives the time of a cycle of the board's clock. */
  constructor(
    private readonly secondsAt: (cycle: number) => number,
    private readonly periodS: number,
  ) {}

  begin({ start }: Fields): void {
    this.#startS = this.secondsAt(Number(start))
  }

  /** Of a line with the index of its first sample, in hex, and its samples, three hex digits each. */
  take({ words: [, indexHex = '', samplesHex = ''] }: BoardEvent): SampleBlock {
    const index = Number.parseInt(indexHex, 16)
    const count = samplesHex.length / HEX_DIGITS
    const timesS = new Float64Array(count)
    const levels = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      const code = Number.parseInt(samplesHex.slice(HEX_DIGITS * i, HEX_DIGITS * (i + 1)), 16)
      timesS[i] = this.#timeS(index + i)
      levels[i] = code / FULL_SCALE
    }
    return this.#after(index, { timesS, levels })
  }

  /** The block, of no samples, that tells what is missing at the end. */
  end({ count }: Fields): SampleBlock | undefined {
    const last = this.#after(Number(count), {
      timesS: new Float64Array(),
      levels: new Float64Array(),
    })
    return last.gap && last
  }

  #after(index: number, block: SampleBlock): SampleBlock {
    const gap = { startS: this.#timeS(this.#nextIndex), samples: index - this.#nextIndex }
    this.#nextIndex = index + block.timesS.length
    return gap.samples === 0 ? block : { ...block, gap }
  }

  #timeS(index: number): number {
    return this.#startS + index * this.periodS
  }
}
