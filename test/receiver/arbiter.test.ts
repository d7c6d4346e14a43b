import { describe, expect, it, test } from 'vitest'
import { type Channel, simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { Receiver, type TracedReading } from '../../src/receiver/index.js'
import { damaged, message, outcomes, packetOf, packets, randomPacket } from '../helpers/receive.js'

const CLEAR = [0x02, 0x07, 0x00, 0x1d, 0x41]
/** A message whose data hold a sync, a marker and the packet that clears the configuration. */
const nested = packetOf(200, 12, 0, 0, 0x2a, ...CLEAR, 1, 2, 3, 4)

describe('a packet in the data of a message', () => {
  test.each([
    ['clear light', {}],
    ['noise', { noiseRms: 0.1 }],
    ['symbols that come late', { symbolJitter: 0.3 }],
    ['flicker', { flicker: 0.3, beforeS: 1 }],
    ['an inverting sensor', { inverted: true }],
  ])('is no message of its own: %s', (_, path) => {
    expect(packets(message(nested, { beforeS: 0.7, ...path }))).toEqual([nested])
  })

  it('counts where nothing else does', () => {
    // The outer CRC is wrong: what is right inside it may have been sent so, or not.
    expect(outcomes(message(nested.with(-1, 0), { beforeS: 0.7 }))).toEqual(['ok'])
  })
})

describe('the trace', () => {
  const traced = (packet: Uint8Array, path: Partial<Channel> = {}) => {
    const receiver = new Receiver({ trace: true })
    const receptions = [...receiver.push(message(packet, path)), ...receiver.end()]
    return receptions.map(({ trace }) => trace ?? [])
  }

  const byVerdict = (readings: readonly TracedReading[], verdict: TracedReading['verdict']) =>
    readings.filter((reading) => reading.verdict === verdict)

  it('has what was reported, and what that has beaten', () => {
    const [readings = []] = traced(randomPacket(1))
    expect(byVerdict(readings, 'reported')).toMatchObject([
      { lit: 'brighter', lessFlicker: false, end: 'message' },
    ])
    expect(byVerdict(readings, 'beaten')).toMatchObject([{ lit: 'brighter', end: 'open' }])
  })

  it('says how each reading of a failure ended', () => {
    const [readings = []] = traced(damaged(randomPacket(1)))
    expect(byVerdict(readings, 'reported')).toMatchObject([{ end: 'crc' }])
    expect(byVerdict(readings, 'beaten')).toMatchObject([{ end: 'crc' }])
  })

  it('says that nothing had a marker', () => {
    const sync = modulate(randomPacket(1)).levels.subarray(0, 48)
    const receiver = new Receiver({ trace: true })
    const receptions = [...receiver.push(simulateChannel(sync)), ...receiver.end()]
    expect(receptions).toMatchObject([{ kind: 'bare-sync' }])
    const ends = receptions[0]?.trace?.map(({ end, verdict }) => [end, verdict]) ?? []
    expect(ends.length).toBeGreaterThan(0)
    for (const end of ends) expect(end).toEqual(['no-marker', 'no message'])
  })

  it('tells the log-likelihood, more of it in better light', () => {
    const reported = (path: Partial<Channel>): number => {
      const [readings = []] = traced(randomPacket(1), path)
      return byVerdict(readings, 'reported')[0]?.logLikelihood ?? Number.NaN
    }
    // 232 bits at 3.2 nats each, and at ln(0.48 / (0.2 / sqrt(16.7)) / sqrt(2 pi e)) = 0.87.
    expect(reported({})).toBeCloseTo(742, -1)
    expect(reported({ noiseRms: 0.2 })).toBeGreaterThan(150)
    expect(reported({ noiseRms: 0.2 })).toBeLessThan(250)
  })

  it('is there only where it was asked for', () => {
    const receiver = new Receiver()
    const receptions = [...receiver.push(message(randomPacket(1))), ...receiver.end()]
    expect(receptions).toHaveLength(1)
    expect(receptions[0]).not.toHaveProperty('trace')
  })
})
