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
  /** Whether closing the bridge said so. */
  readonly mayBeLit: boolean
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
  let mayBeLit = false
  try {
    const bridge = await openBridge('emulated', OPTIONS, cable.binding, emulation)
    try {
      const report = await loopback(bridge, PACKET, SEQUENCE, { symbolRateHz: 142 })
      result = report.verdict === 'pass' ? 'pass' : `fail: ${report.reason}`
    } catch (error) {
      if (!(error instanceof RigError)) throw error
      result = error.code
    }
    // It says so where it cannot know that the board is dark.
    mayBeLit = await bridge[Symbol.asyncDispose]().then(
      () => false,
      (error) => error.code === 'may-be-lit',
    )
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
  return { result, mayBeLit, bytesToBoard, bytesToHost }
}

/** What goes over the cable without a fault. */
const said = { toBoard: '', toHost: '' }
const clean = await converse((cable) => {
  for (const way of ['toBoard', 'toHost'] as const) {
    cable[way] = (byte) => {
      said[way] += String.fromCharCode(byte)
      return [byte]
    }
  }
})

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

const BYTE_FAULTS: [name: string, fault: Wire][] = [
  ['is dropped', () => []],
  ['is doubled', (byte) => [byte, byte]],
  ['has a flipped bit', (byte) => [byte ^ 0x04]],
  ['becomes a line end', () => [0x0a]],
]

/** One byte of each line, now here, now there, with the line; of samples only now and then. */
function bytesOfLines(text: string): [place: number, line: string][] {
  let start = 0
  return text.split('\n').flatMap((line, number): [number, string][] => {
    const place = start + ((number * 7) % (line.length + 1))
    start += line.length + 1
    const isWanted = place < text.length && (!line.startsWith('s ') || number % 10 === 0)
    return isWanted ? [[place, line]] : []
  })
}

/** What may come of a damaged line to the board: only what starts something is not said again. */
const outcomeToBoard = (line: string): RegExp =>
  /^(play|sense on)/.test(line) ? /^(pass|damaged|no-answer)$/ : /^pass$/

/** What may come of a damaged line to the host. Light that is missing after the last bit of a byte seems to have ended: length. */
function outcomeToHost(line: string): RegExp {
  if (line.startsWith('s ')) return /^(pass|fail: (lost-symbol|no-marker|length))$/
  if (/^ok (play|sense start)/.test(line)) return /^(pass|no-answer)$/
  return line.startsWith('end') ? /^(pass|broken-off)$/ : /^pass$/
}

describe.each(BYTE_FAULTS)('one byte %s', (_, fault) => {
  test('on the way to the board', async () => {
    for (const [place, line] of bytesOfLines(said.toBoard)) {
      const { result, mayBeLit } = await converse((cable) => {
        cable.toBoard = at(place, fault)
      })
      expect(result, `at byte ${place}, in ${line}`).toMatch(outcomeToBoard(line))
      expect(mayBeLit, `at byte ${place}, in ${line}`).toBe(false)
    }
  })

  test('on the way to the host', async () => {
    for (const [place, line] of bytesOfLines(said.toHost)) {
      const { result, mayBeLit } = await converse((cable) => {
        cable.toHost = at(place, fault)
      })
      expect(result, `at byte ${place}, in ${line}`).toMatch(outcomeToHost(line))
      expect(mayBeLit, `at byte ${place}, in ${line}`).toBe(false)
    }
  })
})

const LONG_FAULTS: [name: string, wire: (place: number) => Wire, allowed: RegExp][] = [
  [
    'garbage comes between',
    (place) => at(place, (byte) => [byte, ...GARBAGE]),
    /^(pass|fail: (lost-symbol|no-marker|length)|no-answer|damaged|broken-off)$/,
  ],
  [
    'twenty bytes are dropped',
    (place) => (byte, i) => (i >= place && i < place + 20 ? [] : [byte]),
    /^(pass|fail: (lost-symbol|no-marker|length)|no-answer|damaged|broken-off)$/,
  ],
  [
    'nothing goes through any more',
    (place) => (byte, i) => (i >= place ? [] : [byte]),
    /^(pass|no-answer)$/,
  ],
]

describe.each(LONG_FAULTS)('%s', (_, wire, allowed) => {
  test('on the way to the board', async () => {
    for (const place of places(clean.bytesToBoard)) {
      const { result } = await converse((cable) => {
        cable.toBoard = wire(place)
      })
      expect(result, `at byte ${place}`).toMatch(allowed)
    }
  })

  test('on the way to the host', async () => {
    for (const place of places(clean.bytesToHost)) {
      const { result } = await converse((cable) => {
        cable.toHost = wire(place)
      })
      expect(result, `at byte ${place}`).toMatch(allowed)
    }
  })
})

test('a line of symbols that comes without its tag and checksum', async () => {
  const tag = said.toBoard.indexOf(' #', said.toBoard.indexOf('load 96 '))
  const { result } = await converse((cable) => {
    cable.toBoard = (byte, i) => (i >= tag - 15 && i < tag + 5 ? [] : [byte])
  })
  expect(result).toBe('pass')
})

test('replies that come so late that every command is sent again do no harm', async () => {
  const { result, bytesToBoard } = await converse((cable, emulation) => {
    cable.delay = () => emulation.sleep(200) // both ways
  })
  expect(result).toBe('pass')
  expect(bytesToBoard).toBeGreaterThan(1.5 * clean.bytesToBoard)
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

test('a command that is held up and sent again comes twice at once, which does no harm', async () => {
  for (const [place, line] of bytesOfLines(said.toBoard)) {
    const { result } = await converse((cable, emulation) => {
      let delayed = false
      cable.delay = async (way) => {
        if (delayed || way === 'toHost' || cable.bytesToBoard < place) return
        delayed = true
        await emulation.sleep(400)
      }
    })
    expect(result, `at byte ${place}, in ${line}`).toBe('pass')
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
  await expect(bridge[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'may-be-lit' })

  const again = await openBridge('emulated', OPTIONS, new FaultyCable(emulation).binding, emulation)
  const { verdict } = await loopback(again, PACKET, SEQUENCE, { symbolRateHz: 142 })
  expect(verdict).toBe('pass')
  await again[Symbol.asyncDispose]()
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
