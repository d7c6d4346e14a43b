import type { ClockMap } from '../../light/clock.js'
import { BLACK, type SymbolLevel, type SymbolSequence, WHITE } from '../../light/symbols.js'
import type { Edge, PlayReport } from '../../rig/rig.js'
import { inQuadrature, largest, rms } from '../descriptive-statistics.js'
import type { Figure, FigureName, Witness } from '../figures.js'
import { type FoldedEdge, foldEdges, transitionTimeS } from './edge-shape.js'
import { type ExpectedEdge, expectedEdges, type Sighting } from './edges.js'
import { findFaults, type TimingFault } from './faults.js'
import { fitEdges, type TimedEdge, type Uncertain } from './fit-edges.js'
import { jitterOf, methodExtremeS } from './jitter.js'
import { driftOf, droopOf, flickerOf, type HeldLevel } from './level-shape.js'
import { edgesOfLogic } from './logic-edges.js'
import { type EdgeMatch, matchEdges } from './match-edges.js'
import { edgesOfSamples, type Samples, type SampleView } from './sample-edges.js'
import type { EdgeRow, WitnessTiming } from './witness-timing.js'

/** A sequence that was played, and all that was seen of it. */
export interface TimedPlay {
  readonly sequence: SymbolSequence
  readonly report: PlayReport
  /** Tells times of the emitter by the clock of what looked on; null where nothing did. */
  readonly clocks: ClockMap | null
  /** From half a second before the light until after it. */
  readonly samples: (Samples & { readonly sampleRateHz: number }) | null
  /** Of a line that is driven with the LED, by the clock of the samples. */
  readonly edges: readonly Edge[] | null
}

export interface TimingResult {
  readonly plays: readonly TimedPlay[]
  readonly symbolRateHz: number
  readonly witnesses: readonly WitnessTiming[]
  readonly figures: readonly Figure[]
  /** What is wrong beyond what is usual, whatever the limits. */
  readonly faults: readonly TimingFault[]
  readonly shapes: { readonly rise: FoldedEdge; readonly fall: FoldedEdge } | null
}

/**
 * Times what was played by all that has seen it.
 *
 * @param isSecret whether what was played is a secret, which single edges would tell: faults name none then
 * @throws RangeError for no plays, or plays of several symbol rates
 */
export function analyseTiming(plays: readonly TimedPlay[], isSecret = false): TimingResult {
  const symbolRateHz = plays[0]?.report.symbolRateHz
  if (!symbolRateHz || plays.some(({ report }) => report.symbolRateHz !== symbolRateHz)) {
    throw new RangeError('give plays of one symbol rate')
  }
  const byEdges = timedBy(plays, 'edge-input', ({ edges }, light) => seenByLogic(edges, light))
  const views = new Map<number, SampleView>()
  const bySamples = timedBy(plays, 'samples', ({ samples, report, clocks }, light) => {
    if (!samples || !clocks) return null
    const view = edgesOfSamples(samples, {
      startS: clocks.at(report.startS, report.clock),
      endS: clocks.at(report.startS + report.symbols / report.symbolRateHz, report.clock),
      symbolS: light.symbolS,
      uncertaintyS: light.uncertaintyS,
      samplePeriodS: 1 / samples.sampleRateHz,
    })
    views.set(light.play, view)
    return { view, ...light.match(view) }
  })
  const timed = [byEdges, bySamples].filter((found) => found !== null)
  const shape = bySamples && shapeOf(plays, bySamples, views)
  const figures = [
    ...timed.flatMap((found) => figuresOf(found, 1 / symbolRateHz)),
    ...(shape?.figures ?? []),
    ...disagreement(byEdges, bySamples),
    ...pacingFigures(plays),
  ]
  const witnesses = timed.map(({ timing }) => timing)
  return {
    plays,
    symbolRateHz,
    witnesses,
    figures,
    faults: findFaults(figures, witnesses, symbolRateHz, isSecret),
    shapes: shape?.shapes ?? null,
  }
}

/** A play's light as a witness should see it. */
interface Light {
  readonly play: number
  readonly symbolS: number
  readonly uncertaintyS: number
  match(sighting: Sighting): { readonly sighting: Sighting; readonly matched: EdgeMatch }
}

interface Timed {
  readonly timing: WitnessTiming
  readonly edges: readonly TimedEdge[]
}

function timedBy(
  plays: readonly TimedPlay[],
  witness: WitnessTiming['witness'],
  look: (
    play: TimedPlay,
    light: Light,
  ) => { readonly sighting: Sighting; readonly matched: EdgeMatch } | null,
): Timed | null {
  const edges: TimedEdge[] = []
  const places: (ExpectedEdge & { readonly play: number; readonly index: number | null })[] = []
  const extraS: { play: number; timeS: number }[] = []
  let unseen = 0
  for (const [play, timedPlay] of plays.entries()) {
    const { sequence, report, clocks } = timedPlay
    if (!clocks) return null
    const expected = expectedEdges(sequence)
    const madeS = expected.map(({ symbol }) => report.startS + symbol / report.symbolRateHz)
    const predicted = expected.map(({ rising }, n) => ({
      timeS: clocks.at(madeS[n] as number, report.clock),
      rising,
    }))
    const uncertaintyS = Math.max(
      clocks.uncertaintyS(report.startS),
      clocks.uncertaintyS(madeS.at(-1) ?? 0),
    )
    const symbolS = clocks.rate / report.symbolRateHz
    const found = look(timedPlay, {
      play,
      symbolS,
      uncertaintyS,
      match: (sighting) => ({
        sighting,
        matched: matchEdges(predicted, sighting.edges, {
          symbolS,
          uncertaintyS,
          blind: sighting.blind,
        }),
      }),
    })
    if (!found) return null
    const { sighting, matched } = found
    const seenAt = new Map(matched.pairs)
    const isUnseen = new Set(matched.unseen)
    for (const [n, edge] of expected.entries()) {
      if (isUnseen.has(n)) continue
      const at = seenAt.get(n)
      const seen = at === undefined ? undefined : sighting.edges[at]
      places.push({ ...edge, play, index: seen ? edges.length : null })
      if (seen) edges.push({ play, symbol: edge.symbol, madeS: madeS[n] as number, seen })
    }
    unseen += matched.unseen.length
    for (const n of matched.extra) {
      extraS.push({ play, timeS: sighting.edges[n]?.timeS ?? Number.NaN })
    }
  }
  const fit = fitEdges(edges)
  const rows = places.map(({ index, ...place }): EdgeRow => {
    const edge = index === null ? undefined : edges[index]
    return {
      ...place,
      witness,
      seenS: edge?.seen.timeS ?? null,
      tieS: (index === null ? null : fit?.tieS[index]) ?? null,
      uncertaintyS: edge ? methodExtremeS([edge]) : null,
    }
  })
  return { edges, timing: { witness, rows, extraS, unseen, fit } }
}

/** Whether the line is high or low while the LED is lit shows by what fits better. */
function seenByLogic(edges: TimedPlay['edges'], light: Light) {
  if (!edges) return null
  const [high, low] = [true, false].map((isLitHigh) => light.match(edgesOfLogic(edges, isLitHigh)))
  if (!high || !low) return null
  return low.matched.pairs.length > high.matched.pairs.length ? low : high
}

const US_PER_S = 1e6
const PPM = 1e6
const PERCENT = 100

const figureOf =
  (witness: Witness) =>
  (name: FigureName, found: Uncertain | null | undefined, unitsPer = 1): Figure => ({
    name,
    witness,
    value: found ? found.value * unitsPer : null,
    uncertainty: found ? found.uncertainty * unitsPer : null,
  })

function figuresOf({ timing, edges }: Timed, symbolS: number): Figure[] {
  const { witness, rows, extraS, unseen, fit } = timing
  const figure = figureOf(witness)
  const jitter = fit && jitterOf(edges, fit)
  const rate = fit?.rateError
  const missed = rows.filter(({ seenS }) => seenS === null).length
  return [
    figure('tie-rms-us', jitter?.tieRmsS, US_PER_S),
    figure('tie-p99-us', jitter?.tieP99S, US_PER_S),
    figure('tie-p999-us', jitter?.tieP999S, US_PER_S),
    figure('tie-max-us', jitter?.tieMaxS, US_PER_S),
    figure('period-jitter-rms-us', jitter?.periodRmsS, US_PER_S),
    figure('period-jitter-pp-us', jitter?.periodPeakToPeakS, US_PER_S),
    figure('cycle-jitter-rms-us', jitter?.cycleRmsS, US_PER_S),
    figure('cycle-jitter-pp-us', jitter?.cyclePeakToPeakS, US_PER_S),
    // Where the witness counts more seconds its clock is faster, and the emitter's slower.
    figure(
      'frequency-error-ppm',
      rate && { value: 1 / (1 + rate.value) - 1, uncertainty: rate.uncertainty },
      PPM,
    ),
    figure('asymmetry-pct', fit?.litLongerS, PERCENT / symbolS),
    figure('missed-edges', { value: missed, uncertainty: unseen }),
    figure('extra-edges', { value: extraS.length, uncertainty: unseen }),
  ]
}

/** Of a symbol: from when on a level is still, unless its edge takes longer, and until when before the next edge. */
const STILL_AFTER = 0.25
const STILL_UNTIL = 0.05
/** An edge of one pole is within 0.1 % of its end after so many times from 10 to 90 %. */
const SETTLED = 3.2
const UNSETTLED = 0.001
/** Of a symbol: when the level after an edge is taken at the latest. */
const DROOPED = 0.5
/** A shorter part of a symbol tells nothing of its level. */
const LEAST_STILL = 0.25

function shapeOf(
  plays: readonly TimedPlay[],
  { timing, edges }: Timed,
  views: ReadonlyMap<number, SampleView>,
) {
  const figure = figureOf('samples')
  const { fit } = timing
  const swing = largest([...views.values()].map((view) => Math.abs(view.swing)))
  const swingOf = PERCENT / swing
  const dark = [...views.values()].flatMap((view) => [...view.dark])
  const flicker = swing > 0 ? flickerOf(dark) : null
  if (!fit) return { figures: [figure('flicker-pct', flicker, swingOf)], shapes: null }

  const sampled = edges.flatMap((edge, n) => {
    const { samples } = plays[edge.play] as TimedPlay
    const view = views.get(edge.play)
    const around = view?.around[view.edges.indexOf(edge.seen)]
    if (!samples || !around) return []
    const beside = (other: TimedEdge | undefined): number =>
      other?.play === edge.play ? Math.abs(other.madeS - edge.madeS) : Number.POSITIVE_INFINITY
    const symbolS = 1 / (plays[edge.play]?.report.symbolRateHz ?? 1)
    const sinceS = Math.min(symbolS, beside(edges[n - 1]))
    const untilS = Math.min(symbolS, beside(edges[n + 1]))
    // One that is away from its time, beyond doubt, is where it was seen, or jitter would look like a slow edge.
    const tieS = fit.tieS[n] as number
    const isAway = Math.abs(tieS) > methodExtremeS([edge])
    const { rising } = edge.seen
    const edgeS = isAway ? edge.seen.timeS : fit.at(edge.madeS, rising)
    return [{ samples, ...around, edgeS, rising, sinceS, untilS }]
  })
  const [rise, fall] = [true, false].map((rising) =>
    foldEdges(sampled.filter((edge) => edge.rising === rising)),
  ) as [FoldedEdge, FoldedEdge]
  const flickerPart = (flicker?.value ?? 0) / 2 / swing
  const [riseS, fallS] = [transitionTimeS(rise, flickerPart), transitionTimeS(fall, flickerPart)]
  const held = edges.map(({ play, symbol, seen }, n): (HeldLevel & { level: number }) | null => {
    const { samples, sequence, report } = plays[play] as TimedPlay
    if (!samples || !riseS || !fallS) return null
    const symbolS = (1 + fit.rateError.value) / report.symbolRateHz
    const next = edges[n + 1]
    const endS = Math.min(
      seen.timeS + symbolS,
      next?.play === play ? next.seen.timeS : Number.POSITIVE_INFINITY,
    )
    const edgesS = Math.max(riseS.value, fallS.value)
    const fromS = seen.timeS + Math.max(STILL_AFTER * symbolS, SETTLED * edgesS)
    const toS = endS - Math.max(STILL_UNTIL * symbolS, edgesS)
    const level = sequence.levels[symbol] ?? BLACK
    return toS - fromS >= LEAST_STILL * symbolS ? { samples, fromS, toS, level } : null
  })
  const heldAt = (level: SymbolLevel): HeldLevel[] =>
    held.filter((other) => other !== null).filter((other) => other.level === level)
  const symbolS = 1 / (plays[0]?.report.symbolRateHz ?? 1)
  const droop = droopOf(heldAt(WHITE), heldAt(BLACK), symbolS, UNSETTLED * swing)
  // The level after an edge is taken from where it has drooped already.
  const levelError = inQuadrature(flickerPart, (DROOPED * (droop?.value ?? 0)) / swing)
  return {
    figures: [
      figure('rise-time-us', transitionTimeS(rise, levelError), US_PER_S),
      figure('fall-time-us', transitionTimeS(fall, levelError), US_PER_S),
      figure('droop-pct', droop, PERCENT / signed(views, swing)),
      figure('drift-pct', driftOf(heldAt(WHITE)), PERCENT / signed(views, swing)),
      figure('flicker-pct', flicker, swingOf),
    ],
    shapes: { rise, fall },
  }
}

/** The swing with the sign that light has by this sensor. */
function signed(views: ReadonlyMap<number, SampleView>, swing: number): number {
  return [...views.values()].some((view) => view.swing < 0) ? -swing : swing
}

/** What two witnesses say of the same edges. */
function disagreement(a: Timed | null, b: Timed | null): Figure[] {
  if (!a?.timing.fit || !b?.timing.fit) return []
  const placeOf = ({ play, symbol }: TimedEdge): string => `${play} ${symbol}`
  const { tieS: tieA } = a.timing.fit
  const { tieS: tieB } = b.timing.fit
  const ofA = new Map(a.edges.map((edge, n) => [placeOf(edge), tieA[n] as number]))
  const differencesS = b.edges.flatMap((edge, n) => {
    const tieS = ofA.get(placeOf(edge))
    return tieS === undefined ? [] : [Math.abs((tieB[n] as number) - tieS)]
  })
  if (differencesS.length < 2) return []
  const figure = figureOf('samples')
  const both = [a, b].map(({ edges }) => edges)
  const methodS = both.map((edges) =>
    inQuadrature(
      rms(edges.map(({ seen }) => seen.noiseS)),
      rms(edges.map(({ seen }) => seen.boundS)),
    ),
  )
  const extremeS = both.reduce((sum, edges) => sum + methodExtremeS(edges), 0)
  return [
    figure(
      'witness-disagreement-rms-us',
      { value: rms(differencesS), uncertainty: inQuadrature(...methodS) },
      US_PER_S,
    ),
    figure(
      'witness-disagreement-max-us',
      { value: largest(differencesS), uncertainty: extremeS },
      US_PER_S,
    ),
  ]
}

/** What the emitter itself says of its edges: of several plays the worst. How well it knows that is not known. */
function pacingFigures(plays: readonly TimedPlay[]): Figure[] {
  const pacings = plays.flatMap(({ report }) => report.pacing ?? [])
  if (pacings.length < plays.length) return []
  const worst = (name: FigureName, ofS: readonly number[]): Figure => {
    const value = ofS.reduce((most, s) => (Math.abs(s) > Math.abs(most) ? s : most)) * US_PER_S
    return { name, witness: 'emitter', value, uncertainty: null }
  }
  return [
    worst(
      'lateness-median-us',
      pacings.map(({ medianS }) => medianS),
    ),
    worst(
      'lateness-p99-us',
      pacings.map(({ p99S }) => p99S),
    ),
    worst(
      'lateness-p999-us',
      pacings.map(({ p999S }) => p999S),
    ),
    worst(
      'lateness-max-us',
      pacings.map(({ maxS }) => maxS),
    ),
    worst(
      'length-error-us',
      pacings.map(({ lengthErrorS }) => lengthErrorS),
    ),
  ]
}
