import type { SampleBlock } from '../../light/samples.js'
import { RigError } from '../errors.js'
import type { BoardClock } from './board-clock.js'
import type { Stream } from './feed.js'
import type { Answer, Between } from './link.js'
import { type BoardEvent, CLOCK_HZ, quotable } from './protocol.js'
import { impossible, LEAD_S, misunderstood } from './understanding.js'

const HEX_DIGITS = 3
const FULL_SCALE = 1023

/** Makes blocks of the board's `s` lines: times from indices, and what is missing between them. */
export class Sampling implements Stream<SampleBlock, 'sense'> {
  readonly command = 'sense'
  /** At 250 samples a second, the least, a line comes every 0.13 s. */
  readonly longestSilenceS = 2
  /** When the first sample was held. */
  #startS = 0
  #nextIndex = 0

  constructor(
    private readonly clock: Pick<BoardClock, 'id' | 'secondsAt' | 'check' | 'offS'>,
    private readonly periodCycles: number,
  ) {}

  begin({ start, period, fromS, toS }: Answer<'sense on'>): void {
    if (period !== this.periodCycles) throw misunderstood('sample rate')
    this.#startS = this.clock.secondsAt(start)
    this.clock.check({ timeS: this.#startS, fromS, toS: toS + LEAD_S })
  }

  take(line: BoardEvent, readS: number): SampleBlock | undefined {
    if (line.name !== 's') return undefined // of those that are lost the next line tells
    const { index, samples } = line
    if (!/^([0-3]..)+$/.test(samples))
      throw impossible(`sends ${quotable(samples)} as samples of 10 bits`)
    const count = samples.length / HEX_DIGITS
    this.#check(index + count, { fromS: Number.NEGATIVE_INFINITY, toS: readS })
    const timesS = new Float64Array(count)
    const levels = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      const code = Number.parseInt(samples.slice(HEX_DIGITS * i, HEX_DIGITS * (i + 1)), 16)
      timesS[i] = this.#timeS(index + i)
      levels[i] = code / FULL_SCALE
    }
    return this.#after(index, { timesS, levels, clock: this.clock.id })
  }

  /** The block, of no samples, that tells what is missing at the end. */
  end({ count, ...between }: Answer<'sense off'>): SampleBlock | undefined {
    this.#check(count, between)
    const none = { timesS: new Float64Array(), levels: new Float64Array(), clock: this.clock.id }
    const last = this.#after(count, none)
    return last.gap && last
  }

  /** So many samples in all cannot have been taken before some time, nor after another. */
  #check(samples: number, between: Between): void {
    const offS = this.clock.offS({ timeS: this.#timeS(samples), ...between })
    if (offS > 0) throw impossible(`reports ${samples} samples`)
    if (offS < 0) {
      throw new RigError(
        'broken-off',
        `the board stopped sampling ${(-offS).toFixed(1)} s too early, because this computer was silent for too long or the board's clock is slow: try again`,
      )
    }
  }

  #after(index: number, block: SampleBlock): SampleBlock {
    const gap = { startS: this.#timeS(this.#nextIndex), samples: index - this.#nextIndex }
    if (gap.samples < 0)
      throw impossible(`sends sample ${index} after sample ${this.#nextIndex - 1}`)
    this.#nextIndex = index + block.timesS.length
    return gap.samples === 0 ? block : { ...block, gap }
  }

  #timeS(index: number): number {
    return this.#startS + index * (this.periodCycles / CLOCK_HZ)
  }
}
