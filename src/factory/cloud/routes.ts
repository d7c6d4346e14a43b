import type { Answer, Exchange } from './exchange.js'
import { badRequest, notFound, Refused } from './refused.js'

/** What a request's path has at the places of a route that begin with ":". */
export type PathValues = Readonly<Record<string, string>>
export type Handler = (exchange: Exchange, values: PathValues) => Answer | Promise<Answer>
/** Such as `['GET /devices/:id', handler]`. */
export type Route = readonly [pattern: string, handler: Handler]

/**
 * Finds the route of a request.
 *
 * @throws Refused 404, 405 where only the method is another
 */
export function routed(routes: readonly Route[]): (exchange: Exchange) => Promise<Answer> {
  const parsed = routes.map(([pattern, handler]) => {
    const [method = '', path = ''] = pattern.split(' ')
    return { method, parts: path.split('/'), handler }
  })
  return async (exchange) => {
    const parts = exchange.path.replace(/\/$/, '').split('/').map(decoded)
    const fitting = parsed.filter((route) => fits(route.parts, parts))
    const route = fitting.find(({ method }) => method === exchange.method)
    if (route) return route.handler(exchange, valuesOf(route.parts, parts))
    if (fitting.length === 0) throw notFound('path')
    const allow = fitting.map(({ method }) => method).join(', ')
    throw new Refused(405, 'not-allowed', `this path takes ${allow} only`, { allow })
  }
}

const fits = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length &&
  pattern.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]))

const valuesOf = (pattern: readonly string[], parts: readonly string[]): PathValues =>
  Object.fromEntries(
    pattern.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), parts[i] ?? '']] : [])),
  )

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw badRequest('the path is not well encoded')
  }
}
