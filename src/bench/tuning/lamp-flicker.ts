/** The strongest line in the light of lamps. */
export interface LampFlicker {
  readonly frequencyHz: number
  /** Of that line, in parts of full scale. */
  readonly peakToPeak: number
}

/** Slower changes are of a hand or a cloud. */
const LEAST_HZ = 40
const LEAST_SAMPLES = 128
const MOST_SAMPLES = 8192
/** So many times the median of the spectrum no noise makes in any of its bins: white noise has that in one of 10^9. */
const ABOVE_NOISE = 30
/** Below a tenth of a 12-bit step nothing is worth telling. */
const LEAST_PEAK_TO_PEAK = 2.5e-5
/** Bins at each side that hold a line, by Hann's window. */
const SIDE = 2
/** Mean square of Hann's window. */
const HANN_SQUARE = 3 / 8

/**
 * Finds flicker in light that is steady otherwise, such as while the LED is dark, up to half of the sample rate: of faster one its alias.
 *
 * @param levels evenly sampled, newest last; of more than 8192 the newest count
 * @returns null where nothing stands out of the noise, or there are less than 128 samples
 */
export function findLampFlicker(
  levels: ArrayLike<number>,
  sampleRateHz: number,
): LampFlicker | null {
  if (levels.length < LEAST_SAMPLES) return null
  const size = Math.min(MOST_SAMPLES, 2 ** Math.floor(Math.log2(levels.length)))
  const powers = spectrum(levels, size)
  const first = Math.max(SIDE + 1, Math.ceil((LEAST_HZ * size) / sampleRateHz))
  const last = powers.length - 1 - SIDE
  let peak = first
  for (let bin = first; bin <= last; bin++) {
    if ((powers[bin] as number) > (powers[peak] as number)) peak = bin
  }
  const noise = powers.slice(first).sort()[Math.floor((powers.length - first) / 2)] ?? 0
  if (first > last || (powers[peak] as number) <= ABOVE_NOISE * noise) return null
  let power = 0
  for (let bin = peak - SIDE; bin <= peak + SIDE; bin++) power += powers[bin] as number
  const amplitude = Math.sqrt((4 * power) / HANN_SQUARE) / size
  if (2 * amplitude < LEAST_PEAK_TO_PEAK) return null
  const [before, at, after] = [-1, 0, 1].map((side) => Math.log(powers[peak + side] as number)) as [
    number,
    number,
    number,
  ]
  const offset = (before - after) / (2 * (before - 2 * at + after))
  return { frequencyHz: ((peak + offset) * sampleRateHz) / size, peakToPeak: 2 * amplitude }
}

/** Squares of the bins from zero to half of the sample rate, of the newest samples less their mean in Hann's window. */
function spectrum(levels: ArrayLike<number>, size: number): Float64Array {
  const from = levels.length - size
  let mean = 0
  for (let n = 0; n < size; n++) mean += (levels[from + n] as number) / size
  const re = new Float64Array(size)
  const im = new Float64Array(size)
  for (let n = 0; n < size; n++) {
    re[n] = ((levels[from + n] as number) - mean) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size))
  }
  transform(re, im)
  return Float64Array.from({ length: size / 2 + 1 }, (_, bin) => {
    return (re[bin] as number) ** 2 + (im[bin] as number) ** 2
  })
}

/** Fast Fourier transform in place, of a power of two (Cooley and Tukey). */
function transform(re: Float64Array, im: Float64Array): void {
  const size = re.length
  for (let n = 1, reversed = 0; n < size; n++) {
    let bit = size >> 1
    for (; reversed & bit; bit >>= 1) reversed ^= bit
    reversed ^= bit
    if (n >= reversed) continue
    const [swappedRe, swappedIm] = [re[n] as number, im[n] as number]
    re[n] = re[reversed] as number
    im[n] = im[reversed] as number
    re[reversed] = swappedRe
    im[reversed] = swappedIm
  }
  for (let half = 1; half < size; half *= 2) {
    for (let n = 0; n < half; n++) {
      const angle = (-Math.PI * n) / half
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      for (let even = n; even < size; even += 2 * half) {
        const odd = even + half
        const [oddRe, oddIm] = [re[odd] as number, im[odd] as number]
        const turnedRe = cos * oddRe - sin * oddIm
        const turnedIm = cos * oddIm + sin * oddRe
        re[odd] = (re[even] as number) - turnedRe
        im[odd] = (im[even] as number) - turnedIm
        re[even] = (re[even] as number) + turnedRe
        im[even] = (im[even] as number) + turnedIm
      }
    }
  }
}
