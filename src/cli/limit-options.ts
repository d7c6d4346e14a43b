import { type Command, InvalidArgumentError } from 'commander'
import {
  FIGURES,
  type FigureKind,
  type FigureName,
  type Limit,
  type Limits,
} from '../bench/figures.js'
import { CommandError, EXIT } from './errors.js'
import { type Fields, isObject } from './files.js'

export interface LimitOptions {
  readonly limit?: Limits
}

/** Adds the option that limits figures. */
export function addLimitOptions(command: Command): Command {
  return command.option(
    '--limit <name=range>',
    'what a figure may be, such as tie-rms-us=20 or grey-ratio=0.45..0.6; may be given for several, and beats [limits] of the fixture file',
    collect,
  )
}

/** The limits of the fixture file, and over them those of the flags. */
export const limitsOf = (
  { limit }: LimitOptions,
  settings: { readonly limits: Limits },
): Limits => ({
  ...settings.limits,
  ...limit,
})

function collect(text: string, earlier: Limits = {}): Limits {
  const at = text.indexOf('=')
  const name = at < 0 ? text : text.slice(0, at)
  const fault = nameFault(name) ?? (name in earlier ? 'is given twice: give it once' : null)
  if (fault) throw new InvalidArgumentError(`${name} ${fault}.`)
  const limit =
    at < 0
      ? null
      : readRange(
          name as FigureName,
          text
            .slice(at + 1)
            .split('..')
            .map(toNumber),
        )
  if (!limit) throw new InvalidArgumentError(`${name} ${rangeAdvice(name as FigureName)}.`)
  return { ...earlier, [name]: limit }
}

/**
 * Reads the section [limits] of a fixture file: a number, or the least and the most, by the names of figures.
 *
 * @throws CommandError 'fixture'
 */
export function readLimitsSection(section: unknown, file: string): Limits {
  const refuse = (fault: string): never => {
    throw new CommandError(EXIT.badFixture, `${file}: ${fault}`)
  }
  if (!isObject(section)) return refuse('limits must be a section: write [limits]')
  const [first] = limitFaults(section)
  if (first) return refuse(`limits.${first.join(' ')}`)
  return Object.fromEntries(
    Object.entries(section).map(([name, value]) => [name, rangeOf(name as FigureName, value)]),
  )
}

/** What is wrong with the limits of a section [limits]: the name of each, and the end of a sentence. */
export function limitFaults(section: Fields): [name: string, fault: string][] {
  return Object.entries(section).flatMap(([name, value]): [string, string][] => {
    const fault =
      nameFault(name) ??
      (rangeOf(name as FigureName, value) ? null : rangeAdvice(name as FigureName))
    return fault ? [[name, fault]] : []
  })
}

const rangeOf = (name: FigureName, value: unknown): Limit | null =>
  readRange(name, Array.isArray(value) && value.length === 2 ? value : [value])

/** Null for what is no range of this figure. A number alone is the most; of a figure that is best at zero, to either side. */
function readRange(name: FigureName, bounds: readonly unknown[]): Limit | null {
  if (!bounds.every((bound) => typeof bound === 'number' && Number.isFinite(bound))) return null
  const [first, second, ...more] = bounds as number[]
  if (first === undefined || more.length > 0) return null
  if (second !== undefined) return first <= second ? [first, second] : null
  const { best } = kindOf(name)
  if (best === 'most' || first < 0) return null
  return [best === 'zero' ? -first : 0, first]
}

const kindOf = (name: FigureName): FigureKind => FIGURES[name]

const toNumber = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN

function rangeAdvice(name: FigureName): string {
  return kindOf(name).best === 'most'
    ? 'must have a least and a most'
    : 'must have a number from 0 on, or a least and a most'
}

/** How many names are proposed for one that is none. */
const PROPOSED = 3

function nameFault(name: string): string | null {
  if (Object.hasOwn(FIGURES, name)) return null
  const nearest = Object.keys(FIGURES)
    .map((figure) => ({ figure, off: editDistance(name, figure) }))
    .sort((a, b) => a.off - b.off)
    .slice(0, PROPOSED)
    .map(({ figure }) => figure)
  return `is no figure: take ${nearest.join(', ')}`
}

/** By how many letters put in, taken out or changed two texts differ (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
