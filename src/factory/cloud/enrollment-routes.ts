import { z } from 'zod'
import { newToken } from './enrolling.js'
import { type Answer, basicKey, type Exchange, readAs } from './exchange.js'
import { isSame } from './ids.js'
import type { EnrollmentToken } from './records.js'
import { notFound, Refused } from './refused.js'
import type { Route } from './routes.js'
import type { Services } from './services.js'

const planId = z
  .string()
  .regex(/^[\da-f]{16}$/i)
  .toLowerCase()
/** Whoever has none leaves it out, or empty. */
const optionalPlanId = z.union([planId, z.literal('')]).nullish()
const TokenRequest = z.object({ plan_id: optionalPlanId }).nullable()
const V5Request = z.object({ type: z.literal('production_token'), plan_id: optionalPlanId })
const DeveloperRequest = z.object({ api_key: z.string() })

/**
 * Enrollment tokens for apps, in the three published ways. How v5 answers is public in part only: ours is as v1's. How it is asked whether a
 * device has come is not public, and not served: v1 tells that of its tokens, too.
 */
export function enrollmentRoutes(services: Services): Route[] {
  const { world, tell, commit } = services

  const checkKey = (key: string | undefined): void => {
    if (key === undefined || !isSame(key, world.account.enrollmentKey)) {
      throw new Refused(401, 'unauthorized', 'the key is missing, or none of this server', {
        'www-authenticate': 'Basic realm="enrollment"',
      })
    }
  }
  const authorized = ({ headers }: Exchange): void => checkKey(basicKey(headers.authorization))

  const give = (kind: EnrollmentToken['kind'], planId?: string | null): EnrollmentToken => {
    const expiresAtMs = services.nowMs() + services.tokenLifetimeMs
    const record = newToken({ kind, expiresAtMs, ...(planId && { planId }) })
    commit([{ put: 'token', record }])
    tell('token', null, `a ${kind} token`)
    return record
  }

  const state = (exchange: Exchange, id: string): Answer => {
    authorized(exchange)
    const token = world.tokens.get(id.toLowerCase())
    if (!token || token.kind === 'factory') throw notFound('token')
    return { status: 200, body: stateOf(token) }
  }

  const stateOf = ({ id, planId, claimedBy, claimedAtMs }: EnrollmentToken) => {
    const device = world.devices.get(claimedBy ?? '')
    return {
      id,
      plan_id: planId,
      impee_id: claimedBy ?? '',
      agent_url: device ? services.agentUrl(device.agentId) : '',
      claimed_at: claimedAtMs === null ? '' : new Date(claimedAtMs).toISOString(),
    }
  }

  return [
    [
      'POST /v1/setup_tokens',
      (exchange) => {
        authorized(exchange)
        const { plan_id } = readAs(TokenRequest, formAsJson(exchange)) ?? {}
        return { status: 201, body: stateOf(give('production', plan_id)) }
      },
    ],
    ['GET /v1/setup_tokens/:token', (exchange, { token = '' }) => state(exchange, token)],
    [
      'POST /v5/enroll',
      (exchange) => {
        authorized(exchange)
        const { plan_id } = readAs(V5Request, exchange)
        return { status: 201, body: stateOf(give('production', plan_id)) }
      },
    ],
    [
      'POST /enrol',
      (exchange) => {
        checkKey(readAs(DeveloperRequest, formAsJson(exchange)).api_key)
        const { id, planId } = give('developer')
        return { status: 200, body: { token: id, siteids: [planId], valid_token: true } }
      },
    ],
    [
      'GET /v2/setup_tokens/developer',
      (exchange) => {
        authorized(exchange)
        return { status: 200, body: { result: give('developer').id } }
      },
    ],
  ]
}

/** Scripts of old send forms. */
function formAsJson(exchange: Exchange): Exchange {
  const { headers, body } = exchange
  if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return exchange
  const fields = Object.fromEntries(new URLSearchParams(body.toString('utf8')))
  return { ...exchange, body: Buffer.from(JSON.stringify(fields)) }
}
