import type { PacingReport } from '../rig.js'

/** A receiver that follows edges needs them nearer to their times than this part of a symbol. */
const LATE_PART = 0.25

/** Sums up what `pace` has recorded. */
export function summarise(
  latenessNs: Float64Array,
  symbolRateHz: number,
): Omit<PacingReport, 'cpuPart' | 'scheduling'> {
  const latenessS = latenessNs.filter((ns) => !Number.isNaN(ns)).map((ns) => ns / 1e9)
  const sorted = latenessS.toSorted()
  const edges = sorted.length
  /** What so large a part of all does not exceed. */
  const quantileS = (part: number): number => sorted[Math.ceil(part * edges) - 1] ?? 0
  return {
    edges,
    medianS: quantileS(0.5),
    p99S: quantileS(0.99),
    p999S: quantileS(0.999),
    maxS: quantileS(1),
    lateSymbols: sorted.filter((s) => s > LATE_PART / symbolRateHz).length,
    lengthErrorS: (latenessS.at(-1) ?? 0) - (latenessS[0] ?? 0),
  }
}
