import { describe, expect, it, test } from 'vitest'
import { type Channel, simulateChannel } from '../../../src/channel/index.js'
import { modulate } from '../../../src/modulation/index.js'
import { damaged, packetOf, randomPacket, receive } from '../../helpers/receive.js'
import { filter, NO_SAMPLES } from '../captures.js'

const packet = randomPacket(1)
const symbols = modulate(packet).levels
const SYNC = symbols.subarray(0, 48)
const BLINKING = Array.from({ length: 600 }, (_, n) => n % 2)
const NOTHING: number[] = []
const ON = new Array(600).fill(2)

const noisy = (snrDb: number): Partial<Channel> => ({
  // Of the mean of 16 samples.
  noiseRms: (0.24 * 4) / 10 ** (snrDb / 20),
  swing: 0.2,
  black: 0.4,
  sampleRateHz: 960,
  adcBits: 16,
})
const LAMP = { flicker: 0.3, swing: 0.3, black: 0.3, beforeS: 1 }
const FAST = { sampleRateHz: 4000, beforeS: 1 }

type Outcome = string | null

describe.each([false, true])('what the bench is told, inverting sensor: %o', (inverted) => {
  const told = (light: ArrayLike<number>, path: Partial<Channel>, fromS = 0, untilS = Infinity) =>
    receive(
      filter(
        simulateChannel(light, { ...path, inverted }),
        (timeS) => timeS >= fromS && timeS < untilS,
      ),
    )

  test.each<[string, ArrayLike<number>, Partial<Channel>, Outcome, RegExp]>([
    ['good light', symbols, {}, null, /nothing needs/],
    ['an LED that is off', NOTHING, { afterS: 3 }, 'no-light', /LED lights up/],
    ['too little light', symbols, { swing: 0.001 }, 'no-light', /LED lights up/],
    ['light that saturates', symbols, { swing: 2 }, 'saturated', /saturates: use a smaller/],
    [
      'black near the end',
      symbols,
      { black: 0.6, swing: 0.9 },
      'saturated',
      /saturates: use a smaller/,
    ],
    ['white at the end', symbols, { swing: 1, black: 0.2, greyRatio: 0.6 }, null, /saturates/],
    ['grey too', symbols, { swing: 1, black: 0.2, greyRatio: 0.75 }, 'saturated', /saturates/],
    ['weak light', symbols, { swing: 0.05 }, null, /weak: .*closer/],
    ['grey too dark', symbols, { greyRatio: 0.2 }, 'grey-near-black', /0\.20 of white: set/],
    ['grey too bright', symbols, { greyRatio: 0.95 }, 'grey-near-white', /0\.95 of white: set/],
    ['bright grey', symbols, { greyRatio: 0.72 }, null, /0\.72 of white: set/],
    ['grey as white', symbols.map((s) => s && 1), {}, 'no-marker', /one lit level/],
    ['a lamp', symbols, LAMP, null, /100 Hz: shield/],
    ['a lamp alone', NOTHING, { ...LAMP, afterS: 3 }, 'no-light', /nothing .*but .*100 Hz/i],
    ['a sync and a lamp', SYNC, LAMP, 'no-marker', /100 Hz: shield/],
    ['a slow sensor', symbols, { riseSymbols: 0.4, fallSymbols: 0.4 }, null, /is slow/],
    ['a slower one', symbols, { riseSymbols: 0.9, fallSymbols: 0.9 }, null, /is slow/],
    ['late symbols', symbols, { symbolJitter: 0.7 }, null, /uneven/],
    ['a sync alone', SYNC, {}, 'no-marker', /one lit level/],
    [
      'too fast symbols',
      symbols,
      { ...FAST, symbolRateHz: 4000 },
      'lost-symbol',
      /only 1.0 samples/,
    ],
    ['a sender that stops', symbols.subarray(0, 104), {}, 'lost-symbol', /broke off/],
    ['one after a byte', symbols.subarray(0, 112), {}, 'length', /sent them all/],
    ['a wrong CRC', modulate(damaged(packet)).levels, {}, 'crc', /light was good/],
    ['a malformed TLV', modulate(packetOf(7, 0, 7, 0)).levels, {}, 'tlv', /program/],
    ['an LED that stays on', [...symbols.subarray(0, 151), ...ON], {}, 'lost-symbol', /broke off/],
    ['black beyond the end', symbols, { black: -0.2 }, 'grey-near-black', /shift the offset/],
    ['a loud lamp', symbols, { ...LAMP, flicker: 0.5, sampleRateHz: 300 }, null, /100 Hz: shield/],
    ['one in time', symbols, { ...LAMP, symbolRateHz: 200, sampleRateHz: 4000 }, null, /100 Hz/],
    ['dark grey', symbols, { greyRatio: 0.2, fallSymbols: 0.1 }, 'grey-near-black', /0\.2\d of/],
    ['noise of 20 dB', symbols, { ...noisy(25), sampleRateHz: 300 }, null, /nothing needs/],
    ['all but the marker', [...symbols.subarray(0, 63), 2], {}, 'no-marker', /no marker/],
  ])('%s', (_, light, path, reason, advice) => {
    expect(told(light, path)).toMatchObject([
      {
        ...(reason === null ? { kind: 'message' } : { reason }),
        advice: expect.stringMatching(advice),
      },
    ])
  })

  describe.each([100, 120])('where a lamp flickers a little at %i Hz', (flickerHz) => {
    const LITTLE = { flicker: 0.0175, flickerHz, noiseRms: 0.002, beforeS: 0.7 }

    it.each([40, 50, 60, 80, 100, 120, 150, 200, 240])('%i Hz is good', (symbolRateHz) => {
      const receptions = told(symbols, { ...LITTLE, symbolRateHz })
      expect(receptions).toMatchObject([
        { kind: 'message', advice: expect.stringMatching(/nothing needs/) },
      ])
      for (const { startS, quality } of receptions) {
        const lateSymbols = (startS - LITTLE.beforeS) * symbolRateHz - 1
        expect(Math.abs(lateSymbols)).toBeLessThan(0.5)
        expect(quality.eyeWidth).toBeGreaterThan(0.5)
      }
    })

    it.each([400, 500, 600, 800, 1000])('%i Hz has too few samples', (symbolRateHz) => {
      const path = { ...LITTLE, symbolRateHz, seed: symbolRateHz }
      for (const { advice } of told(symbols, path)) expect(advice).toMatch(/samples a symbol/)
    })

    it('a grey of 0.05 is as none, and blames no lamp', () => {
      const [reception] = told(symbols, { ...LITTLE, greyRatio: 0.05 })
      expect(reception).toMatchObject({
        reason: 'no-marker',
        advice: expect.stringMatching(/one lit level/),
      })
    })

    it.each([{ riseSymbols: 0.4 }, { fallSymbols: 0.4 }, { riseSymbols: 0.4, fallSymbols: 0.4 }])(
      'a sensor that is slow is so, and nothing else: %o',
      (slow) => {
        const receptions = told(symbols, { ...LITTLE, ...slow, symbolRateHz: 70 })
        expect(receptions).toMatchObject([
          { kind: 'message', advice: expect.stringMatching(/is slow/) },
        ])
      },
    )

    it('a lamp that is switched is named, and more so where that costs the packet', () => {
      const lamp = { ...LITTLE, swing: 0.3, lamp: 0.5, lampS: [4] }
      expect(told(symbols, lamp)).toMatchObject([
        { kind: 'message', advice: expect.stringMatching(/good, but other light was switched/) },
      ])
      const light = modulate(damaged(packet)).levels
      expect(told(light, lamp)).toMatchObject([
        { reason: 'crc', advice: expect.stringMatching(/^Other light was switched .* send again/) },
      ])
    })
  })

  it('tells a faint lamp that was there before, though it does not stand out of the message', () => {
    const [reception] = told(symbols, { flicker: 0.02, beforeS: 1 })
    expect(reception).toMatchObject({
      kind: 'message',
      quality: { flicker: { frequencyHz: 100, peak: expect.closeTo(0.012, 3) } },
      advice: expect.stringMatching(/nothing needs/),
    })
  })

  it.each([0, 1])('says of a steady level of %i what it means to either sensor', (black) => {
    const [reception] = told(NOTHING, { black, afterS: 3 })
    expect(reception?.advice).toMatch(/if it rises with light, .*; if it falls, /)
  })

  it.each([
    ['the sync', 0.8],
    ['the packet', 3],
  ])('says that the capture ended within %s', (_, untilS) => {
    expect(told(symbols, {}, 0, untilS)).toMatchObject([
      { reason: expect.any(String), advice: expect.stringMatching(/capture ended/) },
    ])
  })

  it('blames noise for what noise alone did', () => {
    for (let seed = 1; seed <= 10; seed++) {
      for (const snrDb of [6, 10, 14]) {
        for (const { advice } of told(symbols, { ...noisy(snrDb), seed })) {
          expect(advice, `seed ${seed}, ${snrDb} dB`).toMatch(/noisy/)
        }
      }
    }
  })

  it('tells the levels of a sync without a marker, by what is before it', () => {
    const [reception] = told(SYNC, {})
    const grey = 0.1 + 0.6 * 0.52
    expect(reception?.levels.black).toBeCloseTo(inverted ? 0.9 : 0.1, 2)
    expect(reception?.levels.grey).toBeCloseTo(inverted ? 1 - grey : grey, 2)
  })

  it.each([
    [60, 1000],
    [240, 1680],
    [600, 6000],
  ])(
    'knows the levels of a message that it sees from within, %i Hz seen %i times a second',
    (symbolRateHz, sampleRateHz) => {
      for (const part of [0.35, 0.4, 0.45]) {
        const fromS = 0.3 + (part * symbols.length) / symbolRateHz
        const [reception] = told(symbols, { symbolRateHz, sampleRateHz }, fromS)
        expect(reception).toMatchObject({ reason: 'no-marker' })
        expect(reception?.levels.black, `${part}`).toBeCloseTo(inverted ? 0.9 : 0.1, 1)
      }
    },
  )

  it('takes no symbols that a screen skips at 200 Hz for a lamp', () => {
    const screen = { framesPerSymbol: 1, droppedFrames: 0.02, symbolRateHz: 200 }
    const receptions = [1, 2, 3, 4, 5].flatMap((seed) =>
      told(symbols, { ...screen, ...FAST, seed }),
    )
    const messages = receptions.filter(
      (reception) => 'packet' in reception && reception.packet.length > 0,
    )
    expect(messages).toHaveLength(5)
    for (const { quality } of messages) expect(quality.flicker).toBeNull()
  })

  it.each([200, 240])('takes blinking at %i Hz for no trace of flicker', (symbolRateHz) => {
    const [reception] = told(BLINKING, { ...FAST, symbolRateHz })
    expect(reception).toMatchObject({ reason: 'no-marker' })
    expect(reception?.quality.swing).toBeCloseTo(0.6 * 0.52, 1)
  })

  it.each([
    [60, 150],
    [40, 100],
    [40, 120],
    [30, 105],
    [48, 144],
    [50, 125],
    [200, 4000],
    [240, 4000],
  ])('takes no message for flicker, %i Hz seen %i times a second', (symbolRateHz, sampleRateHz) => {
    const rates = { symbolRateHz, sampleRateHz, beforeS: 1 }
    const whole = told(symbols, rates)
    const cut = told(symbols, rates, 0, 1 + (64 + 2 * 60) / symbolRateHz)
    for (const { quality } of [...whole, ...cut]) expect(quality.flicker).toBeNull()
    expect(whole).toMatchObject([{ kind: 'message' }])
  })
})

it('says that levels at the end of a capture without samples are unknown', () => {
  expect(receive(NO_SAMPLES)).toMatchObject([
    { reason: 'no-light', advice: expect.stringMatching(/LED lights up/) },
  ])
})

it('says that there were too few samples', () => {
  const block = simulateChannel(symbols, { sampleRateHz: 2.2 * 60, inverted: true })
  expect(receive(block)).toMatchObject([
    { kind: 'message', advice: expect.stringContaining('only 2.2 samples a symbol') },
  ])
})

describe.each([false, true])(
  'levels of an unknown full scale, inverting sensor: %o',
  (inverted) => {
    const CLIPPED = { clipped: { low: false, high: false } }

    it.each<[string, ArrayLike<number>, Partial<Channel>, Outcome, RegExp]>([
      ['light that seems to saturate', symbols, { swing: 2 }, 'no-marker', /one lit level/],
      ['white at the end', symbols, { swing: 1, black: 0.2 }, null, /^Grey is 0\.6\d|is good/],
      ['little light', symbols, { swing: 0.05 }, null, /is good/],
      [
        'a level at an end',
        ON,
        { swing: 1, black: 0, noiseRms: 0.002 },
        'no-light',
        /hardly changed/,
      ],
      ['no light', NOTHING, { black: 0, afterS: 3 }, 'no-light', /hardly changed/],
    ])('say nothing of %s', (_, light, path, reason, text) => {
      const capture = simulateChannel(light, { ...path, inverted })
      const dark = filter(capture, (timeS) => light !== ON || (timeS > 1 && timeS < 9))
      const [reception] = receive(dark, { isFullScaleKnown: false })
      expect(reception && 'reason' in reception ? reception.reason : null).toBe(reason)
      expect(reception).toMatchObject({ advice: expect.stringMatching(text), quality: CLIPPED })
    })
  },
)
