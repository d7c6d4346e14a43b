import { z } from 'zod'
import type { LabelDesign } from '../factory/label/draw.js'
import { LabelError } from '../factory/label/errors.js'
import type { LabelPrinting, LabelTemplates } from '../factory/label/printing.js'
import { type LabelWord, longestValues, templateFault, wordsIn } from '../factory/label/template.js'
import { numberFrom, wholeFrom } from '../rig/config.js'
import { warn } from './terminal.js'

const template = z.string('must be a text').superRefine((value, context) => {
  const message = templateFault(value)
  if (message !== null) context.addIssue({ code: 'custom', message })
})
const mm = numberFrom(5, 300)
const aSize = 'must be [WIDTH, HEIGHT] in millimetres'
const aQueue = 'must be the name of a queue of CUPS'
const aFolder = 'must be the name of a folder'

/** The section [label] of a station's file. */
export const LABEL = z.strictObject(
  {
    size: z.tuple([mm, mm], aSize),
    symbol: z.enum(['qr', 'datamatrix'], 'must be qr or datamatrix').default('qr'),
    code: template.default('{device}'),
    text: z.array(template, 'must be a list of texts').default(['{device}']),
    dpi: wholeFrom(150, 1200).default(203),
    printer: z
      .string(aQueue)
      .regex(/^[\w.][\w.-]{0,126}$/, aQueue)
      .optional(),
    folder: z.string(aFolder).min(1, aFolder).optional(),
    wait: z.boolean('must be true or false').default(true),
  },
  'must be a section: write [label]',
)

/** What labels look like and say, and where they go to. */
export interface LabelSettings {
  readonly design: LabelDesign
  readonly templates: LabelTemplates
  readonly waits: boolean
  readonly output: { readonly printer: string } | { readonly folder: string }
}

/** What else is in the file. */
interface Around {
  readonly station: string
  readonly rigs: readonly string[]
  readonly hasEnrollment: boolean
  readonly hasResult: boolean
  /** Path of a file as seen from here. */
  readonly beside: (file: string) => string
}

type Refuse = (keys: readonly PropertyKey[], fault: string) => void

/** Reads a section that has its form. What is wrong with it is told to `refuse`; it is of no worth then. */
export async function readLabel(
  { size, symbol, code, text, dpi, printer, folder, wait }: z.output<typeof LABEL>,
  around: Around,
  refuse: Refuse,
): Promise<LabelSettings> {
  const [widthMm, heightMm] = size
  const design = { symbol, widthMm, heightMm, dpi }
  const templates = { code, text }
  if ((printer === undefined) === (folder === undefined)) {
    refuse(['label'], 'needs a printer or a folder, and not both')
  }
  const needs = (word: LabelWord): string | null =>
    (word === 'device' || word === 'plan') && !around.hasEnrollment
      ? 'an [enrollment]: nobody else tells it'
      : word === 'mac' && !around.hasResult
        ? 'a [result], with which devices tell it'
        : null
  for (const [keys, one] of [
    [['code'], code] as const,
    ...text.map((line, n) => [['text', n], line] as const),
  ]) {
    for (const word of wordsIn(one)) {
      const missing = needs(word)
      if (missing !== null) refuse(['label', ...keys], `has {${word}}, which needs ${missing}`)
    }
  }
  const { drawFilled } = await import('../factory/label/printing.js')
  try {
    drawFilled(design, templates, longestValues(around.station, around.rigs))
  } catch (error) {
    if (!(error instanceof LabelError)) throw error
    refuse(['label', 'size'], `is too small: ${error.message}`)
  }
  const output = printer === undefined ? { folder: around.beside(folder ?? '') } : { printer }
  return { design, templates, waits: wait, output }
}

/** Labels as a file has them. Warns of a printer or a folder that takes none now: it may be mended while the station runs. */
export async function loadLabelPrinting(settings: LabelSettings): Promise<LabelPrinting> {
  const { design, templates, waits, output: to } = settings
  const { labelPrinting } = await import('../factory/label/printing.js')
  const output =
    'printer' in to
      ? new (await import('../factory/label/cups.js')).CupsPrinter(to.printer)
      : new (await import('../factory/label/folder.js')).LabelFolder(to.folder)
  const doubt = await output.doubt()
  if (doubt !== null) warn(`labels: ${doubt}`)
  return labelPrinting(design, templates, output, waits)
}
