import { z } from 'zod'
import type { Answer } from './exchange.js'
import { notFound, Refused } from './refused.js'

/** What requests to impCentral have in common. */

export const NOTHING: Answer = { status: 204 }
export const ok = (body: unknown): Answer => ({ status: 200, body })
export const one = (data: unknown): Answer => ok({ data })
export const created = (data: unknown): Answer => ({ status: 201, body: { data } })

/** @throws Refused 404 */
export function missing(what: string): never {
  throw notFound(what)
}

export const inUse = (fault: string): Refused => new Refused(409, 'conflict', `the ${fault}`)

/** A document with this in its `data`. */
export const body = <T extends z.ZodRawShape>(data: T) => z.object({ data: z.object(data) })

export const name = z.string().min(1).max(200)
export const description = z.string().max(2000)

const Reference = z.object({ type: z.string(), id: z.string() })
/** Another record, bare or in JSON:API's `data`. */
export const reference = z.union([
  Reference,
  z.object({ data: Reference }).transform(({ data }) => data),
])

/** Without what was not given. */
export const given = <T extends object>(
  attributes: T,
): { [K in keyof T]-?: Exclude<T[K], undefined> } => JSON.parse(JSON.stringify(attributes))
