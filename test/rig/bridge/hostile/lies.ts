import { hex } from './lines.js'

/** What a line of the board is about: the command that it answers, or the word that it begins with. */
export const TOPICS = [
  'hello',
  'rate',
  'level',
  'load',
  'play',
  'sample',
  'sense on',
  'sense off',
  'edges on',
  'edges off',
  'dark',
  'stop',
  'status',
  'keepalive',
  'baud',
  's',
  'e',
  'end',
  'ready',
] as const
export type Topic = (typeof TOPICS)[number]

/** Some of the lines, or commands, of one topic. */
interface Some {
  readonly topic: Topic
  /** The number of the first one, from 0 on; default 0. */
  readonly from?: number
  /** Default all that follow. */
  readonly times?: number
}

/** What lines of the board are instead of what they should be. In a text `{2}` is a word of the honest line, `{-1}` the last one. */
export type LineLie = Some &
  (
    | { readonly lie: 'field'; readonly field: string; readonly value: string | Change }
    | { readonly lie: 'replaced'; readonly text: string }
    | { readonly lie: 'before' | 'after'; readonly text: string; readonly afterMs?: number }
    | { readonly lie: 'dropped' | 'doubled' | 'damaged' }
    | { readonly lie: 'late'; readonly afterMs: number }
    | { readonly lie: 'index'; readonly runs: IndexRuns }
  )

/** Of a number: what it is times so much, and so much more. */
export interface Change {
  readonly times?: number
  readonly plus?: number
}

/** How the INDEX of `s` and `e` lines goes wrong. */
export const INDEX_RUNS = ['back', 'same', 'jump', 'far', 'skip'] as const
type IndexRuns = (typeof INDEX_RUNS)[number]

export const FLOODS = [
  's',
  'garbage',
  'newlines',
  'no-newline',
  'zeros',
  'ready',
  'ok',
  'error',
] as const
export type FloodKind = (typeof FLOODS)[number]

/** What the board does when it gets a command, or a time later. */
export type CommandLie = Some & { readonly afterMs?: number } & (
    | {
        readonly lie: /** Hears no more. */
          | 'deaf'
          /** Says no more, but obeys. */
          | 'mute'
          /** Does nothing any more; its LED stays as it is. */
          | 'hung'
          /** Starts anew, and says so. */
          | 'reset'
          /** The cable is pulled, and with it the board's supply. */
          | 'unplugged'
      }
    | { readonly lie: 'flood'; readonly of: FloodKind }
  )

/** What the board, its clock and its light are. */
export type BoardLie =
  /** The light is played again and again, and `status` says so. */
  | { readonly lie: 'endless' }
  /** It is none, and gives back what it gets. */
  | { readonly lie: 'echo' }
  | { readonly lie: 'slow'; readonly bytesPerS: number }
  /** Its oscillator runs so many times as fast as it says. */
  | {
      readonly lie: 'clock'
      readonly times: number
      readonly of: 'light' | 'samples' | 'everything'
    }
  /** The LED is dead. */
  | { readonly lie: 'dead' }
  /** What is seen is a neighbour's light: the same message, so many seconds after this board begins. */
  | {
      readonly lie: 'neighbour'
      readonly delayS: number
      readonly symbolRateHz: number
      readonly grey: number
    }

export type Lie = LineLie | CommandLie | BoardLie

export const isLineLie = (lie: Lie): lie is LineLie =>
  /^(field|replaced|before|after|dropped|doubled|damaged|late|index)$/.test(lie.lie)

export const isCommandLie = (lie: Lie): lie is CommandLie =>
  /^(deaf|mute|hung|reset|unplugged|flood)$/.test(lie.lie)

/** Whether a lie is about the line, or the command, with this number. */
export function isAbout({ topic, from = 0, times = Infinity }: Some, about: Topic, number: number) {
  return topic === about && number >= from && number < from + times
}

/** A line on its way to the host, without its CRC. */
export interface Line {
  readonly text: string
  readonly afterMs: number
  readonly damaged: boolean
}

/** The lines that one line becomes, which is the one with this number of its topic. */
export function distort(lie: LineLie, line: Line, number: number): Line[] {
  const { text } = line
  switch (lie.lie) {
    case 'field': {
      const { field, value } = lie
      const told = text.replace(
        new RegExp(`(?<= )${field}=(\\S*)`),
        (_, honest) => `${field}=${typeof value === 'string' ? value : changed(honest, value)}`,
      )
      return [{ ...line, text: told }]
    }
    case 'replaced':
      return [{ ...line, text: filled(lie.text, text) }]
    case 'before':
      return [{ ...line, text: filled(lie.text, text) }, line]
    case 'after':
      return [line, { ...line, text: filled(lie.text, text), afterMs: lie.afterMs ?? 0 }]
    case 'dropped':
      return []
    case 'doubled':
      return [line, line]
    case 'damaged':
      return [{ ...line, damaged: true }]
    case 'late':
      return [{ ...line, afterMs: line.afterMs + lie.afterMs }]
    case 'index': {
      const [name, index = '', ...rest] = text.split(' ')
      const told = wrongIndex(Number.parseInt(index, 16), lie.runs, number - (lie.from ?? 0))
      return told === undefined ? [] : [{ ...line, text: [name, hex(told), ...rest].join(' ') }]
    }
  }
}

function changed(honest: string, { times = 1, plus = 0 }: Change): string {
  return String(Math.round(Number(honest) * times) + plus)
}

function filled(template: string, honest: string): string {
  const words = honest.split(' ')
  return template.replace(/\{(-?\d+)\}/g, (_, place) => words.at(Number(place)) ?? '')
}

/** `line` counts the lines since the lie began; undefined for one that is left out. */
function wrongIndex(index: number, runs: IndexRuns, line: number): number | undefined {
  switch (runs) {
    case 'back':
      return 100_000 - index
    case 'same':
      return 0
    case 'jump':
      return line === 0 ? 2 ** 31 : index
    case 'far':
      return index + 2 ** 31
    case 'skip':
      return line % 10 === 9 ? undefined : index
  }
}
