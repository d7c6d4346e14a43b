import { FIGURES, type FigureName, judgeFigures, type Limits } from '../../bench/figures.js'
import type { LoopbackReport } from '../../bench/loopback.js'
import { messageFigures } from '../../bench/soak-tally.js'
import { type Band, grade, LIGHT_LIMITS } from '../../light/limits.js'
import type { Measurement } from '../records/cycle-record.js'

/** Which figures have a band of good light, and how they are counted there. */
const BANDS: Readonly<Partial<Record<FigureName, readonly [band: Band, perUnit: number]>>> = {
  'snr-db': [LIGHT_LIMITS.snrDb, 1],
  'grey-ratio': [LIGHT_LIMITS.greyRatio, 1],
  'swing-pct': [LIGHT_LIMITS.swing, 0.01],
}

/**
 * What a message that was seen measures. A figure fails by its limit only; it is marginal where the light is not good (`LIGHT_LIMITS`).
 *
 * @returns the measurements, and what is not within its limit, in words
 */
export function lightMeasurements(
  report: LoopbackReport,
  limits: Limits,
): { readonly measurements: readonly Measurement[]; readonly findings: readonly string[] } {
  const judged = judgeFigures(messageFigures(report), limits)
  const measurements = judged.map(({ name, value, limit, verdict }): Measurement => {
    const [band, perUnit] = BANDS[name] ?? []
    const isGood = !band || !perUnit || value === null || grade(band, value * perUnit) === 'good'
    return {
      name,
      value,
      unit: FIGURES[name].unit,
      least: limit?.[0] ?? null,
      most: limit?.[1] ?? null,
      verdict:
        verdict === 'fail' ? 'fail' : isGood ? (verdict ?? (band ? 'pass' : null)) : 'marginal',
    }
  })
  const findings = judged.flatMap(({ name, finding }) => (finding ? [`${name}: ${finding}`] : []))
  return { measurements, findings }
}
