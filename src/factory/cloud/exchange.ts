import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import { badRequest } from './refused.js'

/** A whole request. */
export interface Exchange {
  readonly method: string
  /** Without the query, as it was sent. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type Answer =
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      /** Text as it is, else JSON; undefined for none. */
      readonly body?: unknown
    }
  | { readonly contentType: string; readonly stream: (stream: TextStream) => void }

/** An answer that goes on. */
export interface TextStream {
  /** Ends the stream of who does not read it. */
  write(text: string): void
  end(): void
  /** Resolves when it has ended, by whoever. */
  readonly ended: Promise<void>
}

/** The JSON of a body; null for none. @throws Refused 400 */
export function readJson({ body }: Exchange): unknown {
  if (body.length === 0) return null
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw badRequest('the body is not JSON')
  }
}

/** What a body has in it. @throws Refused 400, which quotes nothing of it */
export function readAs<S extends z.ZodType>(schema: S, exchange: Exchange): z.output<S> {
  const { data, error } = schema.safeParse(readJson(exchange))
  if (!error) return data as z.output<S>
  const [issue] = error.issues
  const place = issue?.path.length ? issue.path.join('.') : 'the body'
  throw badRequest(`${place} is missing, unknown or not of its form`)
}

/** The key of `Authorization: Basic`, with a colon after it or without one. Undefined for none. */
export function basicKey(authorization = ''): string | undefined {
  const [, encoded] = /^Basic +([\w+/]+={0,2})$/i.exec(authorization.trim()) ?? []
  return encoded && Buffer.from(encoded, 'base64').toString('utf8').replace(/:$/, '')
}

/** The token of `Authorization: Bearer`. Undefined for none. */
export function bearerToken(authorization = ''): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization.trim())?.[1]
}
