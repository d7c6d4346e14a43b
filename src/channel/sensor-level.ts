import type { Channel } from './channel.js'

/** Where chance comes from. */
export interface Draws {
  /** Uniform in 0..1. */
  uniform(): number
  /** Of the normal distribution. */
  gaussian(): number
  /** Where flicker is at time zero, in radians, and drift, in its periods of two seconds times two. */
  readonly flickerPhase: number
  readonly driftPhase: number
}

/** Of a channel, what becomes of light in front of the sensor and in it. */
type Sensing = Omit<Channel, 'symbolRateHz' | 'adcBits' | 'seed'>

/**
 * What a sensor gives where it has some part of the LED's light, white being 1: with other light, a hand, noise, its gain and its
 * ends, as a part of full scale. To be called once for each sample, in their order.
 */
export function sensorLevel(
  c: Sensing,
  { uniform, gaussian, flickerPhase, driftPhase }: Draws,
): (timeS: number, light: number) => number {
  let meanLevel: number | null = null
  let startLevel = 0
  return (timeS, light) => {
    let level = c.black / c.swing + light
    if (c.drift) level += c.drift * Math.abs(((timeS + driftPhase) % 2) - 1)
    if (c.flicker) level += c.flicker * flickerAt(2 * Math.PI * c.flickerHz * timeS + flickerPhase)
    if (isSwitched(c.lampS, timeS)) level += c.lamp
    if (c.handS) level *= handAt(timeS)
    if (c.noiseRms) level += c.noiseRms * gaussian()
    if (c.impulses && uniform() < c.impulses) level += c.impulseSize * (uniform() < 0.5 ? 1 : -1)
    level *= isSwitched(c.gainS, timeS) ? c.gain * c.swing : c.swing
    if (c.automaticGainS) {
      meanLevel ??= startLevel = Math.max(level, 0.01)
      const gain = startLevel / Math.max(meanLevel, 0.01)
      meanLevel += (level - meanLevel) * Math.min(1, 1 / (c.automaticGainS * c.sampleRateHz))
      level *= gain
    }
    level = Math.min(Math.max(level, c.clipLow), c.clipHigh)
    return c.inverted ? 1 - level : level
  }

  function flickerAt(phase: number): number {
    return c.flickerHarmonics.reduce(
      (sum, size, index) => sum + size * Math.sin((index + 2) * phase),
      Math.sin(phase),
    )
  }

  /** A raised cosine: the hand comes and goes smoothly. */
  function handAt(timeS: number): number {
    const part = (timeS - c.handStartS) / c.handS
    if (part <= 0 || part >= 1) return 1
    return 1 - (1 - c.handTransmission) * Math.sin(Math.PI * part) ** 2
  }
}

/** Whether what was off at first, and has been switched at these times, is on. */
function isSwitched(switchesS: readonly number[], timeS: number): boolean {
  let isOn = false
  for (const switchS of switchesS) if (switchS <= timeS) isOn = !isOn
  return isOn
}
