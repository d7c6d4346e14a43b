import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type Channel as Light, simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import type { ReceiverOptions } from '../../src/receiver/index.js'
import type { Samples } from '../../src/recording/kept-samples.js'
import { type Measured, Ranging } from '../../src/recording/ranging.js'
import type { Channel } from '../../src/recording/recording.js'
import { concatenate } from '../receiver/captures.js'

const PACKET = encodePacket({ ssid: 'net', password: 'correct horse' })
const SYMBOLS = modulate(PACKET).levels
const VOLTS: Channel = { name: 'CH1', unit: 'V', kind: 'analog', fullScale: null }
const PARTS: Channel = { ...VOLTS, unit: null }
const LINE: Channel = { ...PARTS, kind: 'logic' }

/** A message in the unit of a file: level 0 and 1 are `zero` and `full`. */
function samplesOf(path: Partial<Light>, zero = 0, full = 1): Samples {
  const { timesS, levels } = simulateChannel(SYMBOLS, { noiseRms: 0.005, ...path })
  return { timesS, values: levels.map((level) => zero + (full - zero) * level) }
}

function joined(...parts: readonly Samples[]): Samples {
  const block = concatenate(...parts.map(({ timesS, values }) => ({ timesS, levels: values })))
  return { timesS: block.timesS, values: block.levels }
}

/** The samples less some, which come with a value of their own. */
const withValues = ({ timesS, values }: Samples, of: (timeS: number, value: number) => number) => ({
  timesS,
  values: values.map((value, n) => of(timesS[n] as number, value)),
})

interface How {
  readonly channel?: Channel
  readonly fullScale?: readonly [number, number]
  readonly options?: ReceiverOptions
  /** Rows of each block; the last size goes on. */
  readonly sizes?: readonly number[]
}

function read(
  { timesS, values }: Samples,
  { channel = VOLTS, fullScale, options, sizes = [timesS.length] }: How = {},
): Measured[] {
  const ranging = new Ranging(channel, fullScale, options)
  const found: Measured[] = []
  for (let at = 0, n = 0; at < timesS.length; n++) {
    const end = at + (sizes[Math.min(n, sizes.length - 1)] as number)
    found.push(...ranging.push(timesS.subarray(at, end), values.subarray(at, end)))
    at = end
  }
  return [...found, ...ranging.end()]
}

const kinds = (found: readonly Measured[]): string[] => found.map(({ kind }) => kind)

/** A level in the unit of its file. */
const inUnit = ({ scale }: Measured, level: number | null): number =>
  (scale?.zero ?? Number.NaN) + ((scale?.full ?? 0) - (scale?.zero ?? 0)) * (level ?? Number.NaN)

describe('a message', () => {
  it.each<[string, Channel, number, number]>([
    ['in volts', VOLTS, 0, 3.3],
    ['in millivolts around zero', { ...VOLTS, unit: 'mV' }, -2500, 2500],
    ['in volts that fall with light', VOLTS, 5, 0],
    ['in counts', PARTS, 0, 1023],
    ['in counts far from zero', PARTS, 8_388_608, 8_400_000],
    ['in very small numbers', VOLTS, -1e-9, 3e-9],
    ['in parts of full scale', PARTS, 0, 1],
    ['in parts that begin a little below zero', PARTS, -0.04, 1.04],
  ])('%s is read, and its levels are told in that unit', (_, channel, zero, full) => {
    const [found, ...others] = read(samplesOf({}, zero, full), { channel })
    expect(others).toEqual([])
    expect(found).toMatchObject({ kind: 'message', packet: PACKET, scale: { unit: channel.unit } })
    const { levels } = found as Measured
    const part = (value: number): number => (value - zero) / (full - zero)
    expect(part(inUnit(found as Measured, levels.black))).toBeCloseTo(0.1, 1)
    expect(part(inUnit(found as Measured, levels.white))).toBeCloseTo(0.7, 1)
  })

  it('after hours of darkness of any noise is read', () => {
    const dark = simulateChannel([], { noiseRms: 0.0001, afterS: 20, adcBits: 16 })
    const light = samplesOf({ startS: 30, afterS: 2, noiseRms: 0.0001, adcBits: 16 }, 0, 3.3)
    const dim = { timesS: dark.timesS, values: dark.levels.map((level) => 3.3 * level) }
    const found = read(joined(dim, light, samplesOf({ startS: 60, afterS: 2 }, 0, 3.3)))
    expect(kinds(found)).toEqual(['message', 'message'])
    expect(found[0]?.scale?.full).toBeGreaterThan(2)
  })

  it('that is ten times as bright as the one before is read, and each tells its scale', () => {
    const found = read(joined(samplesOf({ afterS: 3 }, 0, 0.3), samplesOf({ startS: 9 }, 0, 3.3)))
    expect(kinds(found)).toEqual(['message', 'message'])
    const [dim, bright] = found.map((one) => inUnit(one, one.levels.white))
    expect(dim).toBeCloseTo(0.21, 1)
    expect(bright).toBeCloseTo(2.3, 1)
  })

  it('of a file that seemed to be in parts is read once more from where the last one ended', () => {
    const first = samplesOf({ afterS: 5 }, 0, 1)
    const found = read(joined(first, samplesOf({ startS: 20 }, 0, 3.3)), { channel: PARTS })
    expect(kinds(found)).toEqual(['message', 'message'])
    expect(found.map(({ scale }) => scale?.isKnown)).toEqual([true, false])
  })

  it('beside a spike, which no light is as bright as, is read', () => {
    const spike = withValues(samplesOf({}, 0, 3.3), (timeS, value) =>
      Math.abs(timeS - 0.1) < 6e-4 ? 30 : value,
    )
    expect(kinds(read(spike))).toContain('message')
  })
})

describe('levels', () => {
  it('by a full scale are judged, those by what was seen are not', () => {
    const weak = samplesOf({ swing: 0.05 }, 0, 5)
    const [seen] = read(weak)
    const [told] = read(weak, { fullScale: [0, 5] })
    const [ofFile] = read(weak, { channel: { ...VOLTS, fullScale: [0, 5] } })
    expect(seen?.advice).toMatch(/nothing needs/)
    expect(told).toMatchObject({ advice: expect.stringMatching(/weak/) })
    expect(told?.scale).toEqual({ zero: 0, full: 5, unit: 'V', isKnown: true })
    expect(ofFile).toEqual(told)
  })

  it('beyond the full scale are clipped, also where they are infinite', () => {
    const bright = samplesOf({ black: 0.2, noiseRms: 0 }, 0, 5)
    const cut = (to: number) =>
      withValues(bright, (_, value) => (value > 3.6 ? to : value < 1.05 ? -to : value))
    const [clipped] = read(bright, { fullScale: [1.05, 3.6] })
    expect(clipped).toMatchObject({
      kind: 'message',
      quality: { clipped: { low: true, high: true } },
    })
    for (const to of [Infinity, 1e300, 99]) {
      expect(read(cut(to), { fullScale: [1.05, 3.6] })).toEqual([clipped])
    }
  })

  it.each([
    ['white', 3.4],
    ['the noise of white', 3.5],
    ['its highest peaks', 3.54],
  ])('of an instrument for whose range %s is too much are read, and clipped', (_, most) => {
    const over = withValues(samplesOf({}, 0, 5), (_, value) => (value > most ? Infinity : value))
    const [found, ...others] = read(over)
    expect(others).toEqual([])
    expect(found).toMatchObject({ kind: 'message', packet: PACKET })
    expect(found?.quality.clipped).toEqual({ low: false, high: true })
  })

  it('of a line are what they are, and not judged', () => {
    const line = withValues(samplesOf({ noiseRms: 0 }), (_, value) => (value - 0.1) / 0.6)
    const [found] = read(line, { channel: LINE })
    expect(found).toMatchObject({ kind: 'message', advice: expect.stringMatching(/nothing needs/) })
    expect(found?.scale).toEqual({ zero: 0, full: 1, unit: null, isKnown: true })
    expect(found?.quality.clipped).toEqual({ low: false, high: false })
  })
})

test('values that are no numbers are a gap', () => {
  const light = samplesOf({}, 0, 3.3)
  const isLost = (timeS: number): boolean => Math.abs(timeS - 1) < 0.002
  const lost = withValues(light, (timeS, value) => (isLost(timeS) ? Number.NaN : value))
  const rest = [...light.timesS.keys()].filter((n) => !isLost(light.timesS[n] as number))
  const without = {
    timesS: Float64Array.from(rest, (n) => light.timesS[n] as number),
    values: Float64Array.from(rest, (n) => light.values[n] as number),
  }
  expect(read(lost)).toEqual(read(without))
  expect(kinds(read(lost))).toEqual(['message'])
})

test.each<[string, number[]]>([
  ['nothing', []],
  ['no numbers', [Number.NaN, Number.NaN, Number.NaN]],
  ['a steady value', new Array(9000).fill(1.5)],
  ['infinite ones', new Array(9000).fill(-Infinity)],
  ['the largest and the smallest', [1e308, -1e308, 5e-324, 0, -5e-324, 1e308]],
  ['ever larger ones', Array.from({ length: 5000 }, (_, n) => 1.06 ** n)],
])('%s come to a failure, and no fault', (_, values) => {
  const samples = {
    timesS: Float64Array.from(values.keys(), (n) => n / 1000),
    values: Float64Array.from(values),
  }
  for (const channel of [VOLTS, PARTS, LINE]) {
    expect(kinds(read(samples, { channel }))).toEqual(['no-sync'])
  }
})

test('a live recording in parts tells a message as soon as it has ended', () => {
  const { timesS, values } = samplesOf({ afterS: 1 })
  const ranging = new Ranging(PARTS, undefined)
  const at = timesS.findIndex((timeS) => timeS > (timesS.at(-1) as number) - 0.9)
  const found = ranging.push(timesS.subarray(0, at), values.subarray(0, at))
  expect(kinds(found)).toEqual(['message'])
})

describe('what is found does not depend on how the samples are cut', () => {
  const files: readonly [string, Samples, Channel][] = [
    ['volts', joined(samplesOf({ afterS: 3 }, 0, 0.3), samplesOf({ startS: 9 }, 0, 3.3)), VOLTS],
    ['parts, then volts', joined(samplesOf({}), samplesOf({ startS: 6 }, 0, 3.3)), PARTS],
    [
      'over range',
      withValues(joined(samplesOf({}, 0, 5), samplesOf({ startS: 6 }, 0, 5)), (_, value) =>
        value > 3.4 ? Infinity : value,
      ),
      VOLTS,
    ],
    [
      'gaps',
      withValues(samplesOf({}), (timeS, value) => (timeS % 0.3 < 0.002 ? Number.NaN : value)),
      PARTS,
    ],
  ]
  it.each(files)('%s', (_, samples, channel) => {
    const whole = read(samples, { channel })
    expect(kinds(whole)).toContain('message')
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 8 }),
        (sizes) => {
          expect(read(samples, { channel, sizes })).toEqual(whole)
        },
      ),
      { numRuns: 12 },
    )
    expect(read(samples, { channel, sizes: [1] })).toEqual(whole)
  })
})
