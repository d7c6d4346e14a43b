import type { Command } from 'commander'
import type { Enrollment } from '../factory/enrollment/answers.js'
import type { EnrollmentClient } from '../factory/enrollment/client.js'
import { EnrollmentError } from '../factory/enrollment/errors.js'
import { exposure, findSecret, type Secret } from './credentials.js'
import type { EnrollmentSection } from './enrollment-section.js'
import { CommandError, EXIT, explain } from './errors.js'
import { nameOf, readText } from './files.js'
import type { Message } from './message.js'
import { tell, warn } from './terminal.js'

/** What apps ask for tokens with. */
export const ENROLLMENT_KEY: Secret = {
  variable: 'BLINKUP_ENROLLMENT_KEY',
  credential: 'blinkup-enrollment-key',
  name: 'enrollment API key',
  otherwise: 'or use --enrollment-key-file',
}

export interface EnrollmentOptions {
  readonly enrollmentKeyFile?: string
  readonly strict?: boolean
}

/** Where tokens come from, and for whom. */
export interface TokenSource {
  readonly client: EnrollmentClient
  /** Of a known end user; a token for a new one without it. */
  readonly planId: string | undefined
  readonly timeoutS: number | undefined
}

/** Adds the option for the key. */
export function addEnrollmentOptions(command: Command): Command {
  return command
    .optionsGroup('Enrollment:')
    .option('--enrollment-key-file <file>', "the maker's API key, one line; - for standard input")
    .addHelpText(
      'after',
      `
The enrollment server is the section [enrollment] of the --fixture file. The API key is looked for
in the file of --enrollment-key-file, in ${ENROLLMENT_KEY.variable}, and in the systemd credential
${ENROLLMENT_KEY.credential}.`,
    )
}

/**
 * Where a message gets its token from, looked up before the rig is opened.
 *
 * @throws CommandError, EnrollmentError
 */
export async function loadTokenSource(
  section: EnrollmentSection | null,
  options: EnrollmentOptions,
): Promise<TokenSource> {
  const { url, api, ca, planId, timeoutS } = section ?? {}
  const key = await findKey(options)
  const { EnrollmentClient } = await import('../factory/enrollment/client.js')
  try {
    const client = new EnrollmentClient({
      key,
      url,
      api,
      ca: ca === undefined ? undefined : await readText(ca, EXIT.badFixture),
    })
    return { client, planId, timeoutS }
  } catch (error) {
    if (!section || !(error instanceof EnrollmentError) || error.code !== 'misconfigured')
      throw error
    const { code, exitCode, message } = explain(error)
    throw new CommandError(exitCode, `${section.file}: ${message}`, { code, cause: error })
  }
}

/** The same for what need not be enrolled: null for a message that lacks no token. */
export async function loadSourceFor(
  message: Message,
  section: EnrollmentSection | null,
  options: EnrollmentOptions,
): Promise<TokenSource | null> {
  if (!section && options.enrollmentKeyFile !== undefined) {
    throw new CommandError(
      EXIT.usage,
      '--enrollment-key-file needs a --fixture file with a section [enrollment]',
    )
  }
  return message.lacking ? loadTokenSource(section, options) : null
}

async function findKey({ enrollmentKeyFile: file, strict = false }: EnrollmentOptions) {
  if (file === undefined) {
    const key = await findSecret(ENROLLMENT_KEY)
    if (key !== undefined) return key
    throw noKey(
      `the ${ENROLLMENT_KEY.name} is missing: set ${ENROLLMENT_KEY.variable}, ${ENROLLMENT_KEY.otherwise}`,
    )
  }
  for (const doubt of exposure(file)) {
    if (strict) throw doubt
    warn(doubt.message)
  }
  const key = (await readText(file)).replace(/\r?\n$/, '')
  if (key === '') throw noKey(`${nameOf(file)} is empty: put the ${ENROLLMENT_KEY.name} in it`)
  return key
}

const noKey = (message: string): CommandError =>
  new CommandError(EXIT.usage, message, { code: 'enrollment.key-missing' })

/**
 * Takes the token that a message lacks, which is to be sent at once then.
 *
 * @throws EnrollmentError, the signal's reason
 */
export async function withToken(
  message: Message,
  source: TokenSource | null,
  signal: AbortSignal,
): Promise<Message> {
  if (!message.lacking) return message
  if (!source) throw new TypeError('a message lacks its token, and there is no source of one')
  const planId = message.lacking.planId ?? source.planId
  const enrollment: Enrollment = await source.client.createToken({ planId, signal })
  tell(`${source.client.host} has given a token, for plan ID ${enrollment.planId}`)
  return message.lacking.complete(enrollment)
}
