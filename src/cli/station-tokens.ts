import { newUrlToken, urlTokenCheck } from '../factory/url-token.js'
import { findSecret, type Secret } from './credentials.js'
import { CommandError, EXIT } from './errors.js'

const OTHERWISE = 'or let it be a new one at each start'

export const REPORT_TOKEN: Secret = {
  variable: 'BLINKUP_REPORT_TOKEN',
  credential: 'blinkup-report-token',
  name: "token in the URL of devices' reports",
  otherwise: OTHERWISE,
}
export const PAGE_TOKEN: Secret = {
  variable: 'BLINKUP_PAGE_TOKEN',
  credential: 'blinkup-page-token',
  name: "token in the URL of the station's pages",
  otherwise: OTHERWISE,
}

export interface UrlToken {
  readonly token: string
  /** Whether nobody knows it yet. */
  readonly isNew: boolean
}

/** The token that is given, or a new one. @throws CommandError for one that is no secret, or cannot stand in a URL */
export async function findUrlToken(secret: Secret): Promise<UrlToken> {
  const token = await findSecret(secret)
  if (token === undefined) return { token: newUrlToken(), isNew: true }
  try {
    urlTokenCheck(token)
    return { token, isNew: false }
  } catch (cause) {
    const { name, variable, credential, otherwise } = secret
    throw new CommandError(
      EXIT.usage,
      `the ${name}, of ${variable} or the systemd credential ${credential}, is none: ${(cause as Error).message}; mend it, ${otherwise}`,
      { cause },
    )
  }
}

/** A URL as it is told, which may be to a log that others read: whoever has given its token knows it. */
export const toldUrl = (url: string, { token, isNew }: UrlToken): string =>
  isNew ? url : url.replace(token, 'TOKEN')
