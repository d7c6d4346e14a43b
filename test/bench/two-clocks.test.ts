import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { loopback } from '../../src/bench/loopback.js'
import { ClockMap, clockId, HOST_CLOCK } from '../../src/light/clock.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import type { SampleBlock } from '../../src/receiver/index.js'
import type { LightPath } from '../../src/rig/rig.js'
import { machineClock } from '../../src/rig/timebase.js'

const PACKET = encodePacket({ ssid: 'net', password: 'long enough' })
const SEQUENCE = modulate(PACKET)
const RATE_HZ = 60

interface Setting {
  /** Of the sensor's clock against the emitter's. */
  readonly fastBy?: number
  /** By how much the light comes later than the emitter says: another's. */
  readonly lateS?: number
  /** By how much the sensor's clock is known. */
  readonly unknownS?: number
}

/** An emitter by this computer's clock, and a sensor that began to count 1,000 s before it, on time of their own. */
function rigOf({ fastBy = 0, lateS = 0, unknownS = 0.002 }: Setting): LightPath {
  let hostS = 5000
  let startS = Number.POSITIVE_INFINITY
  const sensorS = (timeS: number): number => 1000 + (timeS - 5000) * (1 + fastBy)
  const sensorClock = {
    id: clockId('sensor'),
    toHost: async () => {
      const at = (timeS: number) => ({
        fromS: sensorS(timeS),
        toS: timeS + 0.4 * unknownS,
        uncertaintyS: unknownS,
      })
      return new ClockMap(sensorClock.id, HOST_CLOCK, at(5000), at(hostS))
    },
  }
  const until = async (timeS: number): Promise<void> => {
    while (hostS < timeS) await turn()
  }
  const levelAt = (timeS: number): number => {
    const symbol = Math.floor((timeS - startS - lateS) * RATE_HZ)
    return 0.1 + 0.6 * ([0, 0.52, 1][SEQUENCE.levels[symbol] ?? 0] ?? 0)
  }
  async function* samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    while (!signal.aborted) {
      const timesS = Array.from({ length: 50 }, (_, n) => hostS + n / 1000)
      hostS += 0.05
      yield {
        timesS: Float64Array.from(timesS, sensorS),
        levels: Float64Array.from(timesS, levelAt),
      }
      await turn()
    }
  }
  return {
    emitter: {
      clock: machineClock,
      play: async () => {
        startS = hostS + 0.02
        await until(startS + SEQUENCE.levels.length / RATE_HZ)
        return {
          symbols: SEQUENCE.levels.length,
          symbolRateHz: RATE_HZ,
          greyRatio: 0.52,
          startS,
          clock: HOST_CLOCK,
        }
      },
      off: async () => {},
    },
    photodiode: {
      clock: sensorClock,
      sampleRateHz: 1000,
      samples,
    },
  }
}

const verdictOf = async (setting: Setting) =>
  loopback(rigOf(setting), PACKET, SEQUENCE, { symbolRateHz: RATE_HZ })

describe('an emitter and a sensor with clocks of their own', () => {
  test.each([0, 0.005, -0.005, 0.02])('of which one is fast by %f', async (fastBy) => {
    const { verdict, differences, light } = await verdictOf({ fastBy })
    expect({ verdict, differences }).toEqual({ verdict: 'pass', differences: [] })
    expect(Math.abs(light?.endLateS ?? 1)).toBeLessThan(0.005)
    expect(light?.toleranceS).toBeCloseTo(0.75 / RATE_HZ + 0.002, 3)
  })

  test.each([0.03, 0.1, 0.2])("another's light that comes %f s later is told", async (lateS) => {
    const { verdict, reason, differences } = await verdictOf({ lateS, fastBy: 0.005 })
    expect({ verdict, reason }).toEqual({ verdict: 'fail', reason: 'not-this-light' })
    expect(differences.join()).toMatch(/it ended \d\.\d{3} s too late/)
  })

  test('what is not known of them is allowed for', async () => {
    expect(await verdictOf({ lateS: 0.03, unknownS: 0.04 })).toMatchObject({ verdict: 'pass' })
  })
})
