import type { Command } from 'commander'
import type { ZodDefault, ZodObject, ZodRawShape, ZodType, z } from 'zod'
import type { ModelledLight } from '../rig/config.js'
import { CommandError, EXIT } from './errors.js'
import { readNumber } from './numbers.js'

/** The flag of each setting, such as `--adc-channel <n>`, by its name in the configuration. */
export type FlagTable = Readonly<Record<string, string>>

/** Those of light that is a model. */
export const LIGHT_FLAGS: Readonly<Record<keyof ModelledLight, string>> = {
  swing: '--swing <part>',
  black: '--black <part>',
  flicker: '--flicker <part>',
  flickerHz: '--flicker-hz <hz>',
  noiseRms: '--noise-rms <part>',
  sensorBandwidthHz: '--sensor-bandwidth <hz>',
  ledRiseUs: '--led-rise <us>',
  ledFallUs: '--led-fall <us>',
  adcBits: '--adc-bits <n>',
  clipLow: '--clip-low <part>',
  clipHigh: '--clip-high <part>',
  seed: '--seed <n>',
}

/** Adds an option for each flag; `schemaOf` gives what is known of its setting, from which its help is. */
export function addSettings(
  command: Command,
  flags: FlagTable,
  schemaOf: (field: string) => ZodType,
): Command {
  for (const [field, flag] of Object.entries(flags)) {
    const isNumber = flag.includes('<') && !flag.endsWith('<name>')
    const help = helpOf(schemaOf(field))
    if (isNumber) command.option(flag, help, readNumber)
    else command.option(flag, help)
  }
  return command
}

function helpOf(schema: ZodType): string {
  const { type, defaultValue } = (schema as ZodDefault).def
  const isTold = type === 'default' && typeof defaultValue === 'number'
  return `${schema.description}${isTold ? ` (default: ${Number(defaultValue.toPrecision(4))})` : ''}`
}

/** The settings that flags give, with the defaults of the others. Throws CommandError. */
export function settingsOf<S extends ZodRawShape>(
  given: Readonly<Record<string, unknown>>,
  flags: Readonly<Record<string, string>>,
  schema: ZodObject<S>,
): z.output<ZodObject<S>> {
  const values = Object.entries(flags).map(([field, flag]) => [
    field,
    given[camelCase(nameOf(flag))],
  ])
  const result = schema.safeParse(Object.fromEntries(values))
  if (result.success) return result.data
  const [{ path, message } = { path: [], message: '' }] = result.error.issues
  const flag = flags[String(path[0])]
  throw new CommandError(EXIT.usage, `${flag ? `--${nameOf(flag)} ` : ''}${message}`)
}

/** Of a flag, such as `adc-channel`. */
export const nameOf = (flag: string): string => flag.replace(/^--([\w-]+).*/, '$1')

/** Of a name, as the command line gives its value. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
