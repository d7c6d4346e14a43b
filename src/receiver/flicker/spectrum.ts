/** The periodogram of evenly spaced samples, by a Hann window: of a line no more is left outside three or four bins. */
export class Spectrum {
  /** Each second sample, and those between them: as the real and the imaginary part of half as many, they are transformed at once. */
  readonly #re: Float64Array
  readonly #im: Float64Array
  /** Where each of these comes to stand: its index with its bits in reversed order. */
  readonly #places: Uint16Array
  readonly #hann: Float64Array
  /** Of the first half of a turn, in so many steps as there are samples. */
  readonly #cosines: Float64Array
  readonly #sines: Float64Array

  /** Of so many samples, a power of two. */
  constructor(readonly samples: number) {
    const half = samples / 2
    this.#re = new Float64Array(half)
    this.#im = new Float64Array(half)
    this.#places = new Uint16Array(half)
    for (let n = 1; n < half; n++) {
      this.#places[n] = ((this.#places[n >> 1] as number) + (n & 1 ? half : 0)) >> 1
    }
    const turn = (2 * Math.PI) / samples
    this.#hann = Float64Array.from(
      { length: samples },
      (_, n) => 0.5 - 0.5 * Math.cos((n + 0.5) * turn),
    )
    this.#cosines = Float64Array.from({ length: half }, (_, n) => Math.cos(n * turn))
    this.#sines = Float64Array.from({ length: half }, (_, n) => Math.sin(n * turn))
  }

  /** Writes the power of the bins from 0 to half of the sample rate, of which there are half as many as samples. */
  read(levels: Float64Array, power: Float64Array): void {
    const re = this.#re
    const im = this.#im
    const half = re.length
    for (let n = 0; n < half; n++) {
      const place = this.#places[n] as number
      re[place] = (levels[2 * n] as number) * (this.#hann[2 * n] as number)
      im[place] = (levels[2 * n + 1] as number) * (this.#hann[2 * n + 1] as number)
    }
    this.#transform()
    const cosines = this.#cosines
    const sines = this.#sines
    // What is even in the spectrum of both is that of the first ones, and what is odd is i times that of the others.
    for (let n = 0; n < half; n++) {
      const mirrored = (half - n) % half
      const evenRe = ((re[n] as number) + (re[mirrored] as number)) / 2
      const evenIm = ((im[n] as number) - (im[mirrored] as number)) / 2
      const oddRe = ((im[n] as number) + (im[mirrored] as number)) / 2
      const oddIm = ((re[mirrored] as number) - (re[n] as number)) / 2
      const cos = cosines[n] as number
      const sin = sines[n] as number
      power[n] =
        (evenRe + oddRe * cos + oddIm * sin) ** 2 + (evenIm - oddRe * sin + oddIm * cos) ** 2
    }
  }

  /** The Fourier transform in place, of values in bit-reversed order (Cooley and Tukey 1965, radix 2). */
  #transform(): void {
    const re = this.#re
    const im = this.#im
    const cosines = this.#cosines
    const sines = this.#sines
    const { length } = re
    for (let half = 1; half < length; half *= 2) {
      for (let k = 0; k < half; k++) {
        const turn = (k * length) / half
        const cos = cosines[turn] as number
        const sin = sines[turn] as number
        for (let a = k; a < length; a += 2 * half) {
          const b = a + half
          const bRe = re[b] as number
          const bIm = im[b] as number
          const turnedRe = bRe * cos + bIm * sin
          const turnedIm = bIm * cos - bRe * sin
          re[b] = (re[a] as number) - turnedRe
          im[b] = (im[a] as number) - turnedIm
          re[a] = (re[a] as number) + turnedRe
          im[a] = (im[a] as number) + turnedIm
        }
      }
    }
  }
}
