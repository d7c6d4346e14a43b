import type { Figure, FigureName, Witness } from '../figures.js'
import type { EdgeRow, WitnessTiming } from './witness-timing.js'

/** What can be wrong with a light, beyond what is usual. */
export const TIMING_FAULTS = {
  'late-edge': 'an edge is away from its time',
  'missed-edge': 'an edge was not seen',
  'extra-edge': 'an edge was seen that nobody has made',
  'clock-error': 'two clocks do not run at the same rate',
  asymmetry: 'lit levels are too long or too short',
  droop: 'white falls or rises within a symbol',
  drift: 'white gets brighter or darker',
  flicker: 'the dark level is not still',
} as const

export type TimingFaultName = keyof typeof TIMING_FAULTS

export interface TimingFault {
  readonly name: TimingFaultName
  readonly witness: Witness
  /** What and where, in words. */
  readonly text: string
}

/** From when on a figure is a fault, where it is beyond its uncertainty, too; docs/bench.md says why. */
export const ALARMS = {
  /** Of a symbol. */
  lateEdge: 0.025,
  clockErrorPpm: 20,
  asymmetryPct: 1,
  droopPct: 2,
  driftPct: 2,
  flickerPct: 10,
} as const

/** Of many edges the worst are named. */
const MOST_NAMED = 5

/**
 * Names what is wrong, each fault by the witness that is most certain of it.
 *
 * @param isSecret whether single edges would tell a secret: none is named then
 */
export function findFaults(
  figures: readonly Figure[],
  witnesses: readonly WitnessTiming[],
  symbolRateHz: number,
  isSecret: boolean,
): TimingFault[] {
  const faults = [
    ...witnesses.flatMap((timing) => edgeFaults(timing, symbolRateHz, isSecret)),
    ...figureFault(
      figures,
      'clock-error',
      'frequency-error-ppm',
      ALARMS.clockErrorPpm,
      (ppm, off) =>
        `the emitter's clock is ${Math.abs(ppm).toFixed(1)} ppm ${side(ppm, 'fast', 'slow')}, by the witness's${off}`,
    ),
    ...figureFault(
      figures,
      'asymmetry',
      'asymmetry-pct',
      ALARMS.asymmetryPct,
      (part, off) =>
        `lit levels are ${shown(part)} % of a symbol too ${side(part, 'long', 'short')}${off}`,
    ),
    ...figureFault(
      figures,
      'droop',
      'droop-pct',
      ALARMS.droopPct,
      (part, off) =>
        `white ${side(part, 'falls', 'rises')} by ${shown(part)} % of the swing within a symbol${off}`,
    ),
    ...figureFault(
      figures,
      'drift',
      'drift-pct',
      ALARMS.driftPct,
      (part, off) =>
        `white gets ${side(part, 'brighter', 'darker')} by ${shown(part)} % of the swing${off}`,
    ),
    ...figureFault(
      figures,
      'flicker',
      'flicker-pct',
      ALARMS.flickerPct,
      (part, off) => `the dark level moves by ${shown(part)} % of the swing, peak to peak${off}`,
    ),
  ]
  // Witnesses come in the order of their certainty.
  return faults.filter(
    (fault, n) =>
      faults.findIndex(({ name }) => name === fault.name) === n ||
      faults.find(({ name }) => name === fault.name)?.witness === fault.witness,
  )
}

function figureFault(
  figures: readonly Figure[],
  name: TimingFaultName,
  figureName: FigureName,
  alarm: number,
  words: (size: number, off: string) => string,
): TimingFault[] {
  return figures.flatMap(({ name: of, witness, value, uncertainty }) => {
    if (of !== figureName || value === null || uncertainty === null || !witness) return []
    if (Math.abs(value) <= Math.max(alarm, uncertainty)) return []
    return [{ name, witness, text: words(value, ` (± ${shown(uncertainty)})`) }]
  })
}

function edgeFaults(
  { witness, rows, extraS }: WitnessTiming,
  symbolRateHz: number,
  isSecret: boolean,
): TimingFault[] {
  const fault = (name: TimingFaultName, text: string): TimingFault => ({ name, witness, text })
  const late = rows
    .filter(
      ({ tieS, uncertaintyS }) =>
        Math.abs(tieS ?? 0) > Math.max(ALARMS.lateEdge / symbolRateHz, uncertaintyS ?? 0),
    )
    .sort((a, b) => Math.abs(b.tieS ?? 0) - Math.abs(a.tieS ?? 0))
  const named = late.slice(0, isSecret ? 1 : MOST_NAMED)
  const missed = rows.filter(({ seenS }) => seenS === null)
  return [
    ...named.map((row) => {
      const edge = isSecret ? 'an edge' : `the edge at ${placeOf(row)}`
      return fault('late-edge', `${edge} is ${lateness(row)}`)
    }),
    ...(late.length > named.length
      ? [fault('late-edge', `so are ${late.length - named.length} more edges, by less`)]
      : []),
    ...(missed.length > 0
      ? [
          fault(
            'missed-edge',
            `${counted(missed.length)} not seen${isSecret ? '' : `: ${placesOf(missed)}`}`,
          ),
        ]
      : []),
    ...(extraS.length > 0
      ? [
          fault(
            'extra-edge',
            `${counted(extraS.length)} seen that nobody has made, the first at ${extraS[0]?.timeS.toFixed(4)} s`,
          ),
        ]
      : []),
  ]
}

const side = (value: number, positive: string, negative: string): string =>
  value > 0 ? positive : negative
const shown = (value: number): string => Math.abs(value).toPrecision(2)
const counted = (edges: number): string => (edges === 1 ? '1 edge was' : `${edges} edges were`)

function lateness({ tieS }: EdgeRow): string {
  const ms = (tieS ?? 0) * 1000
  return `${Math.abs(ms).toFixed(3)} ms ${side(ms, 'late', 'early')}`
}

const placeOf = ({ play, symbol }: EdgeRow): string =>
  play === 0 ? `symbol ${symbol}` : `symbol ${symbol} of sequence ${play + 1}`

function placesOf(rows: readonly EdgeRow[]): string {
  const places = rows.slice(0, MOST_NAMED).map(placeOf).join(', ')
  return rows.length > MOST_NAMED ? `${places} and ${rows.length - MOST_NAMED} more` : places
}
