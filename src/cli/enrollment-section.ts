import { dirname, resolve } from 'node:path'
import { ENROLLMENT_APIS, type EnrollmentApi } from '../factory/enrollment/config.js'
import { CommandError, EXIT } from './errors.js'
import { type Fields, isObject } from './files.js'
import type { Fault } from './symbol-options.js'

/** What a fixture file says of the server that gives enrollment tokens. */
export interface EnrollmentSection {
  /** Whose it is, before a fault in it. */
  readonly file: string
  readonly url?: string
  readonly api?: EnrollmentApi
  /** Path of the CA's certificates, as seen from here. */
  readonly ca?: string
  readonly planId?: string
  readonly timeoutS?: number
}

const MOST_TIMEOUT_S = 3600

const isText: Fault = (value) =>
  typeof value === 'string' && value !== '' ? null : 'must be a text that is not empty'

/** By the settings of a section [enrollment]. */
export const ENROLLMENT_FAULTS: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ['url', isText],
  [
    'api',
    (value) =>
      (ENROLLMENT_APIS as readonly unknown[]).includes(value)
        ? null
        : `must be ${ENROLLMENT_APIS.join(' or ')}`,
  ],
  ['ca', isText],
  [
    'plan-id',
    (value) =>
      typeof value === 'string' && /^[\da-f]{16}$/i.test(value) ? null : 'must be 16 hex digits',
  ],
  [
    'timeout',
    (value) =>
      typeof value === 'number' && value > 0 && value <= MOST_TIMEOUT_S
        ? null
        : `must be a number of seconds above 0, at most ${MOST_TIMEOUT_S}`,
  ],
])

/** What is wrong with the settings of a section [enrollment]: the name of each, and the end of a sentence. */
export function enrollmentFaults(section: Fields): [name: string, fault: string][] {
  return Object.entries(section).flatMap(([name, value]): [string, string][] => {
    const faultOf = ENROLLMENT_FAULTS.get(name)
    const fault = faultOf ? faultOf(value) : 'is not a setting of enrollment'
    return fault ? [[name, fault]] : []
  })
}

/**
 * Reads the section [enrollment] of a fixture file.
 *
 * @throws CommandError 'fixture'
 */
export function readEnrollmentSection(section: unknown, file: string): EnrollmentSection {
  const refuse = (fault: string): never => {
    throw new CommandError(EXIT.badFixture, `${file}: ${fault}`)
  }
  if (!isObject(section)) return refuse('enrollment must be a section: write [enrollment]')
  const [first] = enrollmentFaults(section)
  if (first) return refuse(`enrollment.${first.join(' ')}`)
  const { url, api, ca, 'plan-id': planId, timeout: timeoutS } = section
  const given = { url, api, ca: ca && resolve(dirname(file), ca as string), planId, timeoutS }
  return {
    file,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  }
}
