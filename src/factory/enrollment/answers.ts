import { z } from 'zod'

/** What stands for a new or a known end user, and lets one device join. */
export interface Enrollment {
  /** 16 hex digits. */
  readonly planId: string
  /** 16 hex digits. It is a secret. */
  readonly token: string
}

/** A device that has come with a token. */
export interface EnrolledDevice {
  /** 16 hex digits. */
  readonly deviceId: string
  readonly planId: string | null
  /** Where its agent can be reached. */
  readonly agentUrl: string | null
  /** When it has come, in the server's own words: their form is not public. */
  readonly claimedAt: string | null
}

const hex16 = z
  .string()
  .trim()
  .regex(/^[\da-f]{16}$/i)
  .toLowerCase()
const MOST_CHARACTERS = 1000
const text = z.string().max(MOST_CHARACTERS)
/** What a server has no value for is missing, null or empty. */
const optional = <T extends z.ZodType>(schema: T) =>
  z
    .union([schema, z.literal(''), z.null()])
    .optional()
    .transform((value) => (value === '' || value === undefined ? null : (value as z.output<T>)))

// Members beside these may come and go: nothing is known of them.
/** v1 says `id`; v5's name for it is not public. */
const TokenAnswer = z.object({ id: hex16.optional(), token: hex16.optional(), plan_id: hex16 })
const DeviceAnswer = z
  .looseObject({})
  .refine((answer) => 'impee_id' in answer || 'plan_id' in answer)
  .pipe(
    z.object({
      impee_id: optional(hex16),
      plan_id: optional(hex16),
      agent_url: optional(text),
      claimed_at: optional(text),
    }),
  )

/** Reads the answer to a request for a token. Null for what is none. */
export function readToken(body: string): Enrollment | null {
  const answer = TokenAnswer.safeParse(readJson(body)).data
  const token = answer?.id ?? answer?.token
  return answer && token ? { planId: answer.plan_id, token } : null
}

/** Reads the state of a token: the device that has come with it, or 'unclaimed'. Null for what is none. */
export function readDevice(body: string): EnrolledDevice | 'unclaimed' | null {
  const answer = DeviceAnswer.safeParse(readJson(body)).data
  if (!answer) return null
  const { impee_id: deviceId, plan_id: planId, agent_url: agentUrl, claimed_at: claimedAt } = answer
  return deviceId === null ? 'unclaimed' : { deviceId, planId, agentUrl, claimedAt }
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
