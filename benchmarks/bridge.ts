// How exact, fast and small the bridge is, on the emulated board. `npm run bench:bridge [-- --json]`
import { spawnSync } from 'node:child_process'
import { loopback } from '../src/bench/loopback.js'
import { modulate, type SymbolSequence } from '../src/modulation/index.js'
import { encodePacket } from '../src/packet/index.js'
import type { Bridge } from '../src/rig/bridge/bridge.js'
import { readImage } from '../src/rig/bridge/image.js'
import { openBridge } from '../src/rig/bridge/open.js'
import { emulatedBinding } from '../src/rig/emulated/binding.js'
import { CLOCK_HZ } from '../src/rig/emulated/board.js'
import { Emulation } from '../src/rig/emulated/emulation.js'
import { Bench, expectedEdges } from '../test/firmware-bridge/bench.js'
import { quantiles, type Row, report, round } from './report.js'

const RATES_HZ = [20, 30, 60, 142, 500, 1000, 2000]
const CYCLES_PER_US = CLOCK_HZ / 1e6

const LONGEST = encodePacket({
  ssid: 's'.repeat(32),
  password: 'p'.repeat(63),
  proxy: { server: 'x'.repeat(133), port: 8080 },
  planId: 'fedcba9876543210',
  token: '0123456789abcdef',
})
const USUAL = encodePacket({
  ssid: 'factory',
  password: 'long enough',
  planId: 'fedcba9876543210',
  token: '0123456789abcdef',
})

/** Random bytes that repeat, for contents. */
function* randomBytes(): Generator<number> {
  for (let state = 1; ; state = (Math.imul(state, 1664525) + 1013904223) >>> 0) yield state >>> 24
}

/** D3's edges against their ideal times, by the emulator's cycle counter. */
function edgeErrors(rateHz: number, traffic: boolean): Row {
  const bench = new Bench()
  bench.ask(`rate ${rateHz}`)
  if (traffic) {
    bench.ask('baud 500000')
    bench.baudRate = 500_000
    bench.runMs(1)
    bench.ask('sample 9000 10')
    bench.ask('sense on')
  }
  const symbols = `${'01'.repeat(24)}${'0201020201'.repeat(415)}`
  const started = bench.play(symbols)
  for (let ended = false; !ended; ended = bench.lines.some((line) => line.startsWith('end'))) {
    bench.ask('status')
    bench.lines = bench.lines.filter((line) => line.startsWith('end'))
    bench.runMs(traffic ? 10 : 200)
  }
  let earliest = Number.POSITIVE_INFINITY
  let latest = Number.NEGATIVE_INFINITY
  let index = 0
  for (const expected of expectedEdges(symbols, started)) {
    const error = Math.abs(bench.edges[index++] ?? Number.NaN) - Math.abs(expected)
    earliest = Math.min(earliest, error)
    latest = Math.max(latest, error)
  }
  const { late, limit } = Object.fromEntries(
    [...(bench.lines.find((line) => line.startsWith('end')) ?? '').matchAll(/(\w+)=(\d+)/g)].map(
      ([, name, value]) => [name, Number(value)],
    ),
  ) as { late: number; limit: number }
  const largest = Math.max(Math.abs(earliest), Math.abs(latest))
  return {
    rateHz,
    traffic: traffic ? 'full' : 'idle',
    edges: index,
    missingOrExtra: bench.edges.length - index,
    maxErrorCycles: largest,
    maxErrorUs: largest / CYCLES_PER_US,
    spreadCycles: latest - earliest,
    rateErrorPpm: round(1e6 * (CLOCK_HZ / (started.period ?? 0) / rateHz - 1), 1),
    handoverWorstCycles: late,
    handoverLimitCycles: limit,
    untouchedRamBytes: bench.untouchedRamBytes,
  }
}

interface Opened {
  readonly bridge: Bridge
  readonly emulation: Emulation
}

async function withBridge<T>(
  sampleRateHz: number,
  seed: number,
  work: (opened: Opened) => Promise<T>,
): Promise<T> {
  const emulation = new Emulation({ optics: { seed } })
  const options = { brightness: 1, greyRatio: 0.52, sampleRateHz }
  const bridge = await openBridge('emulated', options, emulatedBinding(emulation), emulation)
  try {
    return await work({ bridge, emulation })
  } finally {
    await bridge[Symbol.asyncDispose]()
    await emulation.stop()
  }
}

async function longestMessage(symbolRateHz: number): Promise<Row> {
  return withBridge(1000, 1, async ({ bridge }) => {
    const sequence = modulate(LONGEST)
    const { verdict, reason, gaps } = await loopback(bridge, LONGEST, sequence, { symbolRateHz })
    return {
      symbolRateHz,
      symbols: sequence.levels.length,
      verdict,
      reason: reason ?? '',
      gaps: gaps.length,
    }
  })
}

/** How many of 100 messages of random content come back, with 8,000 samples a second. */
async function randomMessages(symbolRateHz: number): Promise<Row> {
  const bytes = randomBytes()
  const text = (length: number): string =>
    Array.from({ length }, () =>
      String.fromCharCode(33 + ((bytes.next().value as number) % 94)),
    ).join('')
  const messages = 100
  let passed = 0
  await withBridge(8000, symbolRateHz, async ({ bridge }) => {
    for (let i = 0; i < messages; i++) {
      const packet = encodePacket({ ssid: text(8), password: text(12) })
      const { verdict } = await loopback(bridge, packet, modulate(packet), { symbolRateHz })
      if (verdict === 'pass') passed++
    }
  })
  return { symbolRateHz, messages, passed }
}

/** Emulated time: the board and the serial line, without USB and without this computer's own time. */
async function latencies(name: string, packet: Uint8Array): Promise<Row> {
  const sequence: SymbolSequence = modulate(packet)
  return withBridge(1000, 1, async ({ bridge, emulation }) => {
    const commandMs = emulation.nowMs()
    let firstLightMs = 0
    let darkMs = 0
    emulation.onLed = () => {
      firstLightMs ||= emulation.nowMs()
      darkMs = emulation.nowMs()
    }
    const { play } = await loopback(bridge, packet, sequence, { symbolRateHz: 60 })
    const symbolMs = 1000 / play.symbolRateHz
    return {
      message: name,
      symbols: sequence.levels.length,
      commandToFirstSymbolMs: round(firstLightMs - symbolMs - commandMs, 1),
      lastSymbolToVerdictMs: round(emulation.nowMs() - (darkMs + 6 * symbolMs), 1),
    }
  })
}

/** Emulated over real time, second by second. */
function speed(name: string, prepare: (bench: Bench) => void): Row {
  const bench = new Bench()
  bench.ask('keepalive 60000')
  prepare(bench)
  const multiples = Array.from({ length: 30 }, () => {
    const begin = performance.now()
    bench.runMs(1000)
    bench.edges = []
    bench.lines = []
    return 1000 / (performance.now() - begin)
  })
  const slowest = quantiles(multiples.map((multiple) => 1 / multiple))
  return {
    load: name,
    medianTimesRealTime: round(1 / slowest.median, 1),
    p99TimesRealTime: round(1 / slowest.p99, 1),
    worstTimesRealTime: round(1 / slowest.max, 1),
  }
}

function imageSize(): Row {
  const flash = readImage()
  const used = flash.length - [...flash].reverse().findIndex((byte) => byte !== 0xff)
  const size = spawnSync('avr-size', ['-A', 'firmware-bridge/build/blinkup-bridge.elf'], {
    encoding: 'utf8',
  })
  const bytesOf = (section: string): number =>
    Number(new RegExp(`^\\${section}\\s+(\\d+)`, 'm').exec(size.stdout ?? '')?.[1] ?? Number.NaN)
  const staticRam = bytesOf('.data') + bytesOf('.bss') + bytesOf('.noinit')
  return {
    flashBytes: used,
    flashPercent: round((100 * used) / 32_256, 1), // 32 KiB less optiboot
    staticRamBytes: Number.isNaN(staticRam) ? 'build the firmware to know' : staticRam,
    ramForStackBytes: Number.isNaN(staticRam) ? 'build the firmware to know' : 2048 - staticRam,
  }
}

const sequence = '0102'.repeat(1000)
report('blinkup.bench-bridge/1', {
  'Edges of D3 against their ideal times': RATES_HZ.flatMap((rateHz) => [
    edgeErrors(rateHz, false),
    edgeErrors(rateHz, true),
  ]),
  'The longest message once round': [await longestMessage(60), await longestMessage(142)],
  'Messages of random content once round, 8,000 samples a second': [
    await randomMessages(142),
    await randomMessages(250),
    await randomMessages(333),
    await randomMessages(400),
  ],
  'Emulated time from command to light and from darkness to verdict': [
    await latencies('usual', USUAL),
    await latencies('longest', LONGEST),
  ],
  'Emulation speed, 30 s each': [
    speed('asleep', () => {}),
    speed('1,000 samples a second', (bench) => bench.ask('sense on')),
    speed('playing at 60 Hz, 1,000 samples a second', (bench) => {
      bench.ask('sense on')
      bench.play(sequence)
    }),
  ],
  'The image': [imageSize()],
})
