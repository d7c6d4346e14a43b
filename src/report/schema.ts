import { z } from 'zod'
import { FIGURES, WITNESSES } from '../bench/figures.js'
import { REMEDIES } from '../rig/errors.js'
import { ERRORS } from './error-codes.js'

/** The words that the schemas of documents are made of, and what several documents share. */

export const keysOf = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[]

/** A number with its unit, which stands beside its meaning. */
export const measure = (unit: string) => (meaning: string) =>
  z.number().meta({ unit, description: meaning })
export const seconds = measure('s')
export const hertz = measure('Hz')
export const decibels = measure('dB')
export const volts = measure('V')
export const ofFullScale = measure('of full scale')
/** A ratio of two like things. */
export const part = measure('1')
export const text = (meaning: string) => z.string().describe(meaning)
export const flag = (meaning: string) => z.boolean().describe(meaning)
export const count = (meaning: string) => z.int().min(0).describe(meaning)
export const hex = (meaning: string) =>
  z
    .string()
    .regex(/^([\da-f]{2}|\*\*)*$/)
    .meta({ unit: 'hex', description: meaning })

/** A part of several documents, which has a section of its own. */
export const shared = <T extends z.ZodObject>(name: string, schema: T, meaning: string): T =>
  schema.meta({ id: name, description: meaning })

export const REMEDY = z.enum(keysOf(REMEDIES)).describe(
  `What blinkup can do about it: ${Object.entries(REMEDIES)
    .map(([remedy, meaning]) => `\`${remedy}\`, ${meaning}`)
    .join('; ')}`,
)

export const ERROR = shared(
  'Error',
  z.strictObject({
    code: z.enum(keysOf(ERRORS)).describe('What went wrong: one of the [codes](#codes-of-errors)'),
    exitCode: z.int().min(1).describe('What the command ends with'),
    message: text('What went wrong and what to do, in a sentence: the one on standard error'),
    remedy: REMEDY.optional(),
  }),
  'Why a command does not end with 0.',
)

export const WARNINGS = z
  .array(z.string())
  .readonly()
  .describe('What was warned of on standard error, in its order')

/** What each document ends with. */
export const ENDING = {
  error: ERROR.nullable(),
  warnings: WARNINGS,
}

export const document = <N extends string, F extends z.ZodRawShape>(name: N, fields: F) =>
  z.strictObject({ schema: z.literal(name).describe('Name and version'), ...fields })

const LIMIT = z.tuple([z.number(), z.number()]).readonly()

/** What every document of the bench has to say of its figures. */
export const FIGURE = shared(
  'Figure',
  z.strictObject({
    name: z.enum(keysOf(FIGURES)).describe('Which: its unit is in its name'),
    witness: z
      .enum(WITNESSES)
      .describe('What has timed or seen it; null for what is of none')
      .nullable(),
    value: z.number().describe('Null where it could not be measured').nullable(),
    uncertainty: z
      .number()
      .describe('By how much it may be off, with 95 % confidence; null where that is not known')
      .nullable(),
    limit: LIMIT.describe('The least and the most that it may be; null for any').nullable(),
    verdict: z
      .enum(['pass', 'fail'])
      .describe('What the limit makes of it; null where it is not judged')
      .nullable(),
    finding: text('By how much it failed; null unless it did').nullable(),
  }),
  'What was measured, and how sure that is.',
)
