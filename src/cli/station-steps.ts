import { makeMessage } from '../bench/message.js'
import type { CycleSteps } from '../factory/station/cycle.js'
import { gatherSettings } from './credentials.js'
import { loadTokenSource } from './enrollment.js'
import { readEnrollmentSection } from './enrollment-section.js'
import { CommandError, EXIT } from './errors.js'
import { isObject } from './files.js'
import { loadLabelPrinting } from './label-section.js'
import type { StationSettings } from './station-settings.js'
import { warn } from './terminal.js'

/** Stands in the message for the token of a unit, so that all else can be checked before there is one. */
const PLACEHOLDER = { planId: '0000000000000000', token: '0000000000000000' }

/**
 * Looks up what the file does not say: the credentials and the enrollment key, as all commands do. Makes the message once, so that what
 * no device could use is found before the first unit, and warns of what can hardly be right.
 *
 * @throws CommandError, ConfigError, EnrollmentError
 */
export async function loadSteps(path: string, settings: StationSettings): Promise<CycleSteps> {
  const { what, message, limits, enrollment, resultTimeoutS, blessingTimeoutS } = settings
  const { settings: told, doubts: ofSources } = await gatherSettings(what).catch(inWordsOfFile)
  if (!what.dummy && isObject(told) && told['token'] !== undefined) {
    throw new CommandError(
      EXIT.badData,
      'a token is for one unit, and each would get this one: leave it out, and give [enrollment]',
    )
  }
  const units = enrollment ? { ...(told as object), ...PLACEHOLDER } : told
  const { doubts, warnings } = makeMessage(units, message)
  for (const text of [...[...ofSources, ...doubts].map((doubt) => doubt.message), ...warnings]) {
    warn(text)
  }
  const section = enrollment && readEnrollmentSection(enrollment, path)
  const source = section && (await loadTokenSource(section, {}).catch(inWordsOfFile))
  return {
    settings: told as CycleSteps['settings'],
    message,
    limits,
    enrollment: source && {
      client: source.client,
      planId: source.planId,
      timeoutS: source.timeoutS ?? 60,
    },
    resultTimeoutS,
    blessingTimeoutS,
    label: settings.label && (await loadLabelPrinting(settings.label)),
  }
}

/** What is a flag of other commands is a key of a station's file, or has a credential. */
function inWordsOfFile(error: unknown): never {
  if (!(error instanceof CommandError)) throw error
  const { exitCode, code, message } = error
  const words = message.replace(
    /--([a-z-]+)/g,
    (_, flag: string) => WORDS[flag] ?? `message.${flag}`,
  )
  throw new CommandError(exitCode, words, { code, cause: error })
}
const WORDS: Readonly<Record<string, string>> = {
  open: 'message.open = true',
  'enrollment-key-file': 'the systemd credential blinkup-enrollment-key',
}
