import { type Figure, judgeFigures, type Limits } from '../../bench/figures.js'
import { tuningFigures } from '../../bench/tuning/figures.js'
import { formatOhms } from '../../bench/tuning/gain-resistor.js'
import type { LiveLight } from '../../bench/tuning/live-light.js'
import { LIGHT_LIMITS } from '../../light/limits.js'
import type { Reception, SampleBlock } from '../../receiver/index.js'
import type { BenchReport, ReportRow, Waveform } from '../../report/bench-report.js'
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
}: {
  readonly state: TuneState
  readonly info: RigInfo | null
  readonly light: LiveLight | null
  readonly lastReception: Reception | null
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
    waveform: light && waveformOf(light, lastReception),
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

const LIMITS: Limits = {
  'black-level': LIGHT_LIMITS.black.good,
  'white-level': LIGHT_LIMITS.white.good,
  'grey-ratio': LIGHT_LIMITS.greyRatio.good,
}

function figuresOf(light: LiveLight): Figure[] {
  const values = new Map(
    tuningFigures(light.view, light.flicker).map(({ name, value }) => [name, value]),
  )
  const of = (name: Figure['name'], value: number | null | undefined): Figure => ({
    name,
    witness: 'samples',
    value: value ?? null,
    uncertainty: null,
  })
  return [
    of('black-level', values.get('black')),
    of('white-level', values.get('white')),
    of('grey-ratio', values.get('grey ratio')),
  ]
}

function rigRows({ kind, name, firmwareVersion, photodiode }: RigInfo): ReportRow[] {
  return [
    ['rig', `${kind}, ${name}`],
    ...(firmwareVersion === null ? [] : [['firmware', firmwareVersion] as const]),
    ...(photodiode ? [['sample rate', `${photodiode.sampleRateHz} Hz`] as const] : []),
  ]
}

function waveformOf({ kept }: LiveLight, reception: Reception | null): Waveform | null {
  const { newestS } = kept
  if (newestS === null) return null
  const { timesS, levels }: SampleBlock =
    reception === null
      ? kept.between(newestS - WITHOUT_S, newestS)
      : kept.between(reception.startS - AROUND_S, reception.endS + AROUND_S)
  if (timesS.length === 0) return null
  return { timesS, levels, messages: [], isSecret: true }
}
