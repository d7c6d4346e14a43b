import { describe, expect, it, test } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { BLACK, GREY, modulate } from '../../src/modulation/index.js'
import { randomPacket, receive } from '../helpers/receive.js'
import { expectAllReceived } from './axes/received.js'

// Within the ranges of `axes` also several impairments at once, at all grey ratios and symbol rates.

/** Sooner than other light is known. */
const SOON = { beforeS: 0.3 }
const GREYS = [0.35, 0.52, 0.75]
const RATES = [
  { symbolRateHz: 10, sampleRateHz: 250 },
  { symbolRateHz: 60, sampleRateHz: 360 },
  { symbolRateHz: 250, sampleRateHz: 1500 },
]
const GREYS_AND_RATES = GREYS.flatMap((greyRatio) => RATES.map((rate) => ({ greyRatio, ...rate })))

describe('symbol rate', () => {
  test.each([10, 15, 20, 30, 41])('%i Hz at 250 samples a second', (symbolRateHz) => {
    expectAllReceived({ symbolRateHz, sampleRateHz: 250 })
  })
  test.each([10, 20, 30, 60, 100, 142, 200, 250])('%i Hz at 6 samples a symbol', (symbolRateHz) => {
    expectAllReceived({ symbolRateHz, sampleRateHz: Math.max(250, 6 * symbolRateHz) })
  })
  test.each([10, 60, 250])('%i Hz at 10,000 samples a second', (symbolRateHz) => {
    expectAllReceived({ symbolRateHz, sampleRateHz: 10_000 }, 2)
  })
})

describe('levels', () => {
  test.each([0, 0.3, 0.6])('black at %f of full scale, swing of 0.1 and 0.4', (black) => {
    for (const greyRatio of GREYS) {
      expectAllReceived({ black, swing: 0.1, greyRatio })
      expectAllReceived({ black, swing: 0.39, greyRatio })
    }
  })
  it('reads the whole range of a sensor', () => expectAllReceived({ black: 0, swing: 0.99 }))
})

describe('disturbances', () => {
  test.each(GREYS_AND_RATES.filter(({ symbolRateHz }) => symbolRateHz !== 10))(
    '200 messages with noise of 1/32 of the swing: %o',
    (path) => expectAllReceived({ ...path, ...SOON, noiseRms: 1 / 32 }, 200),
    30_000,
  )
  test.each(GREYS)('noise at 166 samples a symbol, grey %f', (greyRatio) => {
    expectAllReceived({ greyRatio, noiseRms: 1 / 32, sampleRateHz: 10_000 }, 10)
  })
  test.each(GREYS_AND_RATES)('100 Hz flicker with a peak of 5 %% of the swing: %o', (path) => {
    expectAllReceived({ ...path, ...SOON, flicker: 0.05, black: 0.2 }, 20)
  })
  test.each([10, 20, 30, 60])(
    'flicker of 10 %% up to a symbol rate of 60 Hz: %i Hz',
    (symbolRateHz) => {
      for (const greyRatio of GREYS) {
        expectAllReceived({ ...SOON, symbolRateHz, greyRatio, flicker: 0.1, black: 0.2 })
      }
    },
  )
  test.each(GREYS_AND_RATES)(
    'other light that drifts by 20 %% of the swing a second: %o',
    (path) => {
      expectAllReceived({ ...path, drift: 0.2 }, 10)
    },
  )
  test.each(GREYS_AND_RATES)('rise and fall times up to 15 %% of a symbol: %o', (path) => {
    for (const riseSymbols of [0, 0.02, 0.15]) {
      for (const fallSymbols of [0, 0.02, 0.15]) {
        expectAllReceived({ ...path, riseSymbols, fallSymbols }, 3)
      }
    }
  })
  test.each(GREYS_AND_RATES)('irregular sample and symbol times: %o', (path) => {
    expectAllReceived({ ...path, sampleJitter: 0.9, symbolJitter: 0.1 }, 10)
  })
  test.each(GREYS_AND_RATES)('a little of everything: %o', (path) => {
    const little = {
      noiseRms: 1 / 100,
      flicker: 0.02,
      drift: 0.1,
      riseSymbols: 0.1,
      fallSymbols: 0.05,
    }
    expectAllReceived({ ...path, ...little, sampleJitter: 0.5, black: 0.2, swing: 0.3 }, 10)
  })
})

describe('sync', () => {
  test.each([12, 16, 24, 100, 5000])('%i zero bits before the marker', (zeroBits) => {
    const packet = randomPacket(1)
    const { levels } = modulate(packet)
    const sync = Array.from({ length: zeroBits }, () => [BLACK, GREY]).flat()
    const block = simulateChannel([...sync, ...levels.subarray(48)], {
      symbolRateHz: 250,
      sampleRateHz: 2000,
    })
    expect(receive(block)).toMatchObject([{ kind: 'message', packet }])
  })

  it('is not mistaken for a marker in noise, however long it is', () => {
    const sync = Array.from({ length: 3000 }, () => [BLACK, GREY]).flat()
    const packet = randomPacket(4)
    const symbols = [...sync, ...modulate(packet).levels]
    for (let seed = 1; seed <= 5; seed++) {
      const path = {
        greyRatio: 0.35,
        noiseRms: 1 / 32,
        symbolRateHz: 250,
        sampleRateHz: 1500,
        seed,
      }
      expect(receive(simulateChannel(symbols, path))).toMatchObject([{ kind: 'message', packet }])
    }
  })

  it('reads both dialects', () => {
    const packet = randomPacket(2)
    for (const dialect of ['sdk-0.3.0', 'sdk-2015'] as const) {
      const block = simulateChannel(modulate(packet, { dialect }).levels)
      expect(receive(block)).toMatchObject([{ kind: 'message', packet }])
    }
  })

  it('is found after an LED that was lit for 0.2 s, as published fixtures light it', () => {
    const packet = randomPacket(3)
    for (const symbolRateHz of [60, 250]) {
      const flash = new Array(0.2 * symbolRateHz).fill(2)
      const symbols = [...flash, ...modulate(packet).levels]
      const block = simulateChannel(symbols, { symbolRateHz, sampleRateHz: 2000, greyRatio: 0.35 })
      expect(receive(block)).toMatchObject([{ kind: 'message', packet }])
    }
  })
})
