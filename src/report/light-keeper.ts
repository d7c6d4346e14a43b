import { joinSamples, type SampleBlock } from '../light/samples.js'

/** Of a report: four minutes at 8 kHz, and 32 MB. */
const MOST_SAMPLES = 2_000_000

/** Keeps the first samples that come, as many as a report can show, in bounded memory. */
export class LightKeeper {
  readonly #blocks: Pick<SampleBlock, 'timesS' | 'levels'>[] = []
  #kept = 0
  /** What level 0 and 1 are in the values that come. */
  scale: { readonly zero: number; readonly full: number } = { zero: 0, full: 1 }
  /** Samples that came when there was no room any more. */
  left = 0

  constructor(private readonly most = MOST_SAMPLES) {}

  push({ timesS, levels }: SampleBlock): void {
    const taken = Math.min(timesS.length, this.most - this.#kept)
    if (taken > 0) {
      this.#blocks.push({ timesS: timesS.slice(0, taken), levels: levels.slice(0, taken) })
    }
    this.#kept += taken
    this.left += timesS.length - taken
  }

  /** What was kept, in one piece. */
  light(): { readonly timesS: Float64Array; readonly levels: Float64Array } {
    const { timesS, levels } = joinSamples(this.#blocks)
    return { timesS, levels: levels.map(this.#levelOf) }
  }

  readonly #levelOf = (value: number): number => {
    const { zero, full } = this.scale
    return Math.min(Math.max((value - zero) / (full - zero || 1), 0), 1)
  }
}
