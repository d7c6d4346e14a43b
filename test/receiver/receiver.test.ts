import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { decodePacket, encodePacket } from '../../src/packet/index.js'
import {
  failureOf,
  RECEPTION_FAILURES,
  Receiver,
  type SampleBlock,
} from '../../src/receiver/index.js'
import {
  damaged,
  message,
  outcomes,
  packets,
  randomPacket,
  receive,
  receivedMessage,
} from '../helpers/receive.js'
import { concatenate } from './captures.js'

/** Of a simulated capture, before its first symbol. */
const BEFORE_S = 0.3

describe('a reception', () => {
  const config = {
    ssid: 'test',
    password: 'password',
    planId: 'fedcba9876543210',
    token: '0123456789abcdef',
  }
  const packet = encodePacket(config)
  const reception = receivedMessage(
    message(packet, { startS: 100, riseSymbols: 0.05, fallSymbols: 0.1 }),
  )

  it('holds the settings and the bytes', () => {
    expect(reception).toMatchObject({ kind: 'message', packet, config })
  })
  it('tells when the light began and ended', () => {
    expect(reception.startS).toBeCloseTo(100.3 + 1 / 60, 2)
    expect(reception.endS).toBeCloseTo(100.3 + (modulate(packet).levels.length - 6) / 60, 2)
  })
  it('measures the levels', () => {
    const { black, grey, white } = reception.levels
    expect([black, grey, white].map((level) => level?.toFixed(2))).toEqual(['0.10', '0.41', '0.70'])
    expect(reception.greyRatio?.toFixed(2)).toBe('0.52')
  })
  it('measures the symbol rate and the timing spread', () => {
    expect(reception.symbolRateHz).toBeCloseTo(60, 2)
    expect(reception.timingSpread.rmsS).toBeLessThan(0.0005)
    expect(reception.timingSpread.maxS).toBeLessThan(0.001)
  })
  it('shows symbols that an emitter did not keep in time', () => {
    const late = receivedMessage(message(packet, { symbolJitter: 0.2, sampleRateHz: 4000 }))
    // Uniform between 0 and 0.2 symbols: a standard deviation of 0.2 / sqrt(12).
    expect(late.timingSpread.rmsS).toBeCloseTo(0.2 / Math.sqrt(12) / 60, 4)
  })
})

describe('several messages in one capture', () => {
  const [one, two] = [randomPacket(1), randomPacket(2)]

  it.each([10, 60, 142, 250])('finds all of them back to back at %i Hz', (symbolRateHz) => {
    for (const dialect of ['sdk-0.3.0', 'sdk-2015'] as const) {
      for (const greyRatio of [0.35, 0.75]) {
        const symbols = [one, two, one].flatMap((packet) => [
          ...modulate(packet, { dialect }).levels,
        ])
        const path = { symbolRateHz, greyRatio, sampleRateHz: Math.max(250, 6 * symbolRateHz) }
        expect(packets(simulateChannel(symbols, path))).toEqual([one, two, one])
      }
    }
  })

  it('finds them between noise, flicker and long darkness', () => {
    const block = concatenate(
      simulateChannel([], { noiseRms: 0.03, afterS: 3 }),
      message(one),
      simulateChannel([], { flicker: 0.04, afterS: 3 }),
      message(two, { symbolRateHz: 142 }),
      simulateChannel([], { afterS: 60 }),
      message(one, { symbolRateHz: 20, swing: 0.2, black: 0.3 }),
    )
    expect(packets(block)).toEqual([one, two, one])
  })

  it.each([30, 70, 101, 200, 201, 202, 204, 307])(
    'finds the one after another that broke off at symbol %i',
    (symbols) => {
      for (const darkSymbols of [1, 4, 60]) {
        const broken = [
          ...modulate(one).levels.subarray(0, symbols),
          ...new Array(darkSymbols).fill(0),
        ]
        const block = simulateChannel([...broken, ...modulate(two).levels], { sampleRateHz: 2000 })
        expect(packets(block), `${darkSymbols} dark symbols`).toEqual([two])
      }
    },
  )

  it.each([60, 142])(
    'tells each of those that follow one another at once, at %i Hz',
    (symbolRateHz) => {
      for (const sent of [
        [one, two],
        [one, damaged(two)],
        [damaged(one), two],
        [one, damaged(two), one],
        [damaged(one), damaged(two), two],
      ]) {
        const symbols = sent.map((packet) => [...modulate(packet).levels])
        const block = simulateChannel(symbols.flat(), { symbolRateHz, sampleRateHz: 2000 })
        const receptions = receive(block)
        expect(receptions.map((reception) => 'packet' in reception && reception.packet)).toEqual(
          sent,
        )
        for (const [n, { startS }] of receptions.entries()) {
          const before = symbols.slice(0, n).flat().length
          const lit = before + (symbols[n] as number[]).findIndex((symbol) => symbol > 0)
          expect(Math.abs((startS - BEFORE_S) * symbolRateHz - lit)).toBeLessThan(0.5)
        }
      }
    },
  )

  it('reports a failed one and a good one in order', () => {
    expect(outcomes(concatenate(message(damaged(one)), message(two)))).toEqual(['crc', 'ok'])
  })

  it('returns each within a symbol and 16 samples after its last bit', () => {
    const receiver = new Receiver()
    const { timesS, levels } = message(one)
    const endS = 0.3 + (48 + 16 + 16 * one.length + 1) / 60 + 0.016
    const end = timesS.findIndex((timeS) => timeS > endS)
    expect(
      receiver.push({ timesS: timesS.subarray(0, end), levels: levels.subarray(0, end) }),
    ).toHaveLength(1)
    expect(receiver.push({ timesS: timesS.subarray(end), levels: levels.subarray(end) })).toEqual(
      [],
    )
    expect(receiver.end()).toEqual([])
  })
})

describe('the contract of SampleBlock', () => {
  const block = (timesS: number[], levels: number[]): SampleBlock => ({
    timesS: Float64Array.from(timesS),
    levels: Float64Array.from(levels),
  })

  it.each([
    ['different lengths', block([1, 2], [0]), 'as many times as levels'],
    ['a time that is no number', block([1, NaN], [0, 0]), 'sample 1 of the block is at NaN'],
    ['an infinite time', block([Infinity], [0]), 'sample 0 of the block is at Infinity'],
    [
      'a time in nanoseconds',
      block([1.76e18], [0]),
      'within 10^10 s that do not decrease: sample 0',
    ],
    [
      'a time long before zero',
      block([-1.76e18], [0]),
      'within 10^10 s that do not decrease: sample 0',
    ],
    ['falling times', block([2, 1], [0, 0]), 'times within 10^10 s that do not decrease: sample 1'],
    ['a level that is no number', block([1], [NaN]), 'levels from 0 to 1'],
    ['a level above full scale', block([1], [1.01]), 'levels from 0 to 1'],
    ['a level below zero', block([1], [-0.01]), 'levels from 0 to 1'],
  ])('refuses %s', (_, bad, text) => {
    expect(() => new Receiver().push(bad)).toThrow(RangeError)
    expect(() => new Receiver().push(bad)).toThrow(text)
  })

  it('holds from block to block', () => {
    const receiver = new Receiver()
    receiver.push(block([1], [0]))
    expect(() => receiver.push(block([0.5], [0]))).toThrow(
      'sample 0 of the block is at 0.5 s after 1 s',
    )
  })

  it('uses nothing of a block that it refuses', () => {
    const receiver = new Receiver()
    const packet = randomPacket(1)
    expect(() => receiver.push(block([0, 1000, 1], [0, 1, 0]))).toThrow(RangeError)
    expect([...receiver.push(message(packet)), ...receiver.end()]).toMatchObject([{ packet }])
  })
})

describe('properties', () => {
  test('any packet over any light path in range arrives', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer(),
          symbolRateHz: fc.double({ min: 10, max: 250, noNaN: true }),
          greyRatio: fc.double({ min: 0.35, max: 0.75, noNaN: true }),
          black: fc.double({ min: 0, max: 0.6, noNaN: true }),
          swing: fc.double({ min: 0.1, max: 0.39, noNaN: true }),
          samplesASymbol: fc.double({ min: 6, max: 20, noNaN: true }),
          riseSymbols: fc.double({ min: 0, max: 0.15, noNaN: true }),
          fallSymbols: fc.double({ min: 0, max: 0.15, noNaN: true }),
          startS: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        }),
        fc.integer({ min: 0, max: 100 }),
        ({ samplesASymbol, ...path }, valueBytes) => {
          const packet = randomPacket(path.seed, valueBytes)
          const sampleRateHz = Math.max(250, samplesASymbol * path.symbolRateHz)
          expect(receive(message(packet, { ...path, sampleRateHz }))).toMatchObject([
            { kind: 'message', packet },
          ])
        },
      ),
      {
        // Samples and symbols that nearly keep time make a faint pattern in the sync, which the other polarity took for a marker.
        examples: [
          [
            {
              seed: 794884380,
              symbolRateHz: 22.70658863708377,
              greyRatio: 0.444654119759798,
              black: 0.34655864238739015,
              swing: 0.3136976105580107,
              samplesASymbol: 13.237507473211735,
              riseSymbols: 0.1149555740179494,
              fallSymbols: 0.14970703254221007,
              startS: 784859.0826615691,
            },
            92,
          ],
          // A bit of 13.6 samples, which a scale takes for 12: each block began to read anew.
          [
            {
              seed: 0,
              symbolRateHz: 93.41134939398977,
              greyRatio: 0.39934332188205096,
              black: 0,
              swing: 0.19949662312696353,
              samplesASymbol: 6.790143869054726,
              riseSymbols: 0,
              fallSymbols: 0,
              startS: 0,
            },
            0,
          ],
        ],
      },
    )
  })

  test('the result does not depend on how samples are cut into blocks', () => {
    const whole = concatenate(
      simulateChannel([], { noiseRms: 0.03, afterS: 1 }),
      message(randomPacket(1)),
      simulateChannel(modulate(randomPacket(2)).levels.subarray(0, 200)),
      message(randomPacket(3), { noiseRms: 0.03 }),
    )
    const expected = receive(whole)
    expect(expected.map(failureOf)).toEqual([null, 'lost-symbol', null])
    const length = whole.timesS.length
    fc.assert(
      fc.property(fc.array(fc.nat(length), { maxLength: 50 }), (cuts) => {
        const receiver = new Receiver()
        const borders = [0, ...cuts.sort((a, b) => a - b), length]
        const receptions = borders.flatMap((start, n) => {
          const end = borders[n + 1] ?? length
          const { timesS, levels } = whole
          return receiver.push({
            timesS: timesS.subarray(start, end),
            levels: levels.subarray(start, end),
          })
        })
        expect([...receptions, ...receiver.end()]).toEqual(expected)
      }),
    )
  })

  test('one sample at a time is the same as all at once', () => {
    const whole = message(randomPacket(4))
    const receiver = new Receiver()
    const receptions = [...whole.timesS.keys()].flatMap((n) =>
      receiver.push({
        timesS: whole.timesS.subarray(n, n + 1),
        levels: whole.levels.subarray(n, n + 1),
      }),
    )
    expect([...receptions, ...receiver.end()]).toEqual(receive(whole))
  })

  test('any numbers are received or refused with a RangeError', () => {
    const times = fc.oneof(
      fc.float64Array(),
      fc.float64Array({ noNaN: true }).map((all) => all.sort()),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(times, fc.float64Array({ min: -0.1, max: 1.1 }))), (blocks) => {
        const receiver = new Receiver()
        for (const [timesS, levels] of blocks) {
          const length = Math.min(timesS.length, levels.length)
          try {
            receiver.push({
              timesS: timesS.subarray(0, length),
              levels: levels.subarray(0, length),
            })
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        }
        expect(receiver.end().length).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('any levels at any increasing times end in well-formed receptions', () => {
    const samples = fc.array(
      fc.tuple(
        fc.oneof(fc.constant(0.005), fc.double({ min: 1e-6, max: 1e6, noNaN: true })),
        fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      ),
      { minLength: 1, maxLength: 500 },
    )
    fc.assert(
      fc.property(samples, (steps) => {
        let timeS = 0
        const timesS = Float64Array.from(steps, ([stepS]) => (timeS += stepS))
        expectWellFormed({ timesS, levels: Float64Array.from(steps, ([, level]) => level) })
      }),
    )
  })

  test('a message with damage anywhere ends in well-formed receptions', () => {
    const { timesS, levels } = message(randomPacket(5), { symbolRateHz: 100, noiseRms: 0.02 })
    const damage = fc.record({
      start: fc.nat(levels.length),
      length: fc.nat(100),
      level: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 10 }), (damages) => {
        const damaged = levels.slice()
        for (const { start, length, level } of damages) damaged.fill(level, start, start + length)
        expectWellFormed({ timesS, levels: damaged })
      }),
    )
  })
})

function expectWellFormed(block: SampleBlock) {
  const receptions = receive(block)
  expect(receptions.length).toBeGreaterThan(0)
  for (const reception of receptions) {
    expect(reception.startS).toBeLessThanOrEqual(reception.endS)
    if (reception.kind === 'message') {
      expect(reception.config).toEqual(decodePacket(reception.packet))
    } else expect(RECEPTION_FAILURES).toHaveProperty(reception.reason)
    if (reception.kind !== 'bad-packet') continue
    expect(reception.packet.length).toBe(Math.floor(reception.packetBits / 8))
  }
}
