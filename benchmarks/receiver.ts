// How near to the physical limit the receiver is, where it fails, how fast it is and what it never accepts.
// `npm run bench:receiver [-- [--json] [--update] [snr] [limits] [speed] [false-accepts] [fuzz]]`; without names, all.
// `--update` makes the limits that were measured the ones that later runs are compared with.
import { readFileSync, writeFileSync } from 'node:fs'
import { type Channel, seededRandom, simulateChannel } from '../src/channel/index.js'
import { modulate } from '../src/modulation/index.js'
import { crc16 } from '../src/packet/index.js'
import { Receiver, type Reception, type SampleBlock } from '../src/receiver/index.js'
import { type Row, report, round } from './report.js'

const LIMITS_FILE = new URL('receiver-limits.json', import.meta.url)

const TLV_BYTES = 26
const PACKET_BITS = 8 * (TLV_BYTES + 3)
const MARKER_BITS = 8

/** One TLV of an unknown type with random bytes. */
function randomPacket(seed: number): Uint8Array {
  const random = seededRandom(seed)
  const value = Array.from({ length: TLV_BYTES - 2 }, () => Math.floor(256 * random()))
  const body = Uint8Array.of(TLV_BYTES, 200, value.length, ...value)
  const crc = crc16(body)
  return Uint8Array.of(...body, crc >> 8, crc & 0xff)
}

function receive(block: SampleBlock): Reception[] {
  const receiver = new Receiver()
  return [...receiver.push(block), ...receiver.end()]
}

/** Whether this message arrives; the sampling phase is another for each seed. */
function arrives(channel: Partial<Channel>, seed: number, syncSymbols = 48): boolean {
  const packet = randomPacket(seed)
  const beforeS = 0.7 + seededRandom(seed)() / 60
  const { levels } = modulate(packet)
  const symbols = levels.subarray(48 - syncSymbols)
  const block = simulateChannel(symbols, { seed, beforeS, ...channel })
  const good = receive(block).filter(({ ok }) => ok)
  return good.length === 1 && packet.every((byte, n) => good[0]?.packet?.[n] === byte)
}

// --- Noise, beside the bound

/** Upper tail of the normal distribution: Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
function q(x: number): number {
  const t = 1 / (1 + 0.2316419 * x)
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp(-(x ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series
}

/** Success of a receiver that knows timing and levels, and integrates each lit symbol: all bits must be right. */
const bound = (snrDb: number): number => (1 - q(10 ** (snrDb / 20))) ** (PACKET_BITS + MARKER_BITS)

/** SNR where `success`, which rises, reaches `part`: interpolated in the logarithm of what fails. */
function reaches(part: number, points: readonly { snrDb: number; success: number }[]): number {
  const failing = (success: number): number => Math.log(Math.max(1 - success, 1e-4))
  const above = points.findIndex(({ success }) => success >= part)
  const [low, high] = [points[above - 1], points[above]]
  if (!low || !high) return Number.NaN
  const step =
    (failing(part) - failing(low.success)) / (failing(high.success) - failing(low.success))
  return low.snrDb + step * (high.snrDb - low.snrDb)
}

const MESSAGES = 400

function noise(): Record<string, Row[]> {
  const rows: Row[] = []
  const losses: Row[] = []
  const fine = Array.from({ length: 800 }, (_, n) => ({
    snrDb: 5 + n / 100,
    success: bound(5 + n / 100),
  }))
  for (const samplesASymbol of [10, 20, 50]) {
    const points = [7, 8, 8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12, 12.5, 13].map((snrDb) => {
      // Half the distance of grey and white over the noise of a symbol's mean.
      const noiseRms = ((0.48 / 2) * Math.sqrt(samplesASymbol)) / 10 ** (snrDb / 20)
      const channel = {
        sampleRateHz: 60 * samplesASymbol,
        noiseRms,
        swing: 0.05,
        black: 0.47,
        adcBits: 16,
      }
      let arrived = 0
      for (let seed = 1; seed <= MESSAGES; seed++) arrived += Number(arrives(channel, seed))
      return { snrDb, success: arrived / MESSAGES }
    })
    for (const { snrDb, success } of points) {
      rows.push({
        samplesASymbol,
        snrDb,
        bound: round(bound(snrDb), 3),
        success: round(success, 3),
      })
    }
    losses.push({
      samplesASymbol,
      lossAt50PercentDb: round(reaches(0.5, points) - reaches(0.5, fine), 2),
      lossAt99PercentDb: round(reaches(0.99, points) - reaches(0.99, fine), 2),
    })
  }
  return {
    [`Packets of ${PACKET_BITS} bits that arrive in Gaussian noise, of ${MESSAGES}`]: rows,
    'Loss against a receiver that knows levels and timing exactly': losses,
  }
}

// --- Each impairment alone

interface Sweep {
  readonly name: string
  /** From easy to hard. */
  readonly values: readonly number[]
  readonly channel: (value: number) => Partial<Channel>
  readonly syncSymbols?: (value: number) => number
}

const SMALL_TO_LARGE = [
  0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.5, 2,
]
const at = (symbolRateHz: number, samplesASymbol: number): Partial<Channel> => ({
  symbolRateHz,
  sampleRateHz: symbolRateHz * samplesASymbol,
})
const flicker = (symbolRateHz: number, more: Partial<Channel> = {}): Sweep['channel'] => {
  return (value) => ({
    ...at(symbolRateHz, 16),
    swing: 0.2,
    black: 0.5,
    flicker: value,
    beforeS: 1.5,
    ...more,
  })
}

const SWEEPS: readonly Sweep[] = [
  {
    name: 'slowest symbol rate, Hz, 1,000 samples a second',
    values: [60, 30, 20, 10, 7, 5, 4.8, 4.5, 4],
    channel: (symbolRateHz) => ({ symbolRateHz }),
  },
  {
    name: 'fastest symbol rate, Hz, 10 samples a symbol',
    values: [250, 500, 1000, 1500, 2000, 2500, 2600, 3000],
    channel: (symbolRateHz) => at(symbolRateHz, 10),
  },
  {
    name: 'fewest samples a symbol, regular clock',
    values: [10, 6, 5, 4.5, 4, 3.7, 3.5, 3.3, 3.1, 3, 2.9, 2.8, 2.7, 2.6, 2.5, 2.4, 2.3, 2.2],
    channel: (samples) => at(60, samples),
  },
  {
    name: 'fewest samples a symbol, symbols jittered by 0.1',
    values: [20, 10, 8, 6, 5, 4.5, 4, 3.5, 3.1, 3, 2.9],
    channel: (samples) => ({ ...at(60, samples), symbolJitter: 0.1 }),
  },
  {
    name: 'noise rms, 16.7 samples a symbol',
    values: [0.03, 0.05, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.25, 0.3],
    channel: (noiseRms) => ({ noiseRms, swing: 0.2, black: 0.4, adcBits: 12 }),
  },
  {
    name: 'least swing, part of full scale of a 10-bit ADC',
    values: [0.1, 0.05, 0.03, 0.02, 0.015, 0.01, 0.008, 0.006, 0.005],
    channel: (swing) => ({ swing, black: 0.3, noiseRms: 0.02 }),
  },
  {
    name: 'least swing, part of full scale of an 8-bit ADC',
    values: [0.1, 0.07, 0.05, 0.04, 0.03, 0.025, 0.02],
    channel: (swing) => ({ swing, black: 0.3, adcBits: 8, noiseRms: 0.02 }),
  },
  {
    name: 'darkest grey, part of white',
    values: [0.5, 0.45, 0.4, 0.36, 0.34, 0.32, 0.31, 0.3, 0.29],
    channel: (greyRatio) => ({ greyRatio }),
  },
  {
    name: 'brightest grey, part of white',
    values: [0.52, 0.6, 0.7, 0.75, 0.8, 0.82, 0.84, 0.86],
    channel: (greyRatio) => ({ greyRatio }),
  },
  { name: '100 Hz flicker, peak, at 30 Hz', values: SMALL_TO_LARGE, channel: flicker(30) },
  { name: '100 Hz flicker, peak, at 60 Hz', values: SMALL_TO_LARGE, channel: flicker(60) },
  { name: '100 Hz flicker, peak, at 142 Hz', values: SMALL_TO_LARGE, channel: flicker(142) },
  { name: '100 Hz flicker, peak, at 500 Hz', values: SMALL_TO_LARGE, channel: flicker(500) },
  {
    name: '120 Hz flicker with harmonics of 0.3 and 0.1, peak, at 60 Hz',
    values: SMALL_TO_LARGE,
    channel: flicker(60, { flickerHz: 120, flickerHarmonics: [0.3, 0.1] }),
  },
  {
    name: 'drift a second',
    values: [0.1, 0.2, 0.5, 1, 1.5, 2, 3, 5, 7, 10],
    channel: (drift) => ({ drift, swing: 0.08, black: 0.05 }),
  },
  {
    name: 'rise and fall time, symbols',
    values: [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2],
    channel: (tau) => ({ riseSymbols: tau, fallSymbols: tau }),
  },
  {
    name: 'fall time, symbols, with a rise time of 0.1',
    values: [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
    channel: (fallSymbols) => ({ riseSymbols: 0.1, fallSymbols }),
  },
  {
    name: 'samples hit by impulses of the swing, part',
    values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1],
    channel: (impulses) => ({ impulses, swing: 0.3, black: 0.35 }),
  },
  {
    name: 'symbol jitter, symbols',
    values: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4],
    channel: (symbolJitter) => ({ symbolJitter }),
  },
  {
    name: 'symbols a frame too long, part, two frames a symbol',
    values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2],
    channel: (repeatedFrames) => ({ framesPerSymbol: 2, repeatedFrames }),
  },
  {
    name: 'symbols a frame too short, part, two frames a symbol',
    values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2],
    channel: (droppedFrames) => ({ framesPerSymbol: 2, droppedFrames }),
  },
  {
    name: 'symbols twice as long, part, one frame a symbol',
    values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
    channel: (repeatedFrames) => ({ framesPerSymbol: 1, repeatedFrames }),
  },
  {
    name: 'change of the symbol period over the message, part',
    values: [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1],
    channel: (rateChange) => ({ rateChange }),
  },
  {
    name: 'sample jitter, sample periods, 4 samples a symbol',
    values: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
    channel: (sampleJitter) => ({ ...at(60, 4.1), sampleJitter }),
  },
  {
    name: 'gaps of 4 samples, 16.7 samples a symbol, a sample',
    values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05],
    channel: (gaps) => ({ gaps, gapSamples: 5 }),
  },
  {
    name: 'white clipped, part of the swing that is left',
    values: [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.62],
    channel: (clip) => ({ swing: 0.6, black: 0.1, clipHigh: 0.1 + 0.6 * clip }),
  },
  {
    name: 'black clipped, part of the swing that is lost',
    values: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35],
    channel: (clip) => ({ swing: 0.6, black: 0.1, clipLow: 0.1 + 0.6 * clip }),
  },
  {
    name: 'a hand for 1 s, least part of the light that it leaves',
    values: [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2],
    channel: (handTransmission) => ({ handStartS: 4, handS: 1, handTransmission }),
  },
  {
    name: 'automatic gain, shortest time constant, s',
    values: [10, 5, 2, 1, 0.5, 0.3, 0.2, 0.1],
    channel: (automaticGainS) => ({ automaticGainS, swing: 0.3, black: 0.2 }),
  },
  {
    name: 'PWM ripple of 1,007 Hz, part that the sensor leaves',
    values: SMALL_TO_LARGE.filter((value) => value <= 1),
    channel: (pwmRipple) => ({ pwmRipple, pwmHz: 1007, swing: 0.3, black: 0.2 }),
  },
  {
    name: 'fewest zero bits before the marker',
    values: [24, 20, 16, 14, 12, 11, 10, 9, 8],
    channel: () => ({ noiseRms: 0.02 }),
    syncSymbols: (bits) => 2 * bits,
  },
]

const SWEPT = 25

/** The hardest value up to which all messages arrive, at both polarities of the sensor. */
function limitOf({ channel, values, syncSymbols }: Sweep): number | null {
  let limit: number | null = null
  for (const value of values) {
    for (let seed = 1; seed <= SWEPT; seed++) {
      const path = { ...channel(value), inverted: seed % 2 === 0 }
      if (!arrives(path, seed, syncSymbols?.(value))) return limit
    }
    limit = value
  }
  return limit
}

function limits(): Record<string, Row[]> {
  const kept: Record<string, number | null> = JSON.parse(readFileSync(LIMITS_FILE, 'utf8'))
  const measured = SWEEPS.map((sweep) => ({ sweep, limit: limitOf(sweep) }))
  const rows = measured.map(({ sweep, limit }) => {
    const before = kept[sweep.name]
    const rank = (value: number | null | undefined): number =>
      sweep.values.indexOf(value ?? Number.NaN)
    const change =
      before === undefined
        ? 'new'
        : rank(limit) < rank(before)
          ? 'WORSE'
          : rank(limit) > rank(before)
            ? 'better'
            : ''
    if (change === 'WORSE') process.exitCode = 1
    return { impairment: sweep.name, limit: limit ?? 'none', before: before ?? 'none', change }
  })
  if (process.argv.includes('--update')) {
    const file = Object.fromEntries(measured.map(({ sweep, limit }) => [sweep.name, limit]))
    writeFileSync(LIMITS_FILE, `${JSON.stringify(file, null, 2)}\n`)
  }
  return {
    [`Each impairment alone: the hardest at which ${SWEPT} of ${SWEPT} messages arrive`]: rows,
  }
}

// --- Speed

function speedOf(name: string, block: SampleBlock): Row {
  const runs = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage()
    receive(block)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }).sort((a, b) => a - b)
  const best = runs[0] ?? Number.NaN
  return {
    capture: name,
    samples: block.timesS.length,
    bestMs: round(best, 1),
    slowestMs: round(runs.at(-1) ?? Number.NaN, 1),
    millionSamplesASecond: round(block.timesS.length / best / 1000, 1),
  }
}

const longMessage = (): ArrayLike<number> => {
  const random = seededRandom(1)
  const body = Uint8Array.of(
    252,
    200,
    250,
    ...Array.from({ length: 250 }, () => Math.floor(256 * random())),
  )
  return modulate(Uint8Array.of(...body, crc16(body) >> 8, crc16(body) & 0xff)).levels
}

function speed(): Record<string, Row[]> {
  const quiet = simulateChannel([], { afterS: 400, sampleRateHz: 10_000, noiseRms: 0.005 })
  const message = longMessage()
  const rows = [
    speedOf('dark with noise, 10,000 a second', quiet),
    speedOf(
      'one message of 70 s at 60 Hz, 10,000 a second',
      simulateChannel(message, { sampleRateHz: 10_000 }),
    ),
    speedOf('one message of 70 s at 60 Hz, 1,000 a second', simulateChannel(message)),
    speedOf(
      'flicker without a message, 10,000 a second',
      simulateChannel([], {
        afterS: 100,
        sampleRateHz: 10_000,
        noiseRms: 0.005,
        flicker: 0.1,
        black: 0.3,
      }),
    ),
    speedOf(
      'a minute at 60 Hz, 1,000 a second',
      simulateChannel(message.length > 3500 ? Array.from(message).slice(0, 3564) : message),
    ),
  ]
  const receiver = new Receiver()
  const hour: number[] = []
  for (let minute = 0; minute < 60; minute++) {
    const { timesS, levels } = quiet
    for (let part = 0; part < 6; part++) {
      const start = part * 100_000
      const offsetS = 60 * minute
      receiver.push({
        timesS: timesS.slice(start, start + 100_000).map((timeS) => timeS + offsetS),
        levels: levels.subarray(start, start + 100_000),
      })
    }
    globalThis.gc?.()
    hour.push(process.memoryUsage().arrayBuffers / 2 ** 20)
  }
  return {
    'Speed of one core, CPU time, best and slowest of seven runs': rows,
    'Memory of an hour at 10,000 samples a second, buffers of the process': [
      { afterMinutes: 2, mib: round(hour[1] ?? 0, 1) },
      { afterMinutes: 60, mib: round(hour.at(-1) ?? 0, 1) },
    ],
  }
}

// --- What is no message

function falseAccepts(): Record<string, Row[]> {
  const random = seededRandom(7)
  const between = (low: number, high: number): number => low + (high - low) * random()
  const ambient = () => ({
    sampleRateHz: 1000,
    black: between(0.05, 0.5),
    swing: 0.4,
    noiseRms: between(0.001, 0.2),
    seed: Math.floor(2 ** 31 * random()),
  })
  const random3 = (bits: number): number[] =>
    Array.from({ length: bits }, () => [0, random() < 0.5 ? 1 : 2]).flat()
  const kinds: Record<string, () => SampleBlock> = {
    'ambient light, drift and noise': () =>
      simulateChannel([], { ...ambient(), afterS: 60, drift: between(0, 1) }),
    'flicker of 100 or 120 Hz with harmonics': () =>
      simulateChannel([], {
        ...ambient(),
        afterS: 60,
        flicker: between(0, 1),
        flickerHz: random() < 0.5 ? 100 : 120,
        flickerHarmonics: [between(0, 0.5), between(0, 0.3)],
      }),
    'square waves of all rates': () => {
      const symbolRateHz = 10 ** between(0.7, 2.6)
      const symbols = Array.from({ length: Math.floor(60 * symbolRateHz) }, (_, n) => 2 * (n % 2))
      return simulateChannel(symbols, { ...ambient(), symbolRateHz })
    },
    'random two-level blinking': () => {
      const symbolRateHz = 10 ** between(0.7, 2.4)
      const symbols = Array.from({ length: Math.floor(60 * symbolRateHz) }, () =>
        random() < 0.5 ? 0 : 2,
      )
      return simulateChannel(symbols, { ...ambient(), symbolRateHz })
    },
    'syncs and markers with random bits behind them': () => {
      const symbolRateHz = 10 ** between(1, 2.3)
      const sync = Array.from({ length: 24 }, () => [0, 1]).flat()
      const marker = [0, 0, 1, 0, 1, 0, 1, 0].flatMap((bit) => [0, 1 + bit])
      const symbols: number[] = []
      while (symbols.length < 60 * symbolRateHz)
        symbols.push(...sync, ...marker, ...random3(300), 0, 0, 0, 0, 0, 0)
      return simulateChannel(symbols, {
        ...ambient(),
        symbolRateHz,
        noiseRms: between(0.001, 0.05),
      })
    },
  }
  const MINUTES_EACH = 120
  return {
    'What was taken for a message, ten hours in all': Object.entries(kinds).map(([kind, make]) => {
      let [hours, accepted, repaired, checked] = [0, 0, 0, 0]
      for (let minute = 0; minute < MINUTES_EACH; minute++) {
        const block = make()
        hours += ((block.timesS.at(-1) ?? 0) - (block.timesS[0] ?? 0)) / 3600
        for (const reception of receive(block)) {
          accepted += Number(reception.ok)
          repaired += Number(reception.repaired !== null)
          checked += Number(
            reception.ok || reception.reason === 'crc' || reception.reason === 'tlv',
          )
        }
      }
      return {
        kind,
        hours: round(hours, 2),
        accepted,
        repaired,
        crcsCheckedAnHour: round(checked / hours, 2),
        // Each is tried as decided and in hindsight, and both must also be well-formed TLVs.
        acceptedAnHourInTheoryAtMost: Number(((2 * checked) / hours / 2 ** 16).toPrecision(2)),
      }
    }),
  }
}

// --- Anything at all

function fuzz(): Record<string, Row[]> {
  const captures = Number(process.env['FUZZ_CAPTURES'] ?? 20_000)
  const random = seededRandom(11)
  const whole = simulateChannel(modulate(randomPacket(1)).levels, {
    sampleRateHz: 400,
    beforeS: 0.1,
    afterS: 0.1,
  })
  let [slowestMs, receptions, failed, refused] = [0, 0, 0, 0]
  for (let n = 0; n < captures; n++) {
    const start = Math.floor(random() * whole.timesS.length)
    const length = Math.floor(random() * (n % 100 === 0 ? whole.timesS.length : 500))
    const timesS = whole.timesS.slice(start, start + length)
    const levels = whole.levels.slice(start, start + length)
    const kind = n % 4
    for (let hit = 0; hit < 20 && levels.length > 0; hit++) {
      const at = Math.floor(random() * levels.length)
      if (kind === 1) levels[at] = random()
      if (kind === 2) levels.fill(random(), at, at + Math.floor(40 * random()))
      if (kind === 3 && hit === 0) timesS[at] = 100 * random()
    }
    if (n % 8 === 4)
      for (const index of levels.keys()) levels[index] = random() < 0.5 ? 0 : random()
    const began = performance.now()
    try {
      for (const { ok } of receive({ timesS, levels })) {
        receptions++
        failed += Number(!ok)
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      refused++
    }
    slowestMs = Math.max(slowestMs, performance.now() - began)
  }
  return {
    'Random, mutated and truncated captures': [
      { captures, receptions, failed, refused, slowestMs: round(slowestMs, 1) },
    ],
  }
}

const SECTIONS: Record<string, () => Record<string, Row[]>> = {
  snr: noise,
  limits,
  speed,
  'false-accepts': falseAccepts,
  fuzz,
}
const named = Object.keys(SECTIONS).filter((name) => process.argv.includes(name))
const chosen = named.length > 0 ? named : Object.keys(SECTIONS)
const tables = chosen.map((name) => SECTIONS[name]?.())
report('blinkup.bench-receiver/1', Object.assign({}, ...tables))
