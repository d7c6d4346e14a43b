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

export const SETTINGS = shared(
  'Settings',
  z.strictObject({
    ssid: text('Wi-Fi network').optional(),
    password: text('Its password; empty for an open network, else masked').optional(),
    planId: text('Plan ID, 16 hex digits').optional(),
    token: text('Enrollment token, 16 hex digits; masked').optional(),
    staticAddress: z
      .strictObject({
        ip: text('IPv4 address of the device'),
        netmask: text('Its netmask'),
        gateway: text('Its gateway'),
        dns1: text('Its first DNS server'),
        dns2: text('Its second DNS server').optional(),
      })
      .describe('Addresses that the device keeps')
      .optional(),
    proxy: z
      .strictObject({
        server: text('Host name or address; what stands before an @ is masked'),
        port: z.int().describe('Port'),
        username: text('User name; masked').optional(),
        password: text('Password; masked').optional(),
      })
      .describe('HTTP proxy')
      .optional(),
    clear: z.literal(true).describe('The order to clear the wireless configuration').optional(),
    unknownTlvs: z
      .array(
        z.strictObject({
          type: z.int().describe('Its type'),
          valueHex: text('Its bytes in hex; masked'),
        }),
      )
      .readonly()
      .describe('What a message holds beyond what is known')
      .optional(),
  }),
  'What a message says to a device; what it does not say is left out. Secrets are `********`, unless they were asked for with `--show-secrets`.',
)

/** What a run of the bench was done with, as far as another may be compared with it. */
export const SETTINGS_OF_RUN = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .describe('What it was measured with, by names as of flags')

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
