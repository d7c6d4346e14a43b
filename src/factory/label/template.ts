import type { CycleRecord } from '../records/cycle-record.js'
import { LabelError } from './errors.js'

/** What a label can say of its unit, by the words that stand in braces for it. None is a secret. */
export const LABEL_WORDS = ['device', 'mac', 'plan', 'unit', 'station', 'rig', 'date'] as const
export type LabelWord = (typeof LABEL_WORDS)[number]
/** Null for what is not known of the unit. */
export type LabelValues = Readonly<Record<LabelWord, string | null>>

/** A text in which words of `LABEL_WORDS` in braces stand for what is known of the unit. */
export type Template = string

const WORD = /\{([^{}]*)\}/g
const isWord = (word: string): word is LabelWord =>
  (LABEL_WORDS as readonly string[]).includes(word)

/** The words of a template, each of them once. */
export const wordsIn = (template: Template): LabelWord[] => [
  ...new Set(Array.from(template.matchAll(WORD), ([, word = '']) => word).filter(isWord)),
]

/** What is wrong with a template, as the end of a sentence that begins with its name; null for nothing. */
export function templateFault(template: Template): string | null {
  // All that the font has, and what every reader takes.
  if (!/^[ -~]+$/.test(template)) return 'must be a text of ASCII characters that is not empty'
  const words = LABEL_WORDS.map((word) => `{${word}}`).join(', ')
  const unknown = Array.from(template.matchAll(WORD)).find(([, word = '']) => !isWord(word))
  if (unknown) return `has ${unknown[0]}, which is no word of a label: take ${words}`
  if (/[{}]/.test(template.replace(WORD, ''))) return `has a brace of no word: take ${words}`
  return null
}

/** @throws LabelError 'no-value' */
export function filled(template: Template, values: LabelValues): string {
  return template.replace(WORD, (_, word: LabelWord) => {
    const value = values[word]
    if (value !== null) return value
    throw new LabelError('no-value', `the unit has no ${word}, which its label is to say`)
  })
}

/** What a label says of the unit of a cycle that has ended: the same whenever it is printed. */
export function valuesOf(cycle: CycleRecord): LabelValues {
  const { deviceId, planId, number, station, rig, results, endedAtMs } = cycle
  return {
    device: deviceId,
    mac: results.find(({ flag, mac }) => flag === 'matched' && mac !== null)?.mac ?? null,
    plan: planId,
    unit: `${number}`,
    station,
    rig,
    date: endedAtMs === null ? null : localDay(new Date(endedAtMs)),
  }
}

const localDay = (at: Date): string =>
  [at.getFullYear(), at.getMonth() + 1, at.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')

/** So many characters of which no symbol makes less than one byte each: digits, and letters of one case, may take less room. */
const longest = (length: number): string => 'aA'.repeat(length).slice(0, length)
const MOST_DIGITS = 7 // more than a station makes in its life

/** Values that take the most room of all that units of a station can have. */
export const longestValues = (station: string, rigs: readonly string[]): LabelValues => ({
  device: longest(16),
  mac: longest(12),
  plan: longest(16),
  unit: longest(MOST_DIGITS),
  station: longest(station.length),
  rig: longest(Math.max(0, ...rigs.map((rig) => rig.length))),
  date: longest(10),
})
