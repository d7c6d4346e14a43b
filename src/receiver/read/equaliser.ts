const TAPS = 3
// Variances of the weights before anything was learnt. Of the lit symbol before, a sensor with one pole of 0.9 symbols has 0.1
// left after the black one.
const PRIOR_VARIANCES = [0.1, 0.1, 0.01]
// How much of it each bit adds, as the weights may wander.
const WANDER = 1e-5

/** How a lit symbol's neighbours differ from what they usually are. */
export type Neighbours = readonly [black: number, blackAfter: number, litBefore: number]

/**
 * Learns how much of a lit symbol's deviation its neighbours explain, and so takes away what they share with it.
 *
 * Where other light drifts or flickers, the black symbols on either side move with the lit one, and the weights
 * become one half each; where there is noise alone they become zero, since subtracting neighbours would only add
 * theirs; with a slow sensor they take away what the symbol before has left. One rule for all: the weights
 * that leave the least squares of the deviation, learnt recursively (recursive least squares: Haykin, Adaptive
 * Filter Theory, chapter on RLS), with a prior of zero.
 */
export class Equaliser {
  readonly #weights = new Float64Array(TAPS)
  readonly #covariance = new Float64Array(TAPS * TAPS)
  readonly #gain = new Float64Array(TAPS)

  constructor() {
    for (let tap = 0; tap < TAPS; tap++) {
      this.#covariance[tap * (TAPS + 1)] = PRIOR_VARIANCES[tap] as number
    }
  }

  /** What the neighbours add to a lit symbol. */
  explain(neighbours: Neighbours): number {
    let sum = 0
    for (let tap = 0; tap < TAPS; tap++) {
      sum += (this.#weights[tap] as number) * (neighbours[tap] as number)
    }
    return sum
  }

  /** Learns from a symbol; `error` is what was not explained of its deviation, `variance` what noise makes of that. */
  learn(neighbours: Neighbours, error: number, variance: number): void {
    const covariance = this.#covariance
    const gain = this.#gain
    let total = variance
    for (let row = 0; row < TAPS; row++) {
      let product = 0
      for (let column = 0; column < TAPS; column++) {
        product += (covariance[row * TAPS + column] as number) * (neighbours[column] as number)
      }
      gain[row] = product
      total += product * (neighbours[row] as number)
    }
    if (!(total > 0)) return
    for (let row = 0; row < TAPS; row++) {
      this.#weights[row] = (this.#weights[row] as number) + ((gain[row] as number) * error) / total
    }
    for (let row = 0; row < TAPS; row++) {
      for (let column = 0; column < TAPS; column++) {
        const at = row * TAPS + column
        covariance[at] =
          (covariance[at] as number) - ((gain[row] as number) * (gain[column] as number)) / total
      }
      covariance[row * (TAPS + 1)] = (covariance[row * (TAPS + 1)] as number) + WANDER
    }
  }
}
