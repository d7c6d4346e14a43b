/** Who has a shorter time constant follows at once: no symbol or sample is a millionth as short. */
const AT_ONCE_S = 1e-12

/** Time constants, in seconds, of an LED that goes on and off, and of the sensor behind it; 0 for one that follows at once. */
export interface TimeConstants {
  readonly ledRiseS: number
  readonly ledFallS: number
  readonly sensorRiseS: number
  readonly sensorFallS: number
}

/**
 * What a sensor of one pole has of the light of an LED of another, exact at any time: no step in which it is computed can be too
 * long. (Not quite, where the sensor's constants differ and the LED is not much faster: the sensor's way is that to where the LED
 * goes.) Times never decrease.
 */
export class LedAndSensor {
  #wanted = 0
  #led = 0
  #sensor = 0
  #atS = 0

  constructor(private readonly constants: TimeConstants) {}

  /** The LED goes to another light at `timeS`. */
  set(light: number, timeS: number): void {
    this.at(timeS)
    this.#wanted = light
  }

  /** What the sensor has at `timeS`. */
  at(timeS: number): number {
    const { ledRiseS, ledFallS, sensorRiseS, sensorFallS } = this.constants
    const wanted = this.#wanted
    const led = this.#led - wanted
    const elapsedS = timeS - this.#atS
    const ledS = led < 0 ? ledRiseS : ledFallS
    const sensorS = wanted > this.#sensor ? sensorRiseS : sensorFallS
    const ledLeft = left(elapsedS, ledS)
    const sensorLeft = left(elapsedS, sensorS)
    this.#led = wanted + led * ledLeft
    this.#sensor = wanted + (this.#sensor - wanted) * sensorLeft
    if (led !== 0 && ledS > AT_ONCE_S) {
      const isAlike = Math.abs(elapsedS / sensorS - elapsedS / ledS) < 1e-6
      this.#sensor +=
        led *
        (isAlike
          ? (elapsedS / sensorS) * sensorLeft
          : (ledS / (ledS - sensorS)) * (ledLeft - sensorLeft))
    }
    this.#atS = timeS
    return this.#sensor
  }
}

/** The part that is left of a difference after a time. */
const left = (elapsedS: number, constantS: number): number =>
  constantS > AT_ONCE_S ? Math.exp(-elapsedS / constantS) : 0
