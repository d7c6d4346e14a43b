import { type Delimiter, splitLine } from './cells.js'
import { bareUnit, type Heading, isUnit, readHeading } from './units.js'

const MOST_HEADING_LINES = 3
/** A longer line is no setting: a pattern that may begin anywhere is looked for in it. */
const MOST_SETTING_LETTERS = 500
const COMMENT = /^\s*[#;%]+\s*/

/** The headings of the cells with numbers, from the lines above; null where none has as many. */
export function readHeadings(
  above: readonly string[],
  delimiter: Delimiter,
  numbered: readonly number[],
  cells: number,
): Heading[] | null {
  let units: readonly string[] | null = null
  const last = numbered.at(-1) ?? 0
  const nearest = above.filter((line) => line.trim() !== '').slice(-MOST_HEADING_LINES)
  for (const line of nearest.reverse()) {
    const comment = COMMENT.exec(line)?.[0] ?? ''
    const text = comment.trim().startsWith(delimiter) ? line : line.slice(comment.length)
    const texts = splitHeadings(text, delimiter, numbered.length)
    const filled = texts.filter((text) => text !== '')
    // A Rigol DS1000E puts a heading before those of its channels, and R's write.table none above the numbers of its rows.
    const hasMore = texts.length === cells + 1 && filled.length === numbered.length + 1
    const hasLess = texts.length === last && numbered.length > 2
    const shift = hasMore ? 1 : hasLess ? -1 : 0
    const own = numbered.map((cell) => texts[cell + shift] ?? '')
    if (texts.length <= last + shift || !own.some((text) => /\p{Letter}/u.test(text))) continue
    // A setting, or a sentence.
    if (delimiter === ' ' && texts.length > cells + shift) continue
    if (own.some((text) => /[:=](\s|$)|\.$/.test(text))) continue
    if (units === null && own.every((text) => text === '' || isUnit(text))) units = own
    else return own.map((text, n) => readHeading(text, units?.[n]))
  }
  if (!units) return null
  const names = channelNames(above)
  return units.map((unit) => {
    const heading = readHeading(bareUnit(unit))
    return heading.role === 'value' ? { ...heading, name: names.shift() ?? heading.name } : heading
  })
}

function splitHeadings(text: string, delimiter: Delimiter, count: number): string[] {
  const texts = splitLine(text, delimiter)
  if (delimiter !== ' ' && texts.length > 1) return texts
  // Between spaces the unit of a name is a cell of its own.
  const words = splitLine(text.replace(/ +(?=[([])/g, '_'), ' ')
  // ngspice prints spaces between its headings, and tabs between its numbers.
  return delimiter === ' ' || (delimiter === '\t' && words.length === count) ? words : texts
}

/** Of all columns but that of the times, as a comment of sigrok-cli lists them above a line of units. */
function channelNames(above: readonly string[]): string[] {
  const [, names] = /^[;#%]+ Channels \(\d+\/\d+\): (.+)$/m.exec(above.join('\n')) ?? []
  return names?.split(', ') ?? []
}

/** The lines above the data, and as lines of their own the cells that stand below their names, as a Rigol DS1000Z has them. */
export function timebaseText(above: readonly string[], delimiter: Delimiter): string {
  const rows = above.slice(-MOST_HEADING_LINES).map((line) => splitLine(line, delimiter))
  const pairs = rows.flatMap((names, n) =>
    names.map((name, cell) => `${name} ${rows[n + 1]?.[cell] ?? ''}`),
  )
  return [...above, ...pairs].filter((line) => line.length <= MOST_SETTING_LETTERS).join('\n')
}
