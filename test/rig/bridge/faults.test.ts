import { describe, expect, test } from 'vitest'
import { loopback } from '../../../src/bench/loopback.js'
import { formatSymbols, modulate } from '../../../src/modulation/index.js'
import { encodePacket } from '../../../src/packet/index.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { Emulation } from '../../../src/rig/emulated/emulation.js'
import { RigError } from '../../../src/rig/errors.js'
import { Bench, expectedEdges } from '../../firmware-bridge/bench.js'
import { FaultyCable, type Wire } from './faulty-binding.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
const PACKET = encodePacket({ clear: true })
const SEQUENCE = modulate(PACKET)
const PLACES = 16

/** The edges of the only light that may ever be seen, from the board without any fault. */
const EDGES = ((): number[] => {
  const bench = new Bench()
  bench.ask('rate 142')
  const symbols = formatSymbols(SEQUENCE)
  return [...expectedEdges(symbols, bench.play(symbols))]
})()

/** The light is the message's from its start on, as far as it goes: a fall may end it anywhere. */
function expectBeginningOfMessage(edges: readonly number[]): void {
  const shift = Math.abs(edges[0] ?? 0) - Math.abs(EDGES[0] ?? 0)
  for (const [index, edge] of edges.entries()) {
    const expected = EDGES[index] ?? Number.NaN
    if (edge === expected + Math.sign(expected) * shift) continue
    expect({ index, falls: edge < 0 }).toEqual({ index: edges.length - 1, falls: true })
  }
}

interface Outcome {
  /** The verdict, or the code of the RigError. */
  readonly result: string
  readonly bytesToBoard: number
  readonly bytesToHost: number
}

/**
 * Opens the bridge and sends a message once round while a fault strikes. Whatever comes of it: it ends
 * in time, only with a verdict or a RigError; the light that was seen is the right message's beginning;
 * and a little later it is dark.
 */
async function converse(
  strike: (cable: FaultyCable, emulation: Emulation) => void,
): Promise<Outcome> {
  const emulation = new Emulation()
  const cable = new FaultyCable(emulation)
  const edges: number[] = []
  emulation.onLed = (lit, cycle) => edges.push(lit ? cycle : -cycle)
  strike(cable, emulation)
  let result: string
  try {
    const bridge = await openBridge('emulated', OPTIONS, cable.binding, emulation)
    try {
      const report = await loopback(bridge, PACKET, SEQUENCE, { symbolRateHz: 142 })
      result = report.verdict === 'pass' ? 'pass' : `fail: ${report.reason}`
    } finally {
      await bridge.close()
    }
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    result = error.code
  }
  expect(emulation.nowMs()).toBeLessThan(15_000)
  await emulation.sleep(1100)
  expect(emulation.board.lit).toBe(false)
  expectBeginningOfMessage(edges)
  await emulation.stop()
  const { bytesToBoard, bytesToHost } = cable
  return { result, bytesToBoard, bytesToHost }
}

const clean = await converse(() => {})

test('without a fault it passes', () => {
  expect(clean.result).toBe('pass')
  expect(clean.bytesToBoard).toBeGreaterThan(300)
  expect(clean.bytesToHost).toBeGreaterThan(3000)
})

/** What the board says last, when the verdict stands. */
const CLOSING_BYTES = 150

/** Byte numbers spread over the whole conversation, its first and last bytes included. */
function places(bytes: number): number[] {
  return Array.from({ length: PLACES }, (_, i) => Math.floor((i * (bytes - 1)) / (PLACES - 1)))
}

/** A wire that is faulty at one byte. */
const at =
  (place: number, fault: Wire): Wire =>
  (byte, index) =>
    index === place ? fault(byte, index) : [byte]

const GARBAGE = Array.from({ length: 300 }, (_, i) => (i * 167 + 13) % 256)

const WIRE_FAULTS: [name: string, wire: (place: number) => Wire][] = [
  ['a byte is dropped', (place) => at(place, () => [])],
  ['a byte is doubled', (place) => at(place, (byte) => [byte, byte])],
  ['a bit is flipped', (place) => at(place, (byte) => [byte ^ 0x04])],
  ['a byte becomes a line end', (place) => at(place, () => [0x0a])],
  ['garbage comes between', (place) => at(place, (byte) => [byte, ...GARBAGE])],
  [
    'twenty bytes are dropped',
    (place) => (byte, i) => (i >= place && i < place + 20 ? [] : [byte]),
  ],
  ['nothing goes through any more', (place) => (byte, i) => (i >= place ? [] : [byte])],
]

/** A fault may leave the message whole, break it visibly, or end the run with what went wrong. */
const ALLOWED =
  /^(pass|fail: (lost-symbol|crc|length|no-light|no-marker|tlv)|no-answer|refused|damaged|reset|broken-off|unplugged|foreign)$/

describe.each(WIRE_FAULTS)('%s', (_, wire) => {
  test('on the way to the board', async () => {
    for (const place of places(clean.bytesToBoard)) {
      const { result } = await converse((cable) => {
        cable.toBoard = wire(place)
      })
      expect(result, `at byte ${place}`).toMatch(ALLOWED)
    }
  })

  test('on the way to the host', async () => {
    for (const place of places(clean.bytesToHost)) {
      const { result } = await converse((cable) => {
        cable.toHost = wire(place)
      })
      expect(result, `at byte ${place}`).toMatch(ALLOWED)
    }
  })
})

test.each([
  [150, /^pass$/],
  [3000, /^(pass|refused|damaged|no-answer|broken-off|fail: lost-symbol)$/],
])('everything is held up once for %i ms', async (delayMs, allowed) => {
  for (const place of places(clean.bytesToHost - CLOSING_BYTES)) {
    const { result } = await converse((cable, emulation) => {
      let delayed = false
      cable.delay = async () => {
        if (delayed || cable.bytesToHost < place) return
        delayed = true
        await emulation.sleep(delayMs)
      }
    })
    expect(result, `at byte ${place}`).toMatch(allowed)
  }
})

test('after the cable was pulled in mid-message and plugged in again, it goes on', async () => {
  const emulation = new Emulation()
  const cable = new FaultyCable(emulation)
  const bridge = await openBridge('emulated', OPTIONS, cable.binding, emulation)
  const pulled = loopback(bridge, PACKET, SEQUENCE, {
    symbolRateHz: 142,
    onProgress: (played) => played > 50 && cable.unplug(),
  })
  await expect(pulled).rejects.toMatchObject({ code: 'unplugged' })
  await bridge.close()

  const again = await openBridge('emulated', OPTIONS, new FaultyCable(emulation).binding, emulation)
  const { verdict } = await loopback(again, PACKET, SEQUENCE, { symbolRateHz: 142 })
  expect(verdict).toBe('pass')
  await again.close()
  await emulation.stop()
})

test('the cable is pulled at any byte', async () => {
  for (const place of places(clean.bytesToHost - CLOSING_BYTES)) {
    const { result } = await converse((cable) => {
      cable.toHost = at(place, (byte) => {
        cable.unplug()
        return [byte]
      })
    })
    expect(result, `at byte ${place}`).toBe('unplugged')
  }
})

test.each(['external', 'brown-out', 'watchdog'] as const)(
  'a reset (%s) at any byte',
  async (cause) => {
    for (const place of places(clean.bytesToHost - 1)) {
      const { result } = await converse((cable, emulation) => {
        cable.toHost = at(place, (byte) => {
          emulation.board.reset(cause)
          return [byte]
        })
      })
      // While the port is being opened a restart is what everybody expects.
      expect(result, `at byte ${place}`).toMatch(/^(reset|no-answer|refused|pass)$/)
    }
  },
)
