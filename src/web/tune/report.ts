import { greyRatioOfView } from '../../bench/aiming.js'
import { type Figure, judgeFigures, type Limit, type Limits } from '../../bench/figures.js'
import { formatOhms } from '../../bench/tuning/gain-resistor.js'
import type { LiveLight } from '../../bench/tuning/live-light.js'
import { LIGHT_LIMITS } from '../../light/limits.js'
import { toHex } from '../../packet/index.js'
import type { Reception, SampleBlock } from '../../receiver/index.js'
import type {
  BenchReport,
  ReportRow,
  Waveform,
  WaveformMessage,
} from '../../report/bench-report.js'
import type { RigInfo } from '../../rig/rig.js'
import type { TuneState } from './events.js'

/** Of the light around a message, and where there was none. */
const AROUND_S = 0.5
const WITHOUT_S = 10

/** What is known at this moment, with the light of the last message. */
export function tuneReport({
  state,
  info,
  light,
  lastReception,
  testPacket,
}: {
  readonly state: TuneState
  readonly info: RigInfo | null
  readonly light: LiveLight | null
  readonly lastReception: Reception | null
  /** Of the test message, which is no secret. */
  readonly testPacket: Uint8Array
}): BenchReport {
  const { verdict, gain, gainOhm } = state
  const figures = judgeFigures(light ? figuresOf(light) : [], LIMITS)
  const isGood = verdict.grade === 'good' && figures.every(({ verdict }) => verdict !== 'fail')
  return {
    title: 'tune',
    madeAt: new Date(),
    verdict: isGood ? 'pass' : 'fail',
    findings: [`${verdict.title}: ${verdict.text}`, `Gain resistor: ${gain.text}`],
    settings: [...(info ? rigRows(info) : []), ['gain resistor', formatOhms(gainOhm)]],
    figures,
    charts: [],
    waveform: light && waveformOf(light, lastReception, testPacket),
    table: {
      columns: ['figure', 'value', 'least', 'most', 'grade'],
      rows: state.figures.map(({ name, value, good, grade }) => [
        name,
        value,
        good?.[0] ?? null,
        good?.[1] ?? null,
        grade,
      ]),
    },
  }
}

const percent = ([least, most]: readonly [number, number]): Limit => [100 * least, 100 * most]

const LIMITS: Limits = {
  'black-pct': percent(LIGHT_LIMITS.black.good),
  'white-pct': percent(LIGHT_LIMITS.white.good),
  'grey-ratio': LIGHT_LIMITS.greyRatio.good,
}

function figuresOf({ view }: LiveLight): Figure[] {
  const of = (name: Figure['name'], value: number | null): Figure => ({
    name,
    witness: 'samples',
    value,
    uncertainty: null,
  })
  const percentOf = (level: number | null): number | null => (level === null ? null : 100 * level)
  return [
    of('black-pct', percentOf(view.black)),
    of('white-pct', percentOf(view.white)),
    of('grey-ratio', greyRatioOfView(view)),
  ]
}

function rigRows({ kind, name, firmwareVersion, photodiode }: RigInfo): ReportRow[] {
  return [
    ['rig', `${kind}, ${name}`],
    ...(firmwareVersion === null ? [] : [['firmware', firmwareVersion] as const]),
    ...(photodiode ? [['sample rate', `${photodiode.sampleRateHz} Hz`] as const] : []),
  ]
}

function waveformOf(
  { kept }: LiveLight,
  reception: Reception | null,
  testPacket: Uint8Array,
): Waveform | null {
  const { newestS } = kept
  if (newestS === null) return null
  const { timesS, levels }: SampleBlock =
    reception === null
      ? kept.between(newestS - WITHOUT_S, newestS)
      : kept.between(reception.startS - AROUND_S, reception.endS + AROUND_S)
  if (timesS.length === 0) return null
  if (reception?.kind !== 'message') return { timesS, levels, messages: [], isSecret: true }
  const { packet, symbolRateHz, endS } = reception
  const message: WaveformMessage = {
    packetS: endS - (2 * 8 * packet.length - 1) / symbolRateHz, // its last bit ends with a black symbol
    symbolRateHz,
    packet,
    verdict: 'pass',
  }
  return { timesS, levels, messages: [message], isSecret: toHex(packet) !== toHex(testPacket) }
}
