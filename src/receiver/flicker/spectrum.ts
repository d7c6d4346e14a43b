import { cosine, sine } from './lines.js'

/** The periodogram of evenly spaced samples, by a Hann window: of a line no more is left outside three or four bins. */
export class Spectrum {
  readonly #re: Float64Array
  readonly #im: Float64Array
  /** Where each sample comes to stand: its index with its bits in reversed order. */
  readonly #places: Uint16Array
  readonly #hann: Float64Array

  /** Of so many samples, a power of two. */
  constructor(readonly samples: number) {
    this.#re = new Float64Array(samples)
    this.#im = new Float64Array(samples)
    this.#places = new Uint16Array(samples)
    for (let n = 1; n < samples; n++) {
      this.#places[n] = ((this.#places[n >> 1] as number) + (n & 1 ? samples : 0)) >> 1
    }
    this.#hann = Float64Array.from(
      this.#re,
      (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / samples),
    )
  }

  /** Writes the power of the bins from 0 to half of the sample rate, of which there are half as many as samples. */
  read(levels: Float64Array, power: Float64Array): void {
    for (let n = 0; n < this.samples; n++) {
      this.#re[this.#places[n] as number] = (levels[n] as number) * (this.#hann[n] as number)
    }
    this.#im.fill(0)
    transform(this.#re, this.#im)
    for (let n = 0; n < this.samples / 2; n++) {
      power[n] = (this.#re[n] as number) ** 2 + (this.#im[n] as number) ** 2
    }
  }
}

/** The Fourier transform in place, of values in bit-reversed order (Cooley and Tukey 1965, radix 2). */
function transform(re: Float64Array, im: Float64Array): void {
  const { length } = re
  for (let half = 1; half < length; half *= 2) {
    for (let k = 0; k < half; k++) {
      const cos = cosine(k / (2 * half))
      const sin = -sine(k / (2 * half))
      for (let a = k; a < length; a += 2 * half) {
        const b = a + half
        const bRe = re[b] as number
        const bIm = im[b] as number
        const turnedRe = bRe * cos - bIm * sin
        const turnedIm = bRe * sin + bIm * cos
        re[b] = (re[a] as number) - turnedRe
        im[b] = (im[a] as number) - turnedIm
        re[a] = (re[a] as number) + turnedRe
        im[a] = (im[a] as number) + turnedIm
      }
    }
  }
}
