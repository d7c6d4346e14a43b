import { z } from 'zod'

/**
 * How our stand-in of an imp talks with our stand-in of the server. An imp's own protocol is not public: this one is ours, HTTP
 * and JSON, and no real imp or server speaks it. The paths are below the server's base URL; all but `connect` have the session in
 * `Authorization: Bearer`.
 *
 *     POST   /link/connect        ConnectRequest → ConnectAnswer     401 not enrolled, token unknown, expired, claimed
 *     GET    /link/events         → one LinkEvent a line, for as long as the device is online
 *     POST   /link/log            LogEntry → {}
 *     POST   /link/message        AgentMessage → {}                  for its agent
 *     POST   /link/bless          BlessRequest → BlessAnswer         the same again is the same blessing
 *     POST   /link/factory-token  {} → FactoryToken                  403 this device is no fixture
 *     DELETE /link/session        → {}                               the device goes offline
 *
 * A refusal is a LinkRefusal. 401 to anything but `connect` means that the session is over, as after a restart of the server:
 * connect again.
 */
export const PING_INTERVAL_S = 5

const hex = (digits: number) => z.string().regex(new RegExp(`^[\\da-f]{${digits}}$`))

/** What a device group's firmware is for. */
export const ROLES = ['fixture', 'dut', 'application'] as const
export type Role = (typeof ROLES)[number]

export const ConnectRequest = z.strictObject({
  deviceId: hex(16),
  macAddress: hex(12),
  impType: z.string().max(20),
  swVersion: z.string().max(100),
  /** What it has stored, null for none. The stand-in's factory tokens come with a plan ID, unlike the real ones. */
  enrollment: z.strictObject({ planId: hex(16), token: hex(16) }).nullable(),
})
export type ConnectRequest = z.infer<typeof ConnectRequest>

/** The table that `imp.configparams` is on the device, as the server fills it. */
export const ConfigParams = z.record(z.string(), z.union([z.string(), z.boolean()]))
export type ConfigParams = z.infer<typeof ConfigParams>

export const ConnectAnswer = z.strictObject({
  session: z.string(),
  /** 'none' for a device without a group, or whose group's code comes with the end user's BlinkUp. */
  role: z.enum([...ROLES, 'none']),
  deviceGroupId: z.string(),
  agentUrl: z.string(),
  configparams: ConfigParams,
})
export type ConnectAnswer = z.infer<typeof ConnectAnswer>

const data = z.json()
/** What agent and device send each other: a name and anything that JSON can say. */
export const AgentMessage = z.strictObject({ name: z.string().max(200), data })
export type AgentMessage = z.infer<typeof AgentMessage>

export const LinkEvent = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('message'), name: z.string(), data }),
  /** Somebody at the server wants it to restart: impCentral's restart, or a change of its device group. */
  z.strictObject({ event: z.literal('restart') }),
  /** Nothing: the line is alive. */
  z.strictObject({ event: z.literal('ping') }),
])
export type LinkEvent = z.infer<typeof LinkEvent>

export const LogEntry = z.strictObject({ kind: z.enum(['log', 'error']), text: z.string() })
export type LogEntry = z.infer<typeof LogEntry>

export const BlessRequest = z.strictObject({ success: z.boolean() })
export const BlessAnswer = z.strictObject({
  blessed: z.boolean(),
  /** `load_code_after_blessing` of the production group. */
  loadCodeAfterBlessing: z.boolean(),
})
export type BlessAnswer = z.infer<typeof BlessAnswer>

export const FactoryToken = z.strictObject({ planId: hex(16), token: hex(16) })
export type FactoryToken = z.infer<typeof FactoryToken>

export const REFUSALS = [
  'not-enrolled', // the device shows no token, and none of its group's people has assigned it
  'token-unknown',
  'token-expired',
  'token-claimed', // another device has it
  'session-over',
  'not-a-fixture',
  'not-a-dut',
  'bad-request',
  'too-large',
  'failing', // a knob of the stand-in says so
] as const
export type Refusal = (typeof REFUSALS)[number]
export const LinkRefusal = z.strictObject({
  error: z.strictObject({ code: z.enum(REFUSALS), message: z.string() }),
})
