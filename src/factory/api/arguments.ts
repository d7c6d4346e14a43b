import { ConfigError, type Settings, validateConfig } from '../../packet/index.js'
import { FactoryError } from '../errors.js'

/** An argument that a call cannot use, as an exception of the firmware. */
export const wrongArgument = (call: string, fault: string, cause?: unknown): FactoryError =>
  new FactoryError('wrong-argument', `${call}: ${fault}`, cause === undefined ? {} : { cause })

export function requireString(call: string, name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw wrongArgument(call, `give the ${name} as a string`)
}

export function requireFunction(call: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongArgument(call, 'give it a function to call back')
}

const namesOf = (constants: object): string[] =>
  Object.entries(constants).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []))
const valuesOf = (constants: object): number[] =>
  Object.values(constants).filter((value) => typeof value === 'number')

export function requireNumber(
  call: string,
  name: string,
  value: unknown,
  least = Number.NEGATIVE_INFINITY,
): asserts value is number {
  if (typeof value === 'number' && value >= least) return
  const from = least > Number.NEGATIVE_INFINITY ? ` from ${least}` : ''
  throw wrongArgument(call, `give the ${name} as a number${from}`)
}

/** One of an enum's values: a constant of another kind has none of them. */
export function requireConstant(call: string, constants: object, value: unknown): void {
  if (valuesOf(constants).some((known) => known === value)) return
  throw wrongArgument(call, `give it ${namesOf(constants).join(' or ')}`)
}

/** Bits of an enum, or 0. */
export function requireFlags(
  call: string,
  constants: object,
  value: unknown,
): asserts value is number {
  const known = valuesOf(constants).reduce((bits, bit) => bits | bit, 0)
  const isWithin = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= known
  if (isWithin && ((value as number) & ~known) === 0) return
  throw wrongArgument(call, `give the flags as 0, or as ${namesOf(constants).join(' | ')}`)
}

/** Settings in their canonical form, and what is unusual about them. */
export function checkSettings(
  call: string,
  settings: Settings,
): { readonly settings: Settings; readonly warnings: readonly string[] } {
  try {
    const { config, warnings, doubts } = validateConfig(settings, { allowNonstandard: true })
    return {
      settings: config as Settings,
      warnings: [...warnings, ...doubts.map(({ message }) => message)],
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw wrongArgument(call, error.message, error)
  }
}

/** JSON of anything that it can say. */
export function toJson(call: string, data: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(data)
  } catch (error) {
    throw wrongArgument(call, 'give it data that JSON can say, without a circle in it', error)
  }
  if (json === undefined) throw wrongArgument(call, 'give it data that JSON can say')
  return json
}

/** What agent and device can send each other, as a copy. */
export const serialised = (call: string, data: unknown): unknown =>
  JSON.parse(toJson(call, data ?? null))
