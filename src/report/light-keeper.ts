import { joinSamples, type SampleBlock } from '../light/samples.js'
import type { LevelScale } from '../recording/ranging.js'
import { OF_FULL_SCALE, type Waveform } from './bench-report.js'

/** Of a report: four minutes at 8 kHz, and 32 MB. */
const MOST_SAMPLES = 2_000_000
/** Of the ends of a range. */
const DIGITS = 3

export type Light = Pick<Waveform, 'timesS' | 'levels' | 'unit'>

/** Keeps the first samples that come, as many as a report can show, in bounded memory. */
export class LightKeeper {
  readonly #blocks: Pick<SampleBlock, 'timesS' | 'levels'>[] = []
  #kept = 0
  /** What level 0 and 1 are in the values that come, where these are no levels. */
  scale: LevelScale | null = null
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

  /** What was kept, in one piece: levels of 0 to 1, and their unit. */
  light(): Light {
    const { timesS, levels } = joinSamples(this.#blocks)
    const { zero, full } = this.scale ?? { zero: 0, full: 1 }
    const levelOf = (value: number): number =>
      Math.min(Math.max((value - zero) / (full - zero || 1), 0), 1)
    return { timesS, levels: levels.map(levelOf), unit: unitOf(this.scale) }
  }
}

/** A scale that was guessed says nothing of what the sensor could show. */
function unitOf(scale: LevelScale | null): string {
  if (!scale || scale.isKnown) return OF_FULL_SCALE
  const { zero, full, unit } = scale
  const [from, to] = [zero, full].map((value) => Number(value.toPrecision(DIGITS)))
  return `of the range from ${from} to ${to}${unit === null ? '' : ` ${unit}`}`
}
