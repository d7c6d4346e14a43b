import type { CycleRecord } from '../records/cycle-record.js'
import { drawLabel, type LabelDesign } from './draw.js'
import { pdfOf, pngOf } from './pictures.js'
import { filled, type LabelValues, type Template, valuesOf } from './template.js'

/** What is printed for each unit that has passed. */
export interface LabelPrinting {
  /** Whether the next unit waits until it is. */
  readonly waits: boolean
  /**
   * Prints the label of the unit of a cycle that has passed. Resolves when it is printed.
   *
   * @param signal the station ends: what is not printed yet must not be any more
   * @throws LabelError
   */
  print(cycle: CycleRecord, signal: AbortSignal): Promise<void>
}

/** A label that is to be printed. */
export interface Label {
  /** Of its station and unit; a name of a file, too. */
  readonly name: string
  readonly design: LabelDesign
  readonly png: Buffer
  readonly pdf: Buffer
}

/** Where labels go to. */
export interface LabelOutput {
  /** @throws LabelError */
  put(label: Label, signal: AbortSignal): Promise<void>
  /** Why it could not take one now; null where it could. */
  doubt(): Promise<string | null>
}

/** What a label says: its symbol, and lines of text beside it. */
export interface LabelTemplates {
  readonly code: Template
  readonly text: readonly Template[]
}

/** Draws what a label says of a unit. @throws LabelError 'no-value', 'too-small' */
export const drawFilled = (
  design: LabelDesign,
  { code, text }: LabelTemplates,
  values: LabelValues,
) =>
  drawLabel(design, { code: filled(code, values), lines: text.map((line) => filled(line, values)) })

/** Labels of that design, which say that, to go there. */
export const labelPrinting = (
  design: LabelDesign,
  templates: LabelTemplates,
  output: LabelOutput,
  waits: boolean,
): LabelPrinting => ({
  waits,
  print: async (cycle, signal) => {
    const dots = drawFilled(design, templates, valuesOf(cycle))
    const name = [cycle.station, cycle.number, cycle.deviceId ?? []].flat().join('-')
    await output.put({ name, design, png: pngOf(dots), pdf: pdfOf(dots, design) }, signal)
  },
})
