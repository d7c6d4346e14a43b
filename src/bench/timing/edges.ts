import { BLACK, type SymbolSequence, WHITE } from '../../light/symbols.js'

/** A change between dark and lit that a sequence asks for. */
export interface ExpectedEdge {
  /** The symbol that begins with it; the number of symbols for the end of the last one. */
  readonly symbol: number
  /** From dark to lit. */
  readonly rising: boolean
}

/** A change between dark and lit as a witness has timed it, by the witness's clock. */
export interface ObservedEdge {
  readonly timeS: number
  readonly rising: boolean
  /** Of its time: the standard deviation of what is chance, and the most of what is method. */
  readonly noiseS: number
  readonly boundS: number
}

/** When a witness saw nothing, by its clock: what was lost on the way. */
export interface Blindness {
  readonly fromS: number
  readonly toS: number
}

/** What a witness has seen of one play. */
export interface Sighting {
  /** In the order of their times. */
  readonly edges: readonly ObservedEdge[]
  readonly blind: readonly Blindness[]
}

/** Changes among lit levels are no edges: a logic level does not show them. The LED is dark before and after a sequence. */
export function expectedEdges({ levels }: SymbolSequence): ExpectedEdge[] {
  const edges: ExpectedEdge[] = []
  let isLit = false
  for (let symbol = 0; symbol <= levels.length; symbol++) {
    const isNextLit = (levels[symbol] ?? BLACK) !== BLACK
    if (isNextLit !== isLit) edges.push({ symbol, rising: isNextLit })
    isLit = isNextLit
  }
  return edges
}

/** Whether a light is all dark or full, without PWM, whose pulses are too fast for an edge input. */
export function isLogic({ levels }: SymbolSequence, brightness: number): boolean {
  return brightness === 1 && levels.every((level) => level === BLACK || level === WHITE)
}
