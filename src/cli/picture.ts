/** Short pictures for a terminal, of Braille and block characters. */

/** Dots of a Braille character, by column and from the top row on: U+2800 and these bits. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const
const [DOT_COLUMNS, DOT_ROWS] = [2, 4]
const BARS = ' ▁▂▃▄▅▆▇█'

export interface PictureSize {
  /** Characters. */
  readonly columns: number
  readonly rows: number
}

/**
 * Values in their order from left to right, as lines of text: of those that share a column of dots all between the least and the most.
 * Under them, what the values are from and to. No lines without a finite value.
 */
export function coursePicture(values: ArrayLike<number>, { columns, rows }: PictureSize): string[] {
  const range = rangeOf(values)
  if (!range) return []
  const [width, height] = [DOT_COLUMNS * columns, DOT_ROWS * rows]
  const cells = Array.from({ length: rows }, () => new Uint8Array(columns))
  const rowOf = (value: number): number =>
    Math.round(((range.most - value) / (range.most - range.least || 1)) * (height - 1))
  for (let x = 0; x < width; x++) {
    const first = Math.floor((x * values.length) / width)
    const end = Math.max(first + 1, Math.floor(((x + 1) * values.length) / width))
    const seen = rangeOf(values, first, end)
    if (!seen) continue
    for (let y = rowOf(seen.most); y <= rowOf(seen.least); y++) {
      const row = cells[Math.floor(y / DOT_ROWS)] as Uint8Array
      ;(row[x >> 1] as number) |= (DOTS[x % DOT_COLUMNS] ?? DOTS[0])[y % DOT_ROWS] as number
    }
  }
  const lines = cells.map((row) => String.fromCharCode(...Array.from(row, (dots) => 0x2800 + dots)))
  return [...lines, `from ${short(range.least)} to ${short(range.most)}`]
}

/** How often values came, from the least on the left to the most on the right, as lines of text; none without a finite value. */
export function histogramPicture(
  values: ArrayLike<number>,
  { columns, rows }: PictureSize,
): string[] {
  const range = rangeOf(values)
  if (!range) return []
  const counts = new Array<number>(columns).fill(0)
  const width = (range.most - range.least) / columns || 1
  for (let i = 0; i < values.length; i++) {
    const column = Math.min(Math.floor(((values[i] as number) - range.least) / width), columns - 1)
    if (column >= 0) (counts[column] as number)++
  }
  const most = Math.max(...counts)
  const steps = BARS.length - 1
  const lines = Array.from({ length: rows }, (_, row) =>
    counts
      .map((count) => {
        // What came at all is seen.
        const height = count === 0 ? 0 : Math.max(1, Math.round((count / most) * rows * steps))
        return BARS[Math.min(Math.max(height - (rows - 1 - row) * steps, 0), steps)]
      })
      .join(''),
  )
  const [least, highest] = [short(range.least), short(range.most)]
  return [...lines, least + highest.padStart(Math.max(columns - least.length, highest.length + 1))]
}

const short = (value: number): string => `${Number(value.toPrecision(3))}`

function rangeOf(
  values: ArrayLike<number>,
  start = 0,
  end = values.length,
): { readonly least: number; readonly most: number } | null {
  let [least, most] = [Infinity, -Infinity]
  for (let i = start; i < end; i++) {
    const value = values[i] as number
    if (!Number.isFinite(value)) continue
    if (value < least) least = value
    if (value > most) most = value
  }
  return least <= most ? { least, most } : null
}

const MOST_COLUMNS = 72
/** So many can be told apart. */
const SYMBOLS_SHOWN = 28

/** Light, and where a message begins in it. */
export interface PicturedLight {
  readonly timesS: Float64Array
  readonly levels: Float64Array
  readonly message: { readonly startS: number; readonly symbolRateHz: number } | null
}

/** The first symbols of a message, or all of the light without one; and how often each level of all of it came. */
export function lightPicture({ timesS, levels, message }: PicturedLight): string[] {
  const columns = Math.max(8, Math.min(MOST_COLUMNS, (process.stdout.columns || 80) - 4))
  const endS = message ? message.startS + SYMBOLS_SHOWN / message.symbolRateHz : Infinity
  const shown = levels.filter(
    (_, i) =>
      (timesS[i] as number) >= (message?.startS ?? -Infinity) && (timesS[i] as number) < endS,
  )
  const titled = (title: string, lines: string[]): string[] =>
    lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`)] : []
  return [
    ...titled(
      message ? `light, ${SYMBOLS_SHOWN} symbols from the marker on` : 'light',
      coursePicture(shown, { columns, rows: 4 }),
    ),
    ...titled('levels, parts of full scale', histogramPicture(levels, { columns, rows: 3 })),
  ]
}
