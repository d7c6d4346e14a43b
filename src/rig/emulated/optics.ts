import { randomLcg, randomNormal } from 'd3-random'

/** The way of the light from the LED's pin to the sensor's voltage. Levels are parts of full scale. */
export interface OpticsOptions {
  /** Sensor level that full white adds to black. */
  readonly whiteLevel: number
  /** Steady ambient light. */
  readonly ambientLevel: number
  /** Peak of the ambient light's flicker at twice a 50 Hz mains frequency. */
  readonly flickerLevel: number
  readonly flickerHz: number
  /** Delays between the pin and the LED's light, on and off. */
  readonly ledRiseS: number
  readonly ledFallS: number
  /** Time constant of the phototransistor with its load: 1 / (2 pi bandwidth). */
  readonly sensorTimeConstantS: number
  /** Gaussian noise of a sample, rms. */
  readonly noiseLevel: number
  /** The same seed gives the same noise. */
  readonly seed: number
}

/**
 * A bench with the parts of wiring.md (4.7 kΩ and 47 nF at the sensor: 220 µs) in office light: a third
 * of the range stays free above white, and the noise is about two steps of the 10-bit ADC.
 */
export const BENCH_OPTICS: OpticsOptions = {
  whiteLevel: 0.6,
  ambientLevel: 0.05,
  flickerLevel: 0.01,
  flickerHz: 100,
  ledRiseS: 50e-9,
  ledFallS: 80e-9,
  sensorTimeConstantS: 220e-6,
  noiseLevel: 0.002,
  seed: 1,
}

const ADC_CODES = 1024

/**
 * LED and photodiode in the time domain, exact between the edges of the pin: the LED's exponential
 * rise and fall are so much faster than the sensor that a delay by their time constant gives
 * the sensor the same light; the sensor is one pole.
 */
export class Optics {
  #sensor = 0
  #lit = false
  #updatedS = 0
  readonly #noise

  constructor(private readonly options: OpticsOptions = BENCH_OPTICS) {
    const { seed, noiseLevel } = options
    this.#noise = randomNormal.source(randomLcg(seed))(0, noiseLevel)
  }

  /** The LED's pin changes at `timeS`; times never decrease by more than an LED delay. */
  onLed(lit: boolean, timeS: number): void {
    const { ledRiseS, ledFallS } = this.options
    this.#advance(timeS + (lit ? ledRiseS : ledFallS))
    this.#lit = lit
  }

  /** What a 10-bit ADC makes of the sensor's voltage at `timeS`: 0..1023, clipped at both ends. */
  sample(timeS: number): number {
    const { ambientLevel, flickerLevel, flickerHz } = this.options
    this.#advance(timeS)
    const flicker = flickerLevel * Math.sin(2 * Math.PI * flickerHz * timeS)
    const level = this.#sensor + ambientLevel + flicker + this.#noise()
    return Math.min(ADC_CODES - 1, Math.max(0, Math.floor(level * ADC_CODES)))
  }

  #advance(timeS: number): void {
    const { whiteLevel, sensorTimeConstantS } = this.options
    const target = this.#lit ? whiteLevel : 0
    const elapsedS = Math.max(0, timeS - this.#updatedS)
    this.#sensor = target + (this.#sensor - target) * Math.exp(-elapsedS / sensorTimeConstantS)
    this.#updatedS += elapsedS
  }
}
