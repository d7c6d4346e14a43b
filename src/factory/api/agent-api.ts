import type { AgentConstants, Environment } from './constants.js'
import type { DateTable } from './date.js'
import type { Callback } from './device-api.js'
import type { Timer } from './program.js'

/** What an agent's firmware is given: the published calls, by their published names. Each throws FactoryError 'wrong-argument' for what it cannot use. */
export interface AgentApi extends AgentConstants {
  readonly imp: AgentImp
  readonly server: AgentServer
  readonly device: DeviceLink
  readonly http: Http
  /** Seconds since 1970, UTC. */
  time(): number
  /** Now, or another time in seconds since 1970, in UTC. */
  date(time?: number): DateTable
}

export interface AgentImp {
  /** What the server says of a factory, filled from the start: read it with `in`, as keys that do not apply are absent. */
  readonly configparams: AgentConfigParams
  /** Calls back after so many seconds. */
  wakeup(seconds: number, callback: Callback): Timer
  cancelwakeup(timer: Timer): void
  environment(): Environment
}

/** Both generations of keys; docs/factory.md tells which agent has which. */
export interface AgentConfigParams {
  readonly deviceid?: string
  readonly factory_imp_device_id?: string
  readonly factory_fixture_url?: string
  /** @deprecated by its publisher; absent, or true */
  readonly factoryfirmware?: true
  /** @deprecated by its publisher */
  readonly factory_imp?: string
  /** @deprecated by its publisher; absent, or true */
  readonly is_factory_fixture?: true
}

export interface AgentServer {
  log(message: unknown): void
  error(message: unknown): void
}

export interface DeviceLink {
  /** Calls back with what its device sends by that name; of which type that is, nothing checks. */
  on<T = unknown>(name: string, callback: (data: T) => unknown): void
  /** Sends what JSON can say. Resolves to 0, or to 1 if the device is not there; nothing waits for it. */
  send(name: string, data?: unknown): Promise<0 | 1>
  isconnected(): boolean
  onconnect(callback: Callback): void
  ondisconnect(callback: Callback): void
}

export interface Http {
  /** Calls back with what is sent to the agent's URL, until another function is given. */
  onrequest(callback: (request: HttpRequest, response: HttpResponder) => unknown): void
  get(url: string, headers?: HttpHeaders): HttpCall
  put(url: string, headers: HttpHeaders, body: string): HttpCall
  post(url: string, headers: HttpHeaders, body: string): HttpCall
  request(method: string, url: string, headers: HttpHeaders, body: string): HttpCall
  /** Throws FactoryError for what JSON cannot say. */
  jsonencode(data: unknown): string
  /** Throws SyntaxError for what is no JSON; of which type it is, nothing checks. */
  jsondecode<T = unknown>(text: string): T
  urlencode(table: Readonly<Record<string, string | number | boolean>>): string
  urldecode(text: string): Record<string, string>
  /** Of this agent. */
  agenturl(): string
}

export type HttpHeaders = Readonly<Record<string, string>>

export interface HttpRequest {
  /** Such as "POST". */
  readonly method: string
  /** Below the agent's URL: "" or beginning with "/". */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Their names are in lower case. */
  readonly headers: HttpHeaders
  readonly body: string
}

export interface HttpResponder {
  /** Before `send`. */
  header(name: string, value: string): void
  /** Once. */
  send(statuscode: number, body: string): void
}

/** A request that has not been sent yet. */
export interface HttpCall {
  /** Sends it, and calls back with the response. */
  sendasync(callback: (response: HttpResponse) => unknown): void
  /** Squirrel blocks: write `await request.sendsync()`. No callback is made meanwhile. */
  sendsync(): Promise<HttpResponse>
}

export interface HttpResponse {
  /** Below 100 where there was no response: 28 for none in time, else 7. */
  readonly statuscode: number
  readonly headers: HttpHeaders
  /** What went wrong, where there was no response. */
  readonly body: string
}
