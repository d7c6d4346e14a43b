import type { FlickerWindow } from './flicker-window.js'
import { Spectrum } from './spectrum.js'

const FEWEST_SAMPLES = 16
// A line stands out where it is so many times the geometric mean of all bins, which few lines hardly change: in white noise, where
// that is their mean over e to Euler's constant, one bin in 20 million by chance. So many of them are told.
const OUTSTANDING = Math.log(30)
const PEAKS = 3

/** Finds lines in the samples of a window. */
export class Periodogram {
  #spectrum = new Spectrum(FEWEST_SAMPLES)
  /** Of power, by bin. */
  #logs = new Float64Array(FEWEST_SAMPLES / 2)

  /** The frequencies, from one on, of the strongest lines that stand out of the noise, strongest first. */
  peaksHz(window: FlickerWindow, lowestHz: number): number[] {
    const samples = 2 ** Math.floor(Math.log2(window.count))
    if (samples < FEWEST_SAMPLES) return []
    if (samples !== this.#spectrum.samples) {
      this.#spectrum = new Spectrum(samples)
      this.#logs = new Float64Array(samples / 2)
    }
    const logs = this.#logs
    this.#spectrum.read(window.levels, logs)
    let sum = 0
    for (let n = 0; n < logs.length; n++) sum += logs[n] = Math.log(logs[n] as number)
    const least = sum / logs.length + OUTSTANDING
    const binHz = (window.count - 1) / (window.durationS * samples)
    const found: { hz: number; log: number }[] = []
    for (let n = Math.ceil(lowestHz / binHz); n < logs.length - 1; n++) {
      const log = logs[n] as number
      if (log < least) continue
      const before = logs[n - 1] as number
      const after = logs[n + 1] as number
      if (log < before || log <= after) continue
      // The top of the parabola through the logarithms, which the window's main lobe nearly is.
      const top = n + (before - after) / (2 * (before - 2 * log + after))
      found.push({ hz: top * binHz, log })
    }
    found.sort((a, b) => b.log - a.log)
    return found.slice(0, PEAKS).map(({ hz }) => hz)
  }
}
