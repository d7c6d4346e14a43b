import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { machineTimebase, type Timebase } from '../../rig/timebase.js'
import { FactoryError } from '../errors.js'
import { LinkEvent, PING_INTERVAL_S } from '../link/messages.js'
import { urlOf } from '../server-url.js'
import { type AgentFirmwares, Agents } from './agents.js'
import { Connections } from './connections.js'
import { enrollmentRoutes } from './enrollment-routes.js'
import type { Answer, Exchange } from './exchange.js'
import { Faults } from './faults.js'
import { found } from './founding.js'
import {
  addToGroup,
  configparamsOf,
  isBlessed,
  newDevice,
  type Purpose,
  purposeOf,
  roleOf,
} from './groups.js'
import { serve } from './http.js'
import { linkRoutes } from './link-routes.js'
import { LogStream } from './log-stream.js'
import { type CloudEvent, Logs } from './logs.js'
import { CORS, type Place, PREFLIGHT, placeOf, refusal } from './places.js'
import type { Account, Change, DeviceGroup, Webhook } from './records.js'
import { Refused } from './refused.js'
import { routed } from './routes.js'
import type { Services } from './services.js'
import { Store } from './store.js'
import { v5Routes } from './v5-routes.js'
import { deliver } from './webhooks.js'
import type { World } from './world.js'

export interface CloudOptions {
  /** Keeps all that the server has promised; without one it is forgotten at the end. */
  readonly stateFile?: string | undefined
  /** Default: 127.0.0.1, this computer only. */
  readonly host?: string | undefined
  /** Default: any that is free. */
  readonly port?: number | undefined
  /** Default: the state file's, or a new one. */
  readonly enrollmentKey?: string | undefined
  readonly agents?: AgentFirmwares
  /** How long a token can be claimed. Default: 10 minutes; the real ones' lifetime is not public. */
  readonly tokenLifetimeS?: number | undefined
  /** For what goes by this server's own time: pings, agents' timers and time-outs, slow answers. */
  readonly timebase?: Timebase
  /** Milliseconds since 1970, by which tokens age. */
  readonly nowMs?: () => number
  onEvent?(event: CloudEvent): void
}

const TOKEN_LIFETIME_S = 600
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 20_000
/** Tokens that nobody has claimed are told from unknown ones for so long. */
const EXPIRED_KEPT_MS = 24 * 3600 * 1000

/**
 * Our stand-in of Electric Imp's server: enrollment, blessing, device groups, webhooks, agents, and the slice of impCentral's API that
 * a factory uses. Devices reach it by a link of ours (link/messages.ts), as an imp's own is not public: no real imp can connect.
 */
export class Cloud {
  /** What goes wrong on purpose. */
  readonly faults = new Faults()
  readonly #store: Store
  readonly #timebase: Timebase
  readonly #services: Services
  readonly #logStream = new LogStream()
  readonly #ending = new AbortController()
  readonly #handlers: Readonly<Record<Place, (exchange: Exchange) => Promise<Answer>>>
  #server: Server | undefined
  #url = ''

  private constructor(store: Store, options: CloudOptions) {
    const { timebase = machineTimebase, nowMs = Date.now, onEvent } = options
    const { world } = store
    const logs = new Logs()
    const tell: Services['tell'] = (kind, deviceId, text) =>
      logs.add({ atMs: nowMs(), deviceId, kind, text })
    const connections = new Connections((deviceId, isOnline) => {
      tell(isOnline ? 'online' : 'offline', deviceId, isOnline ? 'online' : 'offline')
      agents.setDeviceConnected(deviceId, isOnline)
    })
    const agentUrl = (agentId: string): string => `${this.#url}/agent/${agentId}`
    const agents = new Agents({
      firmwares: options.agents ?? {},
      timebase,
      deviceOfAgent: (agentId) => world.deviceOfAgent(agentId),
      roleOf: (device) => roleOf(world, device),
      configparamsOf: (device) =>
        configparamsOf(world, device, roleOf(world, device), agentUrl).agent,
      urlOf: agentUrl,
      isOnline: (deviceId) => connections.isOnline(deviceId),
      sendToDevice: (deviceId, name, data) =>
        connections.send(deviceId, LinkEvent.parse({ event: 'message', name, data })),
      say: (deviceId, { kind, text }) =>
        tell(kind === 'hint' ? 'hint' : `agent-${kind}`, deviceId, text),
    })
    this.#store = store
    this.#timebase = timebase
    this.#services = {
      world,
      logs,
      connections,
      agents,
      faults: this.faults,
      tokenLifetimeMs: 1000 * (options.tokenLifetimeS ?? TOKEN_LIFETIME_S),
      nowMs,
      commit: (changes) => store.commit(changes),
      agentUrl,
      tell,
      fire: (event, groupId, fields) => void this.#fire(event, groupId, fields),
      restartDevice: ({ id }) => void connections.send(id, { event: 'restart' }),
    }
    logs.listen((event) => this.#logStream.pass(event))
    if (onEvent) logs.listen(onEvent)
    this.#handlers = {
      link: routed(linkRoutes(this.#services)),
      enrollment: routed(enrollmentRoutes(this.#services)),
      agent: (exchange) => this.#askAgent(exchange),
      v5: routed(v5Routes(this.#services, this.#logStream)),
    }
  }

  /**
   * Serves the world of a state file, or a new one.
   *
   * @throws FactoryError 'locked', 'damaged'; errors of the system, such as EADDRINUSE
   */
  static async open(options: CloudOptions = {}): Promise<Cloud> {
    const { stateFile, enrollmentKey, nowMs = Date.now } = options
    const store = await Store.open(stateFile, (change) => isKept(change, nowMs()))
    try {
      const { world } = store
      if (!world.isFounded) store.commit(found({ enrollmentKey }))
      else if (enrollmentKey !== undefined && enrollmentKey !== world.account.enrollmentKey) {
        store.commit([{ put: 'account', record: { ...world.account, enrollmentKey } }])
      }
      const cloud = new Cloud(store, options)
      await store.settled()
      await cloud.#listen(options.host ?? '127.0.0.1', options.port ?? 0)
      if (store.tornBytes > 0) {
        const text = `the state's last line was never finished, and is cut: ${store.tornBytes} bytes`
        cloud.#services.tell('hint', null, text)
      }
      return cloud
    } catch (error) {
      await store.close()
      throw error
    }
  }

  /** The base URL of all that it serves, without a slash at its end. */
  get url(): string {
    return this.#url
  }

  /** Its keys and logins, all of them secrets. */
  get account(): Account {
    return this.#services.world.account
  }

  /** What it knows for good, to be looked at only. */
  get world(): World {
    return this.#services.world
  }

  /** The first group for a purpose; a new world has one of 'factoryfixture', 'dut' and 'production'. */
  group(purpose: Purpose): DeviceGroup | undefined {
    return Array.from(this.world.groups.values()).find(({ type }) => purposeOf(type) === purpose)
  }

  /**
   * Makes a device, by its ID, a factory fixture. Resolves when that is sure. Does nothing for one that is a fixture already.
   *
   * @throws FactoryError 'refused' for one that is blessed
   */
  async assignFixture(deviceId: string): Promise<void> {
    const { world, tell, restartDevice } = this.#services
    const group = this.group('factoryfixture')
    const device = world.devices.get(deviceId) ?? newDevice(world.account.secret, deviceId)
    if (!group || roleOf(world, device) === 'fixture') return
    if (isBlessed(world, device)) {
      throw new FactoryError('refused', `${deviceId} is blessed, and can be no fixture: unbless it`)
    }
    this.#store.commit(addToGroup(world, group.id, [device]))
    tell('group', deviceId, `now in ${group.name}`)
    restartDevice(device)
    await this.#store.settled()
  }

  /** Has the webhook of a production group, the first one by default, post to one URL and no other for an event. */
  async setWebhook(event: Webhook['event'], url: string): Promise<void> {
    const group = this.group('production')
    if (!group) return
    const older = Array.from(this.world.webhooks.values()).filter(
      (webhook) => webhook.groupId === group.id && webhook.event === event,
    )
    if (older.length === 1 && older[0]?.url === url) return
    const contentType = 'application/json' as const
    this.#store.commit([
      ...older.map(({ id }): Change => ({ drop: 'webhook', id })),
      { put: 'webhook', record: { id: randomUUID(), groupId: group.id, event, url, contentType } },
    ])
    await this.#store.settled()
  }

  /** Ends all connections at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending.signal.aborted) return
    this.#ending.abort()
    this.#services.agents.stop()
    const closed = new Promise((resolve) => this.#server?.close(resolve))
    this.#server?.closeAllConnections()
    await closed
    await this.#store.close()
  }

  async #listen(host: string, port: number): Promise<void> {
    this.#server = await serve({
      host,
      port,
      headersTimeoutMs: HEADERS_TIMEOUT_MS,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      handle: (exchange) => this.#handle(exchange),
      refusal,
      onFailure: (error) => this.#services.tell('failure', null, (error as Error).message),
    })
    this.#url = urlOf(this.#server)
    void this.#ping()
  }

  async #handle(exchange: Exchange): Promise<Answer> {
    const place = placeOf(exchange.path)
    const answer = await this.#answer(place, exchange).catch((error) => {
      if (error instanceof Refused) return refusal(error, exchange.path)
      throw error
    })
    await this.#store.settled()
    const { slowMs } = this.faults
    if (slowMs > 0) await this.#timebase.sleep(slowMs, this.#ending.signal).catch(() => {})
    if (place !== 'enrollment' || !('status' in answer)) return answer
    return { ...answer, headers: { ...CORS, ...answer.headers } }
  }

  async #answer(place: Place, exchange: Exchange): Promise<Answer> {
    const { method, headers } = exchange
    if (place === 'enrollment' && method === 'OPTIONS') return PREFLIGHT
    if (place === 'link' && headers.origin !== undefined) {
      throw new Refused(403, 'forbidden', 'the link is for devices, not for pages in a browser')
    }
    const status = this.faults.takeFailure(place)
    if (status !== undefined) {
      const retry = status === 429 && { 'retry-after': '1' }
      throw new Refused(status, 'failing', 'a fault of this server is switched on', { ...retry })
    }
    return this.#handlers[place](exchange)
  }

  async #askAgent({ method, path, query, headers, body }: Exchange): Promise<Answer> {
    const [, agentId = '', below = ''] = /^\/agent\/([^/]*)(\/.*)?$/s.exec(path) ?? []
    const response = await this.#services.agents.request(agentId, {
      method,
      path: below,
      query: Object.fromEntries(query),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value = '']) => [name, String(value)]),
      ),
      body: body.toString('utf8'),
    })
    const { statusCode: status, body: text } = response
    const own = Object.entries(response.headers).filter(([name]) => !OURS.has(name.toLowerCase()))
    return { status, headers: Object.fromEntries(own), body: text }
  }

  async #fire(
    event: Webhook['event'],
    groupId: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<void> {
    const isSure = await this.#store.settled().then(
      () => true,
      () => false, // who has asked is told
    )
    if (!isSure) return
    const webhooks = Array.from(this.world.webhooks.values()).filter(
      (webhook) => webhook.event === event && webhook.groupId === groupId,
    )
    for (const webhook of webhooks) {
      const { text } = await deliver(webhook, fields, this.faults.isWebhookReceiverDown)
      this.#services.tell('webhook', fields['device_id'] ?? null, text)
    }
  }

  async #ping(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      await this.#timebase.sleep(1000 * PING_INTERVAL_S, signal).catch(() => {})
      this.#services.connections.ping()
      this.#logStream.ping()
    }
  }
}

/** Headers that an agent cannot set, as they are of the connection. */
const OURS: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding'])

const isKept = (change: Change, nowMs: number): boolean =>
  !('put' in change) ||
  change.put !== 'token' ||
  change.record.claimedBy !== null ||
  nowMs < change.record.expiresAtMs + EXPIRED_KEPT_MS
