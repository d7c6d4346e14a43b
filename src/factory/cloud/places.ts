import { STATUS_CODES } from 'node:http'
import { REFUSALS, type Refusal } from '../link/messages.js'
import type { Answer } from './exchange.js'
import type { Refused } from './refused.js'

/** What is served, each kind with ways of its own to refuse. */
export const PLACES = ['link', 'enrollment', 'v5', 'agent'] as const
export type Place = (typeof PLACES)[number]

/** Apps ask here for tokens: pages in a browser may, too. */
const ENROLLMENT = /^\/(v[12]\/setup_tokens|enrol|v5\/enroll)(\/|$)/

export function placeOf(path: string): Place {
  if (path.startsWith('/link/')) return 'link'
  if (path.startsWith('/agent/')) return 'agent'
  return ENROLLMENT.test(path) ? 'enrollment' : 'v5'
}

/** What clients of each kind are told of a refusal. The forms of v1 and of agents are not public: those are ours. */
export function refusal({ status, code, message, headers }: Refused, path: string): Answer {
  const place = placeOf(path)
  if (place === 'link') {
    const isKnown = (REFUSALS as readonly string[]).includes(code)
    const error = { code: isKnown ? (code as Refusal) : 'bad-request', message }
    return { status, headers, body: { error } }
  }
  if (place === 'agent') return { status, headers, body: `${message}\n` }
  const body = {
    errors: [{ status: String(status), code, title: titleOf(status), detail: message }],
  }
  return { status, headers: place === 'enrollment' ? { ...CORS, ...headers } : headers, body }
}

const titleOf = (status: number): string => STATUS_CODES[status] ?? 'Error'

/** What lets a page of another origin ask, the key in its header included. */
export const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '600',
} as const

/** The answer to the question of a browser whether a page may ask. */
export const PREFLIGHT: Answer = { status: 204, headers: CORS }
