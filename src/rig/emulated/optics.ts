import { randomLcg, randomNormal } from 'd3-random'
import { GOOD_CHANNEL } from '../../channel/channel.js'
import { LedAndSensor } from '../../channel/poles.js'
import { sensorLevel } from '../../channel/sensor-level.js'
import { MODELLED_LIGHT, type ModelledLight } from '../config.js'

const ADC_BITS = 10

/** A good bench. */
export const BENCH_OPTICS: ModelledLight = MODELLED_LIGHT.parse({})

/** The way of the light from the LED's pin to what the board's ADC makes of the sensor's voltage. */
export class Optics {
  readonly #path: LedAndSensor
  readonly #levelAt: (timeS: number, light: number) => number
  readonly #adcBits: number

  constructor(options: Partial<ModelledLight> = {}) {
    const { sensorBandwidthHz, ledRiseUs, ledFallUs, seed, adcBits, ...light } = {
      ...BENCH_OPTICS,
      ...options,
    }
    const sensorS = 1 / (2 * Math.PI * sensorBandwidthHz)
    this.#path = new LedAndSensor({
      ledRiseS: ledRiseUs / 1e6,
      ledFallS: ledFallUs / 1e6,
      sensorRiseS: sensorS,
      sensorFallS: sensorS,
    })
    const uniform = randomLcg(seed)
    const gaussian = randomNormal.source(uniform)()
    this.#levelAt = sensorLevel(
      { ...GOOD_CHANNEL, ...light },
      { uniform, gaussian, flickerPhase: 0, driftPhase: 0 },
    )
    this.#adcBits = adcBits
  }

  /** The LED's pin changes at `timeS`; times never decrease. */
  onLed(lit: boolean, timeS: number): void {
    this.#path.set(lit ? 1 : 0, timeS)
  }

  /** What a 10-bit ADC makes of the sensor's voltage at `timeS`: 0..1023, clipped at both ends; one of fewer bits has fewer of these. */
  sample(timeS: number): number {
    const level = this.#levelAt(timeS, this.#path.at(timeS))
    const most = 2 ** this.#adcBits - 1
    const code = Math.min(most, Math.max(0, Math.floor(level * (most + 1))))
    return Math.round((code * (2 ** ADC_BITS - 1)) / most)
  }
}
