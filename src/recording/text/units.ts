/** Parts of a unit, by their letters. */
export const SI_PREFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  u: 1e-6,
  µ: 1e-6, // the micro sign
  μ: 1e-6, // the Greek letter
  n: 1e-9,
  p: 1e-12,
}
const WORDS_OF_PREFIXES = { milli: 1e-3, micro: 1e-6, nano: 1e-9, pico: 1e-12 }

/** Seconds in each unit of time that is read, by its name in lower case. */
const TIME_UNITS_S: ReadonlyMap<string, number> = new Map([
  ...Object.entries({ ...SI_PREFIXES, ...WORDS_OF_PREFIXES }).flatMap(([prefix, partS]) =>
    ['s', 'sec', 'secs', 'second', 'seconds', 'sekunden'].map(
      (word) => [prefix + word, partS] as const,
    ),
  ),
  // The functions of an Arduino.
  ['millis', 1e-3],
  ['micros', 1e-6],
])

/** Units that are of times only where the name says so: `light_min` is none. */
const LONG_UNITS_S: ReadonlyMap<string, number> = new Map([
  ['min', 60],
  ['minutes', 60],
  ['h', 3600],
  ['hours', 3600],
])

/** Units of what an instrument measures, by their names in lower case, as they are told. */
const VALUE_UNITS: ReadonlyMap<string, string> = new Map([
  ['v', 'V'],
  ['volt', 'V'],
  ['volts', 'V'],
  ['mv', 'mV'],
  ['millivolt', 'mV'],
  ['millivolts', 'mV'],
  ['uv', 'µV'],
  ['µv', 'µV'],
  ['μv', 'µV'],
  ['a', 'A'],
  ['ma', 'mA'],
  ['ua', 'µA'],
  ['µa', 'µA'],
  ['μa', 'µA'],
  ['adc', 'counts'],
  ['count', 'counts'],
  ['counts', 'counts'],
  ['%', '%'],
  ['percent', '%'],
  ['lux', 'lx'],
  ['lx', 'lx'],
  ['w', 'W'],
  ['mw', 'mW'],
])

/** Voltages and currents as SPICE names them: `V(out)`, `I(D1)` and `Id(M1)`. */
const SPICE = /^(v|i[a-z]?)\(.+\)$/i

/** Words in a line of units for what has none. */
const OTHER_UNITS: ReadonlySet<string> = new Set(['sequence', 'logic'])

const TIME_NAMES =
  /^(x|x-axis|t|ts|_?time|zeit|temps|tiempo|tempo|uhrzeit|timestamp|time stamp|zeitstempel|datetime|created_at|(elapsed|relative)([ _]time)?)$/i
const INDEX_NAMES =
  /^(|#|n|no\.?|nr\.?|index|idx|number|sample|samples|sample number|sequence|point|points)$/i

/** What a heading says of its column. */
export interface Heading {
  /** Without its unit, unless there is nothing else. */
  readonly name: string
  /** What the values are measured in; null where it does not tell, and for times. */
  readonly unit: string | null
  /** Seconds in one unit of its times; null where these are no times, or it does not tell. */
  readonly timeUnitS: number | null
  readonly role: 'time' | 'index' | 'value'
}

/** Seconds in a unit of time such as `ms`, `(µs)` or `seconds`; null for any other word. */
export const timeUnitOf = (word: string): number | null =>
  TIME_UNITS_S.get(bareUnit(word).toLowerCase()) ?? null

/** What a word after a number says: a unit without its prefix, seconds for times, and the part of it that the prefix tells. */
export function measureOf(word: string): { readonly unit: string; readonly part: number } | null {
  const partS = timeUnitOf(word)
  if (partS !== null) return { unit: 's', part: partS }
  const unit = VALUE_UNITS.get(word.toLowerCase())
  if (unit === undefined) return null
  const [, prefix = '', base = unit] = /^([mµ])([VAW])$/.exec(unit) ?? []
  return { unit: base, part: SI_PREFIXES[prefix] ?? 1 }
}

/** Whether a cell has nothing but a unit, as those of a second line of headings have. */
export function isUnit(cell: string): boolean {
  const word = bareUnit(cell).toLowerCase()
  return [TIME_UNITS_S, LONG_UNITS_S, VALUE_UNITS, OTHER_UNITS].some((units) => units.has(word))
}

/**
 * Reads a heading: a name, a unit, or both as in `time_s`, `Time (ms)`, `t [µs]`, `in s`, `C1 in V` and `Volt`.
 *
 * @param unitBelow of a second line of headings, where there is one
 */
export function readHeading(text: string, unitBelow = ''): Heading {
  const whole = text.trim()
  const own = splitHeading(whole)
  const word = bareUnit(unitBelow) || own.word
  const name = (own.word === '' ? whole : own.before) || whole
  const [, quantity] = SPICE.exec(whole) ?? []
  const spiceUnit = quantity && (/^v/i.test(quantity) ? 'V' : 'A')
  // `V(mV)` has a unit, but `V(a)` the name of a node.
  if (spiceUnit && !VALUE_UNITS.get(word.toLowerCase())?.endsWith(spiceUnit)) {
    return { name: whole, unit: spiceUnit, timeUnitS: null, role: 'value' }
  }
  const longUnitS = TIME_NAMES.test(name) ? LONG_UNITS_S.get(word.toLowerCase()) : undefined
  const timeUnitS = longUnitS ?? timeUnitOf(word)
  if (timeUnitS !== null) return { name, unit: null, timeUnitS, role: 'time' }
  const unit = VALUE_UNITS.get(word.toLowerCase()) ?? null
  const isIndex = unit === null && (INDEX_NAMES.test(name) || INDEX_NAMES.test(word || '-'))
  const role = isIndex ? 'index' : unit === null && TIME_NAMES.test(name) ? 'time' : 'value'
  return { name, unit, timeUnitS: null, role }
}

/** Before the unit of `timeMs`. */
const CAMEL_CASE = /(?<=^[a-z]+)(?=(S|[A-Z][a-z]+)$)/
/** A longer one is no heading, but a sentence. */
const MOST_HEADING_LETTERS = 100

/** A heading's name, and the word after it if that is a unit. */
function splitHeading(text: string): { before: string; word: string } {
  const none = { before: text, word: '' }
  if (text.length > MOST_HEADING_LETTERS) return none
  const spaced = text.replace(CAMEL_CASE, '_')
  const [, bracketedName = '', bracketed] = /^(.*)[([]([^()[\]]*)[)\]]$/.exec(text) ?? []
  const [, lastName = '', mark = '', last = ''] = /^(?:(.*)([\s_,]))?([^\s_,]+)$/.exec(spaced) ?? []
  const [name, word] = bracketed === undefined ? [lastName, last] : [bracketedName, bracketed]
  if (!isUnit(word)) return none
  // After nothing but a space, `Channel A` tells no unit.
  const isName = bracketed === undefined && mark === ' ' && !/(^|[\s_])in$|,$/.test(name)
  if (isName && (word.length === 1 || timeUnitOf(word) === null)) return none
  return { before: name.replace(/(^|[\s_,]+)(in)?[\s_,]*$/i, ''), word }
}

/** A unit without the brackets and spaces around it, and without a word for direct or alternating current. */
export const bareUnit = (text: string): string =>
  text.trim().replace(/^[([]\s*|\s*[)\]]$|\s+[AD]C$/g, '')
