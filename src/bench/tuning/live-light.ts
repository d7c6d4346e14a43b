import { BLACK, type SymbolLevel } from '../../modulation/index.js'
import { Receiver, type Reception, type SampleBlock } from '../../receiver/index.js'
import { Aiming, type AimView, type LevelReading, READING_S, readingOf } from '../aiming.js'
import { findLampFlicker, type LampFlicker } from './lamp-flicker.js'
import { SampleRing } from './sample-ring.js'

/** Of a stream that is open already, what comes first has been on its way, and is of the light before. */
const ON_THE_WAY_S = 0.1
/** Of darkness, for a spectrum: lines a hertz apart are two. */
const SPECTRUM_S = 1

/** What is known of the light as its samples come, in constant memory. */
export class LiveLight {
  readonly #aiming = new Aiming()
  readonly #receiver = new Receiver()
  readonly #ring: SampleRing
  #isDark = false
  /** Of the dark; begun anew when it was lit. */
  #dark: number[] = []
  /** When the samples are of the held level only. */
  #heldFromS: number | null = null
  #flicker: LampFlicker | null = null
  #lostSamples = 0

  /** @param keptS so much of the light is kept */
  constructor(
    readonly sampleRateHz: number,
    keptS: number,
  ) {
    this.#ring = new SampleRing(Math.ceil(keptS * sampleRateHz))
  }

  /** The newest samples, as far back as they are kept. */
  get kept(): Pick<SampleRing, 'between' | 'newestS'> {
    return this.#ring
  }

  /** Samples that were lost on the way. */
  get lostSamples(): number {
    return this.#lostSamples
  }

  /** Of other light, as it was while the LED was dark last; null where none was found. */
  get flicker(): LampFlicker | null {
    return this.#flicker
  }

  /** What the sensor shows, whatever is played; null without samples. */
  get now(): LevelReading | null {
    const { newestS } = this.#ring
    return newestS === null
      ? null
      : readingOf([...this.#ring.between(newestS - READING_S, newestS).levels])
  }

  /** What is known of the three levels. */
  get view(): AimView {
    return this.#aiming.view
  }

  /** Whether the held level was seen for as long as a reading takes. */
  get knowsHeld(): boolean {
    const { newestS } = this.#ring
    return this.#heldFromS !== null && newestS !== null && newestS > this.#heldFromS + READING_S
  }

  /** From this time on the light is of one level. */
  hold(level: SymbolLevel, fromS: number): void {
    this.#aiming.hold(level)
    this.#isDark = level === BLACK
    this.#heldFromS = fromS + ON_THE_WAY_S
    this.#dark = []
  }

  /** From now on it may be anything. */
  release(): void {
    this.#heldFromS = null
    this.#dark = []
  }

  /** Takes the next samples, and gives the messages that they complete, good or failed. */
  push(block: SampleBlock): Reception[] {
    this.#ring.push(block)
    this.#lostSamples += block.gap?.samples ?? 0
    if (this.#heldFromS !== null && (block.timesS[0] ?? 0) >= this.#heldFromS) {
      this.#aiming.push(block)
      if (this.#isDark) this.#lookForFlicker(block)
    }
    const receptions = this.#receiver.push(block)
    for (const { levels } of receptions) this.#aiming.know(levels)
    return receptions
  }

  #lookForFlicker({ levels, gap }: SampleBlock): void {
    if (gap) this.#dark = []
    for (const level of levels) this.#dark.push(level)
    if (this.#dark.length < SPECTRUM_S * this.sampleRateHz) return
    this.#flicker = findLampFlicker(this.#dark, this.sampleRateHz)
    this.#dark = []
  }
}
