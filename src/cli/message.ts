import * as bench from '../bench/message.js'
import type { Enrollment } from '../factory/enrollment/answers.js'
import { type CredentialOptions, gatherSettings } from './credentials.js'
import { isObject } from './files.js'
import type { SymbolSettings } from './symbol-options.js'
import { tell } from './terminal.js'

/** What is sent, with all that may be wrong with it in the warnings. */
export interface Message extends bench.Message {
  /** Whether it holds what only its sender and the device should know. */
  readonly isSecret: boolean
  /** The token that it is still to get: until then another holds its place, by which all else is checked. */
  readonly lacking?: {
    /** Whom the token is to be for; undefined where the settings do not say. */
    readonly planId: string | undefined
    complete(enrollment: Enrollment): Message
  }
}

const PLACEHOLDER: Enrollment = { planId: '0000000000000000', token: '0000000000000000' }

/**
 * Makes the message that the options ask for. Whatever can hardly be right is a warning, and with `strict` an error.
 *
 * @param getsToken whether it gets a token before it is sent, if the options have none
 * @throws CommandError and ConfigError
 */
export async function loadMessage(
  options: CredentialOptions,
  symbols: SymbolSettings,
  getsToken = false,
): Promise<Message> {
  const { allowNonstandard = false, strict = false } = options
  const { settings, doubts: ofSources } = await gatherSettings(options)
  const make = (input: unknown, lacking?: Message['lacking']): Message => {
    const message = bench.makeMessage(input, { ...symbols, allowNonstandard })
    const doubts: readonly Error[] = [...ofSources, ...message.doubts]
    if (strict && doubts[0]) throw doubts[0]
    const warnings = [...doubts.map((doubt) => doubt.message), ...message.warnings]
    return { ...message, warnings, isSecret: !options.dummy, ...(lacking && { lacking }) }
  }
  const isLacking = getsToken && isObject(settings) && !('token' in settings || 'clear' in settings)
  if (!isLacking) return make(settings)
  return make(
    { ...PLACEHOLDER, ...settings },
    {
      planId: settings.planId as string | undefined,
      complete: (enrollment) => make({ ...settings, ...enrollment }),
    },
  )
}

/** Says how long the light will take. */
export function tellDuration({ sequence, durationS }: Message, symbolRateHz: number): void {
  tell(
    `the message takes ${durationS.toFixed(1)} s: ${sequence.levels.length} symbols at ${symbolRateHz} Hz`,
  )
}
