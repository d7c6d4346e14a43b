import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareLight, whyUnreadable } from '../../src/bench/this-light.js'
import { type Channel, simulateChannel } from '../../src/channel/index.js'
import { ClockMap, clockId, HOST_CLOCK } from '../../src/light/clock.js'
import { LIGHT_LIMITS, READABLE_GREY } from '../../src/light/limits.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import {
  type ReceivedMessage,
  Receiver,
  type Reception,
  type SignalQuality,
} from '../../src/receiver/index.js'

const SEQUENCE = modulate(encodePacket({ ssid: 'net', password: 'long enough' }))
const BEFORE_S = 0.7

function receive(channel: Partial<Channel>): ReceivedMessage {
  const receiver = new Receiver()
  const block = simulateChannel(SEQUENCE.levels, { beforeS: BEFORE_S, ...channel })
  const [reception, ...more] = [...receiver.push(block), ...receiver.end()].filter(
    (reception) => reception.kind === 'message',
  )
  expect(more).toEqual([])
  return reception as ReceivedMessage
}

/** What the rig says that it played, where that is not the light of the channel. */
interface Played {
  readonly symbolRateHz?: number
  readonly greyRatio?: number | null
  readonly startS?: number
}

const SAME = ClockMap.identity(HOST_CLOCK)
const SENSOR = clockId('sensor')

/** A clock that is known by that much at all times. */
const uncertainBy = (uncertaintyS: number): ClockMap =>
  new ClockMap(
    HOST_CLOCK,
    SENSOR,
    { fromS: -1e3, toS: -1e3, uncertaintyS },
    { fromS: 1e3, toS: 1e3, uncertaintyS },
  )

const play = (played: Played) => ({
  symbols: SEQUENCE.levels.length,
  symbolRateHz: 60,
  greyRatio: 0.52,
  startS: BEFORE_S,
  clock: HOST_CLOCK,
  ...played,
})

const compare = (reception: ReceivedMessage, played: Played = {}, clocks = SAME) =>
  compareLight(SEQUENCE, play(played), reception, clocks)

describe('the light of this rig', () => {
  test('differs in nothing', () => {
    const { light, differences } = compare(receive({}))
    expect(differences).toEqual([])
    expect(Math.abs(light.beginLateS)).toBeLessThan(0.002)
    expect(Math.abs(light.endLateS)).toBeLessThan(0.002)
    expect(Math.abs(light.rateError)).toBeLessThan(0.001)
    expect(Math.abs(light.greyError ?? 1)).toBeLessThan(0.01)
    expect(light.toleranceS).toBeCloseTo(0.75 / 60, 6)
  })

  test.each<[string, Partial<Channel>]>([
    ['a slow sensor', { riseSymbols: 0.4, fallSymbols: 0.7 }],
    ['noise', { noiseRms: 0.08, swing: 0.3, black: 0.3 }],
    ['an inverting sensor', { inverted: true }],
    ['jitter', { symbolJitter: 0.15 }],
    ['flicker', { flicker: 0.15, swing: 0.3, black: 0.3 }],
    ['three samples a symbol', { sampleRateHz: 180 }],
  ])('seen by %s', (_, channel) => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(compare(receive({ ...channel, seed })).differences).toEqual([])
    }
  })

  test.each(LIGHT_LIMITS.greyError.marginal)('its grey may be off by up to %f', (bound) => {
    const reception = receive({})
    const seenAt = (greyError: number) =>
      compare({ ...reception, greyRatio: 0.52 + greyError }).differences
    expect(seenAt(bound * 0.999)).toEqual([])
    expect(seenAt(bound * 1.001)).toEqual([expect.stringMatching(/^its grey ratio is /)])
  })

  test('whose grey the parts make', () => {
    const { light, differences } = compare(receive({ greyRatio: 0.7 }), { greyRatio: null })
    expect({ greyError: light.greyError, differences }).toEqual({
      greyError: null,
      differences: [],
    })
  })
})

test('by clocks that can hardly be compared no light is told from that of a neighbour', () => {
  const reception = receive({})
  expect(compare(reception, {}, uncertainBy(0.1)).differences).toEqual([])
  expect(compare(reception, {}, uncertainBy(0.4)).differences).toEqual([
    'its time is known only to within 0.400 s',
  ])
  expect(compare(reception, {}, uncertainBy(Number.NaN)).differences).not.toEqual([])
})

describe('the light of another rig', () => {
  test.each<[string, Partial<Channel>, Played, RegExp[]]>([
    [
      'begins three bits later, as if its first bits had been missed',
      {},
      { startS: BEFORE_S - 0.1 },
      [/it ended 0\.100 s too late/],
    ],
    [
      'begins earlier',
      {},
      { startS: BEFORE_S + 3 },
      [/it began 3\.\d{3} s too early/, /it ended 3\.\d{3} s too early/],
    ],
    [
      'is a symbol late',
      {},
      { startS: BEFORE_S - 1 / 60 },
      [/it began/, /it ended 0\.017 s too late/],
    ],
    ['is one bit late', {}, { startS: BEFORE_S - 2 / 60 }, [/it ended 0\.033 s too late/]],
    [
      'is twice as fast',
      { symbolRateHz: 120 },
      {},
      [/it ended/, /rate is 1(20\.00|19\.99)\d Hz, not 60\.000 Hz/],
    ],
    ['is half a percent slower', { symbolRateHz: 59.7 }, {}, [/it ended/]],
    ['has another grey', { greyRatio: 0.75 }, {}, [/its grey ratio is 0\.75\d, not 0\.520/]],
  ])('%s', (_, channel, played, expected) => {
    const { differences } = compare(receive(channel), played)
    expect(differences).toHaveLength(expected.length)
    for (const [index, pattern] of expected.entries()) expect(differences[index]).toMatch(pattern)
  })

  test('is told from it at any moment but its own', () => {
    const reception = receive({})
    fc.assert(
      fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (lateS) => {
        const isOther = compare(reception, { startS: BEFORE_S - lateS }).differences.length > 0
        if (Math.abs(lateS) > 0.8 / 60) expect(isOther).toBe(true)
        if (Math.abs(lateS) < 0.7 / 60) expect(isOther).toBe(false)
      }),
    )
  })
})

/** The same reception, of which less is certain. */
function lessCertain<R extends Reception>(
  reception: R,
  figures: Partial<SignalQuality['uncertainty']>,
): R {
  const { quality } = reception
  const uncertainty = { ...quality.uncertainty, ...figures }
  return { ...reception, quality: { ...quality, uncertainty } }
}

test('a grey that noise may have made is not another one', () => {
  const seen = receive({ greyRatio: 0.75 })
  expect(compare(lessCertain(seen, { greyRatio: 0.02 })).differences).not.toEqual([])
  expect(compare(lessCertain(seen, { greyRatio: 0.04 })).differences).toEqual([])
})

test('a sensor with a clock that is fast still shows the light of this rig', () => {
  const clocks = new ClockMap(
    HOST_CLOCK,
    SENSOR,
    { fromS: 0, toS: 50, uncertaintyS: 0 },
    { fromS: 20, toS: 50 + 20 * 1.005, uncertaintyS: 0 },
  )
  const seen = receive({ symbolRateHz: 60 / 1.005, startS: 50, beforeS: BEFORE_S * 1.005 })
  expect(compare(seen, {}, clocks).differences).toEqual([])
  expect(compare(seen).differences).not.toEqual([])
})

describe('why the light that was played cannot be read', () => {
  const LEAST_SAMPLES = LIGHT_LIMITS.samplesPerSymbol.marginal[0]
  const BARE_SYNC = 48

  const seenOf = (levels: ArrayLike<number>, channel: Partial<Channel> = {}): Reception => {
    const receiver = new Receiver()
    const block = simulateChannel(levels, { beforeS: BEFORE_S, afterS: 1, ...channel })
    const [reception, ...more] = [...receiver.push(block), ...receiver.end()]
    expect(more).toEqual([])
    return reception as Reception
  }
  const bareSync = seenOf(SEQUENCE.levels.subarray(0, BARE_SYNC))
  const why = (reception: Reception, played: Played = {}, clocks = SAME, sampleRateHz = 1000) =>
    whyUnreadable(play(played), reception, clocks, sampleRateHz)

  test('is not known where the light could be read, whatever became of it', () => {
    expect(bareSync.kind).toBe('bare-sync')
    expect(why(bareSync)).toBeNull()
    expect(why(bareSync, { greyRatio: null })).toBeNull()
    const dark = seenOf([])
    expect(dark.kind).toBe('no-sync')
    expect(why(dark)).toBeNull()
  })

  test('is too few samples of a symbol, by the clock of the sensor', () => {
    const least = 60 * LEAST_SAMPLES
    expect(why(bareSync, {}, SAME, 1.001 * least)).toBeNull()
    expect(why(bareSync, {}, SAME, 0.999 * least)).toMatch(/^There were only 2\.8 samples of each/)
    expect(why(bareSync, {}, SAME, 60)).toMatch(/only 1\.0 samples/)
    // Its seconds are shorter: it counts more samples in each of ours.
    const fast = new ClockMap(
      HOST_CLOCK,
      SENSOR,
      { fromS: 0, toS: 0, uncertaintyS: 0 },
      { fromS: 10, toS: 10.2, uncertaintyS: 0 },
    )
    expect(why(bareSync, { symbolRateHz: 61 }, fast, 0.999 * least)).toBeNull()
    expect(why(bareSync, { symbolRateHz: 61 }, SAME, 0.999 * least)).not.toBeNull()
  })

  test.each(READABLE_GREY)('is a grey beyond %f of white', (bound) => {
    const outwards = Math.sign(bound - 0.52)
    expect(why(bareSync, { greyRatio: bound - 0.001 * outwards })).toBeNull()
    expect(why(bareSync, { greyRatio: bound + 0.001 * outwards })).toMatch(
      new RegExp(`^Grey was played at ${bound.toFixed(2).replace('.', '\\.')} of white`),
    )
  })

  test('is that something else was seen: light at another rate', () => {
    const near = seenOf(SEQUENCE.levels.subarray(0, BARE_SYNC), { symbolRateHz: 62 })
    expect(why(near)).toBeNull()
    for (const symbolRateHz of [40, 66, 100]) {
      const other = seenOf(SEQUENCE.levels.subarray(0, BARE_SYNC), { symbolRateHz })
      expect(why(other), `${symbolRateHz} Hz`).toMatch(
        /^What was seen at \d+\.\d Hz is not the message, which was played at 60\.0 Hz/,
      )
    }
  })

  test('is not that of a rate that noise may have made', () => {
    const other = seenOf(SEQUENCE.levels.subarray(0, BARE_SYNC), { symbolRateHz: 64 })
    expect(why(lessCertain(other, { symbolRateHz: 0.9 }))).not.toBeNull()
    expect(why(lessCertain(other, { symbolRateHz: 1.1 }))).toBeNull()
  })

  test('is told by what was played first, as that explains what was seen', () => {
    const other = seenOf(SEQUENCE.levels.subarray(0, BARE_SYNC), { symbolRateHz: 100 })
    const both = { greyRatio: 0.9 }
    expect(why(other, both, SAME, 100)).toMatch(/^There were only 1\.7 samples/)
    expect(why(other, both)).toMatch(/^Grey was played/)
  })
})
