import { greyRatioOfView } from '../../bench/aiming.js'
import { type Figure, judgeFigures, type Limit, type Limits } from '../../bench/figures.js'
import { formatOhms } from '../../bench/tuning/gain-resistor.js'
import type { LiveLight } from '../../bench/tuning/live-light.js'
import { LIGHT_LIMITS } from '../../light/limits.js'
import { toHex } from '../../packet/index.js'
import type { Reception, SampleBlock } from '../../receiver/index.js'
import type { BenchReport, Waveform } from '../../report/bench-report.js'
import { machineRows } from '../../report/fingerprint.js'
import { lightCharts, waveformMessage } from '../../report/reception-report.js'
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
  const seen = light && lightOf(light, lastReception)
  return {
    title: 'tune',
    madeAt: new Date(),
    verdict: isGood ? 'pass' : 'fail',
    findings: [`${verdict.title}: ${verdict.text}`, `Gain resistor: ${gain.text}`],
    settings: [['gain resistor', formatOhms(gainOhm)], ...machineRows(info)],
    figures,
    charts: seen ? lightCharts(lastReception ? [lastReception] : [], seen) : [],
    waveform: seen && waveformOf(seen, lastReception, testPacket),
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

/** Around the last message, or the newest; null without any. */
function lightOf({ kept }: LiveLight, reception: Reception | null): SampleBlock | null {
  const { newestS } = kept
  if (newestS === null) return null
  const light =
    reception === null
      ? kept.between(newestS - WITHOUT_S, newestS)
      : kept.between(reception.startS - AROUND_S, reception.endS + AROUND_S)
  return light.timesS.length > 0 ? light : null
}

/** Whether light without a message is a secret nobody knows. */
function waveformOf(
  { timesS, levels }: SampleBlock,
  reception: Reception | null,
  testPacket: Uint8Array,
): Waveform {
  if (reception?.kind !== 'message') return { timesS, levels, messages: [], isSecret: true }
  const isSecret = toHex(reception.packet) !== toHex(testPacket)
  return { timesS, levels, messages: [waveformMessage(reception)], isSecret }
}
