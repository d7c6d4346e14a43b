import type { FlickerWindow } from './flicker-window.js'
import { Spectrum } from './spectrum.js'

const FEWEST_SAMPLES = 16
// A line stands out where it is so many times the geometric mean of all bins, which few lines hardly change: in white noise, where
// that is their mean over e to Euler's constant, one bin in 20 million by chance. So many of them are told.
const OUTSTANDING = 30
const PEAKS = 3
// Powers of a bin, from 1e-30 to 1e6, so many of which a double can multiply.
const FACTORS = 8

/** Finds lines in the samples of a window. */
export class Periodogram {
  #spectrum = new Spectrum(FEWEST_SAMPLES)
  /** By bin. */
  #powers = new Float64Array(FEWEST_SAMPLES / 2)

  /**
   * The frequencies, from one on, of the strongest lines that stand out of the noise, strongest first.
   *
   * @param window of a power of two of samples
   */
  peaksHz(window: FlickerWindow, lowestHz: number): number[] {
    const samples = window.count
    if (samples < FEWEST_SAMPLES) return []
    if (samples !== this.#spectrum.samples) {
      this.#spectrum = new Spectrum(samples)
      this.#powers = new Float64Array(samples / 2)
    }
    const powers = this.#powers
    this.#spectrum.read(window.levels, powers)
    // The logarithm of a product is as good as that of each factor, and far faster.
    let sum = 0
    for (let n = 0; n < powers.length; n += FACTORS) {
      let product = 1
      for (let k = n; k < n + FACTORS; k++) product *= powers[k] as number
      sum += Math.log(product)
    }
    const least = OUTSTANDING * Math.exp(sum / powers.length)
    const binHz = (window.count - 1) / (window.durationS * samples)
    const found: { hz: number; log: number }[] = []
    for (let n = Math.ceil(lowestHz / binHz); n < powers.length - 1; n++) {
      if ((powers[n] as number) < least) continue
      const log = Math.log(powers[n] as number)
      const before = Math.log(powers[n - 1] as number)
      const after = Math.log(powers[n + 1] as number)
      if (log < before || log <= after) continue
      // The top of the parabola through the logarithms, which the window's main lobe nearly is.
      const top = n + (before - after) / (2 * (before - 2 * log + after))
      found.push({ hz: top * binHz, log })
    }
    found.sort((a, b) => b.log - a.log)
    return found.slice(0, PEAKS).map(({ hz }) => hz)
  }
}
