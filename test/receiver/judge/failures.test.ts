import { describe, expect, it, test } from 'vitest'
import { GOOD_CHANNEL, seededRandom, simulateChannel } from '../../../src/channel/index.js'
import { modulate } from '../../../src/modulation/index.js'
import {
  RECEPTION_FAILURES,
  type Reception,
  type SampleBlock,
} from '../../../src/receiver/index.js'
import {
  damaged,
  message,
  outcomes,
  packetOf,
  randomPacket,
  receive,
  receivedMessage,
} from '../../helpers/receive.js'
import { filter, NO_SAMPLES } from '../captures.js'

const SYMBOL_S = 1 / GOOD_CHANNEL.symbolRateHz
const packet = randomPacket(1)
const { levels } = modulate(packet)

/** When the lit half of a bit of the packet begins; 64 symbols of sync and marker come before. */
const litS = (bit: number) => GOOD_CHANNEL.beforeS + (64 + 2 * bit + 1) * SYMBOL_S
const isWithin = (timeS: number, startS: number, symbols: number) =>
  timeS >= startS && timeS < startS + symbols * SYMBOL_S

const steady = (level: number) => ({
  timesS: Float64Array.from({ length: 1000 }, (_, n) => n / 1000),
  levels: new Float64Array(1000).fill(level),
})
const blinking = (symbolRateHz: number, swing = GOOD_CHANNEL.swing) =>
  simulateChannel(
    Array.from({ length: 4 * symbolRateHz }, (_, n) => 2 * (n % 2)),
    { symbolRateHz, sampleRateHz: 4000, swing },
  )

const inFlicker = ({ timesS, levels }: SampleBlock): SampleBlock => ({
  timesS,
  levels: levels.map(
    (level, n) => 0.5 * level + 0.2 + 0.2 * Math.sin(200 * Math.PI * (timesS[n] ?? 0)),
  ),
})

test('every reason has a sentence of advice', () => {
  for (const text of Object.values(RECEPTION_FAILURES)) expect(text).toMatch(/^[A-Z].*: .*\.$/)
})

describe('a capture without a message', () => {
  it.each<[string, SampleBlock, Reception['kind'], string]>([
    ['no samples', NO_SAMPLES, 'no-sync', 'no-light'],
    ['darkness', steady(0), 'no-sync', 'no-light'],
    ['steady light', steady(0.5), 'no-sync', 'no-light'],
    [
      'noise of a dark ADC',
      simulateChannel([], { noiseRms: 0.002, afterS: 5 }),
      'no-sync',
      'no-light',
    ],
    ['a blinded sensor', steady(1), 'no-sync', 'saturated'],
    [
      'strong noise',
      simulateChannel([], { noiseRms: 0.1, black: 0.4, afterS: 30 }),
      'no-sync',
      'no-marker',
    ],
    [
      'flicker',
      simulateChannel([], { flicker: 0.3, black: 0.4, afterS: 5 }),
      'no-sync',
      'no-light',
    ],
    ['flicker and slow blinking', inFlicker(blinking(2)), 'bare-sync', 'no-marker'],
    ['slow blinking', blinking(2), 'no-sync', 'no-marker'],
    ['slow blinking, just seen', blinking(2, 0.052), 'no-sync', 'no-marker'],
    ['slow blinking, hardly seen', blinking(2, 0.048), 'no-sync', 'no-light'],
    ['blinking', blinking(60), 'bare-sync', 'no-marker'],
    ['fast blinking', blinking(250), 'bare-sync', 'no-marker'],
  ])('%s', (_, block, kind, reason) => {
    expect(receive(block)).toMatchObject([{ kind, reason }])
  })

  it('tells when the capture began and ended', () => {
    expect(receive(steady(0.5))).toMatchObject([{ kind: 'no-sync', startS: 0, endS: 0.999 }])
  })

  test('random blinking is never taken for a message', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seededRandom(seed)
      const bits = Array.from({ length: 1000 }, () => [0, random() < 0.7 ? 1 : 2]).flat()
      expect(
        outcomes(simulateChannel(bits, { symbolRateHz: 200, sampleRateHz: 2000 })),
      ).not.toContain('ok')
    }
  })
})

describe('levels that cannot be read', () => {
  it.each([
    ['grey and white beyond the sensor', { swing: 2 }, 'saturated'],
    ['too little light', { swing: 0.001, noiseRms: 0.5 }, 'no-light'],
    ['grey at 0.2 of white', { greyRatio: 0.2 }, 'grey-near-black'],
    ['grey at 0.27 of white', { greyRatio: 0.27 }, 'grey-near-black'],
    ['grey at 0.88 of white', { greyRatio: 0.88 }, 'grey-near-white'],
    ['grey at 0.96 of white', { greyRatio: 0.96 }, 'grey-near-white'],
    ['grey at 0.9 of white, with noise', { greyRatio: 0.9, noiseRms: 0.02 }, 'grey-near-white'],
    ['grey that is white', { greyRatio: 1 }, 'no-marker'],
  ])('%s', (_, path, reason) => {
    expect(outcomes(message(packet, path))).toEqual([reason])
  })

  it('reads a message whose white alone is beyond the sensor', () => {
    expect(outcomes(message(packet, { swing: 1, black: 0.2, greyRatio: 0.6 }))).toEqual(['ok'])
  })
})

describe('edges', () => {
  it('loses a symbol where a pulse is missing', () => {
    const block = message(packet)
    const dark = block.levels.map((level, n) =>
      isWithin(block.timesS[n] ?? 0, litS(20) - SYMBOL_S / 2, 2) ? GOOD_CHANNEL.black : level,
    )
    expect(receive({ ...block, levels: dark })).toMatchObject([
      { reason: 'lost-symbol', packetBits: 20, packet: packet.slice(0, 2) },
    ])
  })

  it('reads on where a black symbol is lit, and blames other light', () => {
    const block = message(packet)
    const lit = block.levels.map((level, n) =>
      isWithin(block.timesS[n] ?? 0, litS(20) + SYMBOL_S, 1) ? 0.6 : level,
    )
    expect(receive(block)).toMatchObject([{ quality: { lightSwitches: 0 } }])
    expect(receive({ ...block, levels: lit })).toMatchObject([
      {
        kind: 'message',
        packet,
        greyRatio: expect.closeTo(GOOD_CHANNEL.greyRatio, 2),
        quality: { swing: expect.closeTo(GOOD_CHANNEL.swing, 2), lightSwitches: 2 },
        advice: expect.stringMatching(/other light was switched/),
      },
    ])
  })

  it('loses a symbol where black ones stay lit', () => {
    const block = message(packet)
    const lit = block.levels.map((level, n) =>
      isWithin(block.timesS[n] ?? 0, litS(20) + SYMBOL_S, 12) ? 0.6 : level,
    )
    expect(receive({ ...block, levels: lit })).toMatchObject([{ reason: 'lost-symbol' }])
  })

  it('takes a spike shorter than half a symbol for no edge', () => {
    const block = message(packet)
    const lit = block.levels.map((level, n) =>
      isWithin(block.timesS[n] ?? 0, litS(20) + 1.3 * SYMBOL_S, 0.3) ? 0.6 : level,
    )
    expect(outcomes({ ...block, levels: lit })).toEqual(['ok'])
  })

  it.each([0.2, 0.4, 0.6, 0.8])(
    'survives missing samples, %f of a symbol, that hide no edge',
    (gap) => {
      const block = filter(
        message(packet),
        (timeS) => !isWithin(timeS, litS(20) + 0.1 * SYMBOL_S, gap),
      )
      expect(outcomes(block)).toEqual(['ok'])
    },
  )

  it('needs no sample in a black symbol, and measures the others', () => {
    for (const bit of [1, 20, 60]) {
      const block = filter(
        message(packet, { sampleRateHz: 3.1 * GOOD_CHANNEL.symbolRateHz }),
        (timeS) => !isWithin(timeS, litS(bit) - SYMBOL_S, 1),
      )
      const reception = receivedMessage(block)
      expect(reception.packet).toEqual(packet)
      expect(reception.levels.black).toBeCloseTo(GOOD_CHANNEL.black, 2)
      expect(reception.greyRatio).toBeCloseTo(GOOD_CHANNEL.greyRatio, 2)
      expect(reception.quality.swing).toBeCloseTo(GOOD_CHANNEL.swing, 2)
    }
  })

  it('loses a symbol where samples are missing for longer than a bit', () => {
    const block = filter(message(packet), (timeS) => !isWithin(timeS, litS(20) - SYMBOL_S / 2, 2.5))
    expect(receive(block)).toMatchObject([{ reason: 'lost-symbol', packetBits: 20 }])
  })
})

describe('a message that is broken off', () => {
  it('loses a symbol when the capture ends', () => {
    const block = filter(message(packet), (timeS) => timeS < litS(21) - SYMBOL_S / 2)
    expect(receive(block)).toMatchObject([{ reason: 'lost-symbol', packetBits: 21 }])
  })

  it('loses a symbol when the light ends within a byte, and says so without waiting for the end', () => {
    const block = simulateChannel(levels.subarray(0, 64 + 2 * 21), { afterS: 1 })
    expect(receive(block)).toMatchObject([{ reason: 'lost-symbol', packetBits: 21 }])
  })

  it('blames the length byte when the light ends with a byte', () => {
    const block = simulateChannel(levels.subarray(0, 64 + 2 * 24))
    expect(receive(block)).toMatchObject([
      { reason: 'length', packetBits: 24, packet: packet.slice(0, 3) },
    ])
  })

  it.each([20, 50, 60])('has no marker when the light ends after %i symbols', (symbols) => {
    expect(outcomes(simulateChannel(levels.subarray(0, symbols)))).toEqual(['no-marker'])
  })

  it('has no marker, rather than a near white, where noise alone tells grey bits apart', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const sync = simulateChannel(levels.subarray(0, 48), { noiseRms: 1 / 32, seed })
      expect(outcomes(sync), `seed ${seed}`).toEqual(['no-marker'])
    }
  })

  it('is complete with its last lit symbol, though the capture ends within it', () => {
    const endS = litS(8 * packet.length - 1) + 0.9 * SYMBOL_S
    for (const noiseRms of [0, 0.02]) {
      expect(outcomes(filter(message(packet, { noiseRms }), (timeS) => timeS < endS))).toEqual([
        'ok',
      ])
    }
  })
})

describe('bytes', () => {
  it('fails on a wrong marker', () => {
    const wrong = levels.slice()
    wrong[48 + 15] = 2
    expect(outcomes(simulateChannel(wrong))).toEqual(['no-marker'])
  })

  it('gives the bytes whose CRC is wrong', () => {
    const wrong = damaged(packet)
    expect(receive(message(wrong))).toMatchObject([
      { kind: 'bad-packet', reason: 'crc', packet: wrong, packetBits: 8 * wrong.length },
    ])
  })

  it('fails on a malformed TLV with a right CRC', () => {
    const wrong = packetOf(7, 0, 7, 0)
    expect(receive(message(wrong))).toMatchObject([
      { kind: 'bad-packet', reason: 'tlv', packet: wrong },
    ])
  })

  it('fails on an empty packet, which its CRC cannot tell from zero bits', () => {
    expect(outcomes(message(packetOf()))).toEqual(['length'])
  })
})
