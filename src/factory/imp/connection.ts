import type { Timebase } from '../../rig/timebase.js'
import type { DeviceIdentity, StoredSettings } from '../api/host.js'
import type { ConfigParams, ConnectAnswer } from '../link/messages.js'
import type { ImpEvent } from './events.js'
import type { LinkClient } from './link-client.js'
import { DEFAULT_STAGE_S, join, type NetworkOptions, type Stage } from './network.js'
import { ServerLink } from './server-link.js'

/** How long a device tries to join its network; published as 60 s, after which its LED is dark. */
const TRIES_MS = 60_000
/** Between two attempts; ours. */
const PAUSE_MS = 2000

export interface ConnectionOptions {
  readonly identity: DeviceIdentity
  readonly timebase: Timebase
  readonly network: NetworkOptions
  /** Null where there is no server. */
  readonly client: LinkClient | null
  /** Whether impOS has still to be updated, in seconds; 0 for no. */
  updateS(): number
  settings(): StoredSettings
  tell(event: ImpEvent): void
  /** The way to the server has another stage. */
  onStage(): void
  /** impOS is updated: the device has to restart. */
  onUpdated(): void
  onConnected(answer: ConnectAnswer): void
  onMessage(name: string, data: unknown): void
  onRestart(): void
  /** Something of this program's own is broken. */
  fail(error: unknown): void
}

/**
 * A device's way to the server: joins its network, and stays connected. It keeps to the settings that it began with: what is cleared
 * meanwhile counts from the next beginning on.
 */
export class Connection {
  readonly link: ServerLink | null
  #stage: Stage | 'connected' | null = null
  #isUpdating = false
  #configparams: ConfigParams = {}
  #trying: { readonly end: AbortController; readonly ended: Promise<void> } | null = null

  constructor(private readonly options: ConnectionOptions) {
    const { client, timebase, tell, onMessage, onRestart } = options
    this.link =
      client &&
      new ServerLink({
        client,
        timebase,
        onMessage,
        onRestart,
        onConnected: (answer) => this.#connected(answer),
        onLost: (reason) => {
          tell({ event: 'disconnected', reason })
          if (this.#stage === 'connected') this.#setStage('reaching-server')
        },
        onStuck: (reason) => tell({ event: 'stuck', stage: 'reaching-server', reason }),
        onRefused: (text) => tell({ event: 'said', kind: 'error', text }),
      })
  }

  get stage(): Stage | 'connected' | null {
    return this.#stage
  }

  get isUpdating(): boolean {
    return this.#isUpdating
  }

  get isConnected(): boolean {
    return this.link?.isConnected ?? false
  }

  /** Whether it is connected, or tries to be. */
  get isTrying(): boolean {
    return this.#trying !== null
  }

  /** What the server has filled in at the last connecting. */
  get configparams(): ConfigParams {
    return this.#configparams
  }

  /** What it says belongs to a program that has ended. */
  forgetConfigparams(): void {
    this.#configparams = {}
  }

  /** Begins to try, if it does not already; after the end of what is given up. */
  start(): void {
    const before = this.#trying
    if (before && !before.end.signal.aborted) return
    const end = new AbortController()
    const run = before
      ? before.ended.then(() => (end.signal.aborted ? undefined : this.#run(end.signal)))
      : this.#run(end.signal)
    const ended = run.finally(() => {
      this.#isUpdating = false
      if (this.#trying?.end !== end) return // another one follows
      this.#trying = null
      this.#setStage(null)
      this.options.onStage()
    })
    this.#trying = { end, ended }
  }

  /** Gives up, with a word to the server if there is time for it. */
  async stop({ isPolite }: { readonly isPolite: boolean }): Promise<void> {
    const trying = this.#trying
    this.#setStage(null)
    const isClosed = isPolite ? this.link?.close() : undefined
    trying?.end.abort(new Error('the connection is given up'))
    await Promise.all([isClosed, trying?.ended])
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { timebase, tell, identity } = this.options
    try {
      const settings = this.options.settings()
      if (!(await this.#join(settings, signal))) return
      const updateS = this.options.updateS()
      if (updateS > 0) {
        this.#isUpdating = true
        tell({ event: 'updating', seconds: updateS })
        this.options.onStage()
        await timebase.sleep(1000 * updateS, signal)
        this.options.onUpdated()
        return
      }
      this.#setStage('reaching-server')
      if (!this.link) {
        tell({ event: 'stuck', stage: 'reaching-server', reason: 'there is no server' })
        return
      }
      const { deviceId, macAddress, impType, impOs } = identity
      const { planId, token } = settings
      const request = {
        deviceId,
        macAddress,
        impType,
        swVersion: `stand-in of an imp - release-${impOs}.0`,
        enrollment: planId !== undefined && token !== undefined ? { planId, token } : null,
      }
      await this.link.run(request, signal)
    } catch (error) {
      if (!signal.aborted) this.options.fail(error)
    }
  }

  /** Resolves to whether it has joined. */
  async #join(settings: StoredSettings, signal: AbortSignal): Promise<boolean> {
    const { timebase, network, tell } = this.options
    const untilMs = timebase.nowMs() + TRIES_MS
    let told = ''
    for (;;) {
      const { stages, failure } = join(settings, network)
      for (const stage of stages) {
        this.#setStage(stage)
        await timebase.sleep(1000 * (network.stageS ?? DEFAULT_STAGE_S), signal)
      }
      if (failure === null) return true
      if (failure !== told) tell({ event: 'stuck', stage: stages.at(-1) as Stage, reason: failure })
      told = failure
      if (timebase.nowMs() + PAUSE_MS >= untilMs) return false
      await timebase.sleep(PAUSE_MS, signal)
    }
  }

  #connected(answer: ConnectAnswer): void {
    this.#configparams = answer.configparams
    this.#setStage('connected')
    const { role, deviceGroupId, agentUrl } = answer
    this.options.tell({ event: 'connected', role, deviceGroupId, agentUrl })
    this.options.onConnected(answer)
  }

  #setStage(stage: Stage | 'connected' | null): void {
    if (stage === this.#stage) return
    this.#stage = stage
    if (stage !== null && stage !== 'connected') this.options.tell({ event: 'stage', stage })
    this.options.onStage()
  }
}
