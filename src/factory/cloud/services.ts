import type { Agents } from './agents.js'
import type { Connections } from './connections.js'
import type { Faults } from './faults.js'
import type { CloudEvent, Logs } from './logs.js'
import type { Change, Device, Webhook } from './records.js'
import type { World } from './world.js'

/** What the routes of the server work with. */
export interface Services {
  readonly world: World
  readonly logs: Logs
  readonly connections: Connections
  readonly agents: Agents
  readonly faults: Faults
  /** How long a token can be claimed. How long the real ones can is not public. */
  readonly tokenLifetimeMs: number
  nowMs(): number
  /** Makes changes: no answer is sent before they are on the disk. */
  commit(changes: readonly Change[]): void
  agentUrl(agentId: string): string
  tell(kind: CloudEvent['kind'], deviceId: string | null, text: string): void
  /** Tells those who want to know of the event in this group. */
  fire(event: Webhook['event'], groupId: string, fields: Readonly<Record<string, string>>): void
  /** Tells a device that is online to restart, as its group has changed or somebody wants it. */
  restartDevice(device: Device): void
}
