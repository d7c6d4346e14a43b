import type { AgentApi } from './agent-api.js'
import type { DeviceApi } from './device-api.js'

/** A device's program: the default export of a module. It is called once, at its start; what an async one throws is an exception, too. */
export type DeviceFirmware = (api: DeviceApi) => unknown
/** An agent's program. */
export type AgentFirmware = (api: AgentApi) => unknown

/** What reached an agent's URL. */
export interface AgentRequest {
  readonly method: string
  /** Below the agent's URL, beginning with "/"; "" for the bare URL. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface AgentResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An agent that runs on our stand-in of the server. */
export interface RunningAgent {
  /** Resolves when the firmware sends its response; an agent without `http.onrequest`, or with an exception, has one of ours. */
  request(request: AgentRequest): Promise<AgentResponse>
  /** From its device. */
  deliver(name: string, data: unknown): void
  /** Its device comes or goes. */
  setDeviceConnected(isConnected: boolean): void
  stop(): void
}
