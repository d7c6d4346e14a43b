import bwipjs from 'bwip-js'
import { LabelError } from './errors.js'

/** What a label looks like. */
export interface LabelDesign {
  readonly symbol: LabelSymbol
  readonly widthMm: number
  readonly heightMm: number
  /** Dots of the printer in an inch. */
  readonly dpi: number
}

/** With the light room around it, in modules: ISO/IEC 18004 for QR, ISO/IEC 16022 for Data Matrix. */
export const SYMBOLS = { qr: 4, datamatrix: 1 } as const
export type LabelSymbol = keyof typeof SYMBOLS

/** What a label says. */
export interface LabelContent {
  /** In its symbol. */
  readonly code: string
  readonly lines: readonly string[]
}

/** A picture of black dots on white. */
export interface Dots {
  readonly width: number
  readonly height: number
  readonly dpi: number
  /** Row by row; 1 is black. */
  readonly black: Uint8Array
}

/** Of a module: what readers in a hand see without care (GS1 General Specifications: 0.254 mm at least for small items). */
const LEAST_MODULE_MM = 0.25
/** Labels move a little in a printer, and what is beside them is of any colour. */
const EDGE_MM = 1
/** From line to line, of text that is read without a glass, to that of large letters. */
const TEXT_MM = { least: 2, most: 4 }
const FONT = bwipjs.FontLib.lookup('OCR-B')
/** A dot is black when half of it is ink, of 255. */
const INK = 128

interface Layout {
  readonly isBeside: boolean
  /** Of a module, of a line of text, and of the light room around the symbol, in dots. */
  readonly module: number
  readonly line: number
  readonly gap: number
}

/**
 * Draws a label: its symbol, and the lines of text beside or below it, wherever the symbol becomes larger. A module is a whole number of dots, so
 * that a printer of that resolution makes all of them alike.
 *
 * @throws LabelError 'too-small' where it could not be read
 */
export function drawLabel(design: LabelDesign, { code, lines }: LabelContent): Dots {
  const { symbol, dpi } = design
  const width = Math.floor(dotsOf(design.widthMm, dpi))
  const height = Math.floor(dotsOf(design.heightMm, dpi))
  const matrix = modulesOf(symbol, code)
  const columns = Math.max(0, ...lines.map((text) => text.length))
  const layout =
    matrix && layOut({ design, width, height, modules: matrix.size, columns, rows: lines.length })
  if (!matrix || !layout) {
    const count = lines.length === 1 ? '1 line' : `${lines.length} lines`
    const text = lines.length === 0 ? '' : ` with ${count} of ${columns} characters`
    throw new LabelError(
      'too-small',
      `a symbol of ${code.length} characters${text} cannot be read on ${design.widthMm} mm x ${design.heightMm} mm: make the label larger, or let it say less`,
    )
  }
  const dots = { width, height, dpi, black: new Uint8Array(width * height) }
  const { isBeside, module, line, gap } = layout
  const side = matrix.size * module
  const text = { width: columns * advanceOf(line), height: lines.length * line }
  const between = lines.length > 0 ? gap : 0
  // Together in the middle.
  const all = isBeside
    ? { width: side + between + text.width, height: side }
    : { width: side, height: side + between + text.height }
  const left = Math.floor((width - all.width) / 2)
  const top = Math.floor((height - all.height) / 2)
  drawModules(dots, matrix, module, left, top)
  for (const [n, one] of lines.entries()) {
    const x = isBeside
      ? left + side + between
      : Math.floor((width - one.length * advanceOf(line)) / 2)
    const y = (isBeside ? Math.floor((height - text.height) / 2) : top + side + between) + n * line
    drawText(dots, one, line, x, y)
  }
  return dots
}

const dotsOf = (mm: number, dpi: number): number => (mm * dpi) / 25.4

interface Room {
  readonly design: LabelDesign
  readonly width: number
  readonly height: number
  readonly modules: number
  readonly columns: number
  readonly rows: number
}

/** The largest modules, and with them the largest text; null where nothing fits. */
function layOut({
  design: { symbol, dpi },
  width,
  height,
  modules,
  columns,
  rows,
}: Room): Layout | null {
  const edge = Math.ceil(dotsOf(EDGE_MM, dpi))
  const leastModule = Math.ceil(dotsOf(LEAST_MODULE_MM, dpi))
  const leastLine = Math.ceil(dotsOf(TEXT_MM.least, dpi))
  for (
    let module = Math.floor(Math.min(width, height) / modules);
    module >= leastModule;
    module--
  ) {
    const side = modules * module
    const gap = Math.max(edge, SYMBOLS[symbol] * module)
    for (let line = Math.floor(dotsOf(TEXT_MM.most, dpi)); line >= leastLine; line--) {
      const text = { width: columns * advanceOf(line), height: rows * line }
      const room = rows > 0 ? gap : 0
      /** Symbol and text one after the other on a label so long, where the text is so broad and the label, too. */
      const fits = (both: number, length: number, textBreadth: number, breadth: number): boolean =>
        both + 2 * gap <= length && side + 2 * gap <= breadth && textBreadth + 2 * edge <= breadth
      const isBeside = fits(side + room + text.width, width, text.height, height)
      if (isBeside || fits(side + room + text.height, height, text.width, width)) {
        return { isBeside, module, line, gap }
      }
    }
  }
  return null
}

interface Matrix {
  readonly size: number
  /** Row by row; 1 is dark. */
  readonly dark: readonly number[]
}

/** Null for more than any symbol holds. */
function modulesOf(symbol: LabelSymbol, text: string): Matrix | null {
  const options = symbol === 'qr' ? { bcid: 'qrcode', eclevel: 'M' } : { bcid: 'datamatrix' }
  try {
    const [made] = bwipjs.raw({ ...options, text })
    if (!made || !('pixs' in made)) throw new TypeError('a symbol has modules')
    return { size: made.pixx, dark: made.pixs }
  } catch (error) {
    if (error instanceof Error && /NoValidSymbol|TooLong/.test(error.message)) return null
    throw error
  }
}

function drawModules(
  dots: Dots,
  { size, dark }: Matrix,
  module: number,
  left: number,
  top: number,
): void {
  for (const [n, isDark] of dark.entries()) {
    if (!isDark) continue
    const x = left + (n % size) * module
    const y = top + Math.floor(n / size) * module
    for (let row = 0; row < module; row++) {
      const begin = (y + row) * dots.width + x
      dots.black.fill(1, begin, begin + module)
    }
  }
}

/** All letters of OCR-B are as wide. */
const advanceOf = (line: number): number => glyphOf('0', line).advance
/** Letters with descenders, and room to the next line. */
const sizeOf = (line: number): number => Math.floor(0.85 * line)
const glyphOf = (letter: string, line: number) =>
  bwipjs.FontLib.getglyph(FONT, letter.charCodeAt(0), sizeOf(line), sizeOf(line))

function drawText(dots: Dots, text: string, line: number, left: number, top: number): void {
  const baseline = top + Math.floor(0.75 * line)
  for (const [n, letter] of [...text].entries()) {
    if (letter === ' ') continue // its pixels are null
    const glyph = glyphOf(letter, line)
    const x = left + n * advanceOf(line) + glyph.left
    const y = baseline - glyph.top
    for (const [i, ink] of glyph.pixels.entries()) {
      if (ink < INK) continue
      const at = [x + (i % glyph.width), y + Math.floor(i / glyph.width)] as const
      dots.black[at[1] * dots.width + at[0]] = 1
    }
  }
}
