import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { demodulate, modulate } from '../../src/modulation/index.js'
import { Framer } from '../../src/receiver/framer.js'
import type { Reception } from '../../src/receiver/index.js'
import type { Pulse } from '../../src/receiver/slicer.js'
import { packetOf, randomPacket } from './receive.js'

const LEVELS = [0.1, 0.35, 0.6]
const packet = randomPacket(1)

/** The pulses of a message; `periodS` gives the length of each bit. */
function pulsesOf(bytes: Uint8Array, periodS = (_bit: number) => 0.02): Pulse[] {
  const { levels } = modulate(bytes)
  let riseS = 0
  return Array.from({ length: (levels.length - 6) / 2 }, (_, bit) => {
    riseS += periodS(bit)
    const level = LEVELS[levels[2 * bit + 1] ?? 0] ?? 0
    return { riseS, fallS: riseS + periodS(bit) / 2, level, black: 0.1 }
  })
}

const frame = (framer: Framer, pulses: Pulse[]): Reception[] =>
  pulses.map((pulse) => framer.pulse(pulse)).filter((reception) => reception !== null)

it('reads a bit a pulse', () => {
  const [reception] = frame(new Framer(), pulsesOf(packet))
  expect(reception).toMatchObject({ ok: true, packet, levels: { black: 0.1 } })
  expect(reception?.symbolRateHz).toBeCloseTo(100, 6)
  expect(reception?.greyRatio).toBeCloseTo(0.5, 6)
})

it('ends a message with its last CRC bit and is ready for the next pulse', () => {
  const framer = new Framer()
  const pulses = pulsesOf(packet)
  expect(frame(framer, pulses.slice(0, -1))).toEqual([])
  expect(framer.pulse(pulses.at(-1) as Pulse)).toMatchObject({ ok: true })
  expect(framer.knownSignal).toBeNull()
  expect(framer.end()).toBeNull()
})

it('knows the signal after 8 regular, equal pulses', () => {
  const framer = new Framer()
  const pulses = pulsesOf(packet)
  frame(framer, pulses.slice(0, 7))
  expect(framer.knownSignal).toBeNull()
  frame(framer, pulses.slice(7, 8))
  expect(framer.knownSignal?.grey).toBeCloseTo(0.25, 9)
  expect(framer.knownSignal?.shortestPulseS).toBeCloseTo(0.005, 9)
})

it('needs 8 zero bits before the marker', () => {
  expect(frame(new Framer(), pulsesOf(packet).slice(24 - 8))).toMatchObject([{ ok: true }])
  expect(frame(new Framer(), pulsesOf(packet).slice(24 - 5))).toEqual([])
})

describe('timing', () => {
  it('follows a rate that changes by a third in the message', () => {
    for (const change of [-1, 1]) {
      const pulses = pulsesOf(packet, (bit) => 0.02 * (1 + (change * bit) / 3 / 280))
      expect(frame(new Framer(), pulses)).toMatchObject([{ ok: true, packet }])
    }
  })

  it.each([0.72, 1.28])('accepts one bit of %f of the period', (part) => {
    const pulses = pulsesOf(packet, (bit) => (bit === 50 ? part : 1) * 0.02)
    expect(frame(new Framer(), pulses)).toMatchObject([{ ok: true }])
  })

  it.each([0.5, 0.68, 1.32, 2])('loses a symbol where a bit is %f of the period', (part) => {
    const pulses = pulsesOf(packet, (bit) => (bit === 50 ? part : 1) * 0.02)
    expect(frame(new Framer(), pulses)[0]).toMatchObject({
      reason: 'lost-symbol',
      packetBits: 50 - 32,
    })
  })

  it('expects no further pulse 2.5 bits after the last edge', () => {
    const framer = new Framer()
    expect(framer.deadlineS).toBe(Infinity)
    frame(framer, pulsesOf(packet).slice(0, 10))
    expect(framer.deadlineS).toBeCloseTo(0.2 + 0.05, 9)
  })
})

describe('what ends early', () => {
  it.each([
    [32 + 5, 'lost-symbol'],
    [32 + 8, 'length'],
    [32, 'lost-symbol'],
  ])('silence after %i bits is %s', (bits, reason) => {
    const framer = new Framer()
    frame(framer, pulsesOf(packet).slice(0, bits))
    expect(framer.silence()).toMatchObject({ reason, packetBits: bits - 32 })
  })

  it('is no message before the marker, but the brightest one is kept', () => {
    const framer = new Framer()
    const flicker = pulsesOf(packet)
      .slice(0, 20)
      .map((pulse) => ({ ...pulse, level: 0.12 }))
    frame(framer, pulsesOf(packet).slice(0, 26))
    expect(framer.silence()).toBeNull()
    frame(framer, flicker)
    expect(framer.silence()).toBeNull()
    expect(framer.bareSync).toMatchObject({ reason: 'no-marker', packet: null, packetBits: 0 })
    expect(framer.bareSync?.levels.grey).toBeCloseTo(0.35, 9)
  })
})

it('starts afresh when brighter light blinks at the same rate right before a sync', () => {
  const blinking = pulsesOf(packet)
    .slice(0, 20)
    .map((pulse) => ({ ...pulse, riseS: pulse.riseS - 0.4, fallS: pulse.fallS - 0.4, level: 0.6 }))
  expect(frame(new Framer(), [...blinking, ...pulsesOf(packet)])).toMatchObject([
    { ok: true, packet },
  ])
})

it('measures each message alone', () => {
  const framer = new Framer()
  frame(framer, pulsesOf(packet))
  const late = pulsesOf(packet, () => 0.03).map((pulse) => ({
    ...pulse,
    riseS: pulse.riseS + 100,
    fallS: pulse.fallS + 100,
  }))
  const [reception] = frame(framer, late)
  expect(reception?.symbolRateHz).toBeCloseTo(2 / 0.03, 6)
  expect(reception?.startS).toBeCloseTo(100.03, 6)
})

it('keeps nothing of one packet for the next', () => {
  const framer = new Framer()
  frame(framer, pulsesOf(randomPacket(2, 200)))
  expect(frame(framer, pulsesOf(packetOf(7, 0)))).toMatchObject([{ config: { clear: true } }])
})

test('a message is read after any pulses, its bits being those that demodulate reads', () => {
  const anyPulse = fc.record({
    stepS: fc.oneof(fc.constant(0.02), fc.double({ min: 0, max: 1, noNaN: true })),
    level: fc.oneof(fc.constantFrom(...LEVELS), fc.double({ min: 0, max: 1, noNaN: true })),
  })
  fc.assert(
    fc.property(fc.array(anyPulse, { maxLength: 200 }), fc.nat(100), (noise, seed) => {
      const framer = new Framer()
      let riseS = -1000
      const noisePulses = noise.map(({ stepS, level }) => {
        riseS += stepS
        return { riseS, fallS: riseS + stepS / 2, level, black: 0.1 }
      })
      frame(framer, noisePulses)
      framer.silence()
      const sent = randomPacket(seed)
      expect(frame(framer, pulsesOf(sent))).toMatchObject([
        { packet: demodulate(modulate(sent)).packet },
      ])
    }),
  )
})
