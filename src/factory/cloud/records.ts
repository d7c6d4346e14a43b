import { z } from 'zod'

/** What the stand-in of the server keeps: records of these kinds, by their ids. Times are milliseconds since 1970. */

const id = z.string().min(1).max(100)
const hex16 = z.string().regex(/^[\da-f]{16}$/)
const timeMs = z.number()

/** There is one, made at the first start. All but its id and login are secrets. */
const Account = z.strictObject({
  id,
  login: z.string(),
  password: z.string(),
  /** With it a program logs in. */
  loginKey: z.string(),
  /** With it an app asks for enrollment tokens. */
  enrollmentKey: z.string(),
  /** With it devices leave a production group. */
  unblessingKey: z.string(),
  /** Signs access tokens, and makes the ids of agents. */
  secret: z.string(),
})

const Product = z.strictObject({ id, name: z.string(), description: z.string() })

export const GROUP_TYPES = [
  'development_devicegroup',
  'pre_factoryfixture_devicegroup',
  'factoryfixture_devicegroup',
  'pre_dut_devicegroup',
  'dut_devicegroup',
  'pre_production_devicegroup',
  'production_devicegroup',
] as const

const DeviceGroup = z.strictObject({
  id,
  type: z.enum(GROUP_TYPES),
  name: z.string(),
  description: z.string(),
  region: z.string().nullable(),
  productId: id,
  /** Of a fixture's group: where blessed devices go. */
  productionTargetId: id.nullable(),
  /** Of a fixture's group: where devices go that it has lit. */
  dutTargetId: id.nullable(),
  /** Of a production group. */
  loadCodeAfterBlessing: z.boolean(),
  envVars: z.record(z.string(), z.json()),
})

const Device = z.strictObject({
  /** The device ID. */
  id: hex16,
  macAddress: z.string().regex(/^[\da-f]{12}$/),
  impType: z.string(),
  swVersion: z.string(),
  name: z.string().nullable(),
  groupId: id.nullable(),
  /** The fixture that has lit it, and that one's group at the time. */
  fixtureId: hex16.nullable(),
  fixtureGroupId: id.nullable(),
  planId: hex16.nullable(),
  agentId: id,
  enrolledAtMs: timeMs.nullable(),
  /** Blessed, with its code to come at the end user's BlinkUp only. */
  awaitsBlinkUp: z.boolean(),
})

const EnrollmentToken = z.strictObject({
  /** The token itself. */
  id: hex16,
  kind: z.enum(['factory', 'production', 'developer']),
  planId: hex16,
  expiresAtMs: timeMs,
  /** Of a factory token: who asked for it. */
  fixtureId: hex16.nullable(),
  fixtureGroupId: id.nullable(),
  claimedBy: hex16.nullable(),
  claimedAtMs: timeMs.nullable(),
})

const Webhook = z.strictObject({
  id,
  groupId: id,
  event: z.enum(['blessing', 'blinkup', 'deployment']),
  url: z.string(),
  contentType: z.enum(['application/json', 'application/x-www-form-urlencoded']),
})

export type Account = z.infer<typeof Account>
export type Product = z.infer<typeof Product>
export type GroupType = (typeof GROUP_TYPES)[number]
export type DeviceGroup = z.infer<typeof DeviceGroup>
export type Device = z.infer<typeof Device>
export type EnrollmentToken = z.infer<typeof EnrollmentToken>
export type Webhook = z.infer<typeof Webhook>

const put = <K extends string, S extends z.ZodType>(kind: K, record: S) =>
  z.strictObject({ put: z.literal(kind), record })

/** A record as it is from now on, or one that is no more. */
export const Change = z.union([
  z.discriminatedUnion('put', [
    put('account', Account),
    put('product', Product),
    put('group', DeviceGroup),
    put('device', Device),
    put('token', EnrollmentToken),
    put('webhook', Webhook),
  ]),
  z.strictObject({ drop: z.enum(['product', 'group', 'device', 'token', 'webhook']), id }),
])
export type Change = z.infer<typeof Change>
/** What happens at once, or not at all. */
export const Changes = z.array(Change)
