import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LedAndSensor, type TimeConstants } from '../../src/channel/poles.js'

const constants = (ledS: number, sensorS: number): TimeConstants => ({
  ledRiseS: ledS,
  ledFallS: ledS,
  sensorRiseS: sensorS,
  sensorFallS: sensorS,
})

/** The same by many small steps of Euler's. */
function stepped(changes: readonly (readonly [timeS: number, light: number])[], untilS: number) {
  return ({ ledRiseS, ledFallS, sensorRiseS }: TimeConstants): number => {
    const steps = 200_000
    let [wanted, led, sensor, next] = [0, 0, 0, 0]
    for (let step = 0; step < steps; step++) {
      const dtS = untilS / steps
      const [timeS = Infinity, light = 0] = changes[next] ?? []
      if (timeS <= step * dtS) {
        wanted = light
        next++
      }
      const ledS = wanted > led ? ledRiseS : ledFallS
      led += ledS > 0 ? ((wanted - led) * dtS) / ledS : wanted - led
      sensor += ((led - sensor) * dtS) / sensorRiseS
    }
    return sensor
  }
}

describe('an LED and a sensor of one pole each', () => {
  test.each([
    ['an LED that follows at once', constants(0, 0.2)],
    ['an LED much faster than the sensor', constants(1e-4, 0.2)],
    ['a slow LED', constants(0.3, 0.05)],
    ['both alike', constants(0.2, 0.2)],
    ['nearly alike', constants(0.2, 0.2 + 1e-8)],
    ['an LED that goes off more slowly than on', { ...constants(0.01, 0.1), ledFallS: 0.4 }],
  ])('are as small steps have them: %s', (_, taus) => {
    const changes = [
      [0, 1],
      [0.3, 0.2],
      [0.35, 0.9],
      [0.9, 0],
    ] as const
    const path = new LedAndSensor(taus)
    for (const [timeS, light] of changes) path.set(light, timeS)
    expect(path.at(1.2)).toBeCloseTo(stepped(changes, 1.2)(taus), 4)
  })

  test('are the same however often they are looked at', () => {
    const timeConstant = fc.constantFrom(0, 1e-323, 1e-9, 0.01, 0.0100000001, 0.3, 30)
    const times = fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { maxLength: 30 })
    fc.assert(
      fc.property(timeConstant, timeConstant, times, (ledS, sensorS, looksS) => {
        const [often, once] = [0, 1].map(() => new LedAndSensor(constants(ledS, sensorS))) as [
          LedAndSensor,
          LedAndSensor,
        ]
        const changes = [0, 0.5, 1, 1.5].map((timeS, n) => [timeS, 1 - (n % 2)] as const)
        const events = [
          ...changes.map(([timeS, light]) => [timeS, () => often.set(light, timeS)] as const),
          ...looksS.map((timeS) => [timeS, () => void often.at(timeS)] as const),
        ]
        for (const [, happen] of events.sort(([a], [b]) => a - b)) happen()
        for (const [timeS, light] of changes) once.set(light, timeS)
        expect(often.at(2)).toBeCloseTo(once.at(2), 6)
      }),
    )
  })
})
