import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type IClientOptions, type MqttClient, ReasonCodes } from 'mqtt'
import type { StationMessage } from '../../report/station-messages.js'
import { PlantError, type PlantErrorCode } from '../plant/errors.js'
import type { News } from '../records/outbox.js'
import type { Records } from '../records/records.js'
import type { Station } from './station.js'

/** Where a station tells what it does. */
export interface BrokerConfig {
  /** `mqtt://host` or `mqtts://host`, with or without a port. */
  readonly url: string
  readonly user: string | null
  readonly password: string | null
  /** Certificates of who has signed the broker's, in PEM; null for those that Node.js trusts. */
  readonly ca: string | null
}

export interface PublisherOptions extends BrokerConfig {
  readonly station: Pick<Station, 'snapshot' | 'onChange'>
  readonly records: Records
  /** Is told what keeps it from its work, once until it goes on. The station does in any case. */
  readonly onFault: (error: unknown) => void
  /** After which time it connects again, in ms; default 1000. */
  readonly reconnectMs?: number
}

/** A late report changes nothing that the station shows, and is found so. */
const LOOK_MS = 1000
/** After the broker's no: it may be asked again. */
const RETRY_MS = 5000
/** How much is read at once: it takes a Raspberry Pi a few ms. */
const AT_ONCE = 20
/** How long a broker has to take the last messages. */
const GOODBYE_MS = 2000
/** Three halves of it without a sign, and the broker tells that the station is away. */
const KEEPALIVE_S = 15

/**
 * Tells an MQTT broker (version 5) what a station does: news of its records, each until the broker has taken it (QoS 1) and only then the
 * next, so that their order holds, and its state, of which the newest is kept by the broker. While the broker is away, news waits in the records. The broker tells by the
 * station's last will that it is away. Disposing takes 2 s at most.
 */
export class Publisher implements AsyncDisposable {
  readonly #client: MqttClient
  readonly #publishing: Promise<void>
  readonly #stopListening: () => void
  readonly #ending = new AbortController()
  /** The broker does not take the last messages. */
  readonly #abandoned = new AbortController()
  #isStateNew = false
  #isFaultTold = false
  #wake: () => void = () => {}

  constructor(private readonly options: PublisherOptions) {
    const { url, user, password, ca, station, reconnectMs = 1000 } = options
    const { snapshot } = station
    const settings: IClientOptions = {
      protocolVersion: 5,
      clientId: `blinkup-${snapshot.station}`,
      clean: true,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: reconnectMs,
      reconnectOnConnackError: true,
      will: {
        topic: this.#topic('state'),
        payload: Buffer.from(JSON.stringify(this.#state(false, null))),
        qos: 1,
        retain: true,
      },
      log: () => {}, // else a variable of the environment prints its packets, with the password
      ...(user !== null && { username: user }),
      ...(password !== null && { password }),
      ...(ca !== null && { ca }),
    }
    this.#client = connect(url, settings)
    this.#client.on('connect', () => this.#tellState())
    this.#client.on('error', (error) => this.#tellFault(this.#faultOf(error)))
    this.#client.on('disconnect', ({ reasonCode }) => {
      const reason = ReasonCodes[reasonCode as keyof typeof ReasonCodes]
      this.#tellFault(this.#fault('broken-off', `has ended the connection (${reason})`))
    })
    this.#client.on('close', () => {
      this.#tellFault(this.#fault('broken-off', 'has ended the connection, or says nothing'))
    })
    this.#stopListening = station.onChange(() => this.#tellState())
    this.#publishing = this.#publishOn()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopListening()
    this.#ending.abort()
    const patienceMs = this.#client.connected ? GOODBYE_MS : 0
    const timer = setTimeout(() => this.#abandoned.abort(), patienceMs)
    this.#wake()
    await this.#publishing
    clearTimeout(timer)
    await this.#client.endAsync(this.#abandoned.signal.aborted || !this.#client.connected)
  }

  get #isEnding(): boolean {
    return this.#ending.signal.aborted
  }

  #tellState(): void {
    this.#isStateNew = true
    this.#wake()
  }

  async #publishOn(): Promise<void> {
    for (;;) {
      try {
        if (this.#isStateNew && !this.#isEnding) {
          this.#isStateNew = false
          await this.#publish('state', this.#state(true, Date.now()))
        } else if (!(await this.#publishNews())) {
          if (this.#isEnding) return await this.#publish('state', this.#state(false, Date.now()))
          await this.#untilWoken()
        }
      } catch (error) {
        if (this.#isEnding) return
        this.#tellFault(error)
        await sleep(RETRY_MS, undefined, { signal: this.#ending.signal }).catch(() => {})
      }
    }
  }

  /** Whether there was any. */
  async #publishNews(): Promise<boolean> {
    const { records } = this.options
    let { published } = records
    const news = records.news(published, AT_ONCE)
    try {
      for (const one of news) {
        await this.#publish(one.cycle ? 'cycle' : 'result', this.#message(one))
        published = one.sequence
      }
    } finally {
      if (published > records.published) records.published = published
    }
    return news.length > 0
  }

  async #untilWoken(): Promise<void> {
    if (this.#isStateNew || this.#isEnding) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Until the broker has taken it, however often the connection is lost. */
  #publish(topic: 'cycle' | 'result' | 'state', message: StationMessage): Promise<void> {
    const { signal } = this.#abandoned
    return new Promise<void>((resolve, reject) => {
      const abandon = (): void => reject(signal.reason)
      signal.addEventListener('abort', abandon)
      this.#client.publish(
        this.#topic(topic),
        JSON.stringify(message),
        { qos: 1, retain: topic === 'state' },
        (error) => {
          signal.removeEventListener('abort', abandon)
          if (error) return reject(this.#faultOf(error))
          this.#isFaultTold = false
          resolve()
        },
      )
    })
  }

  #topic(name: string): string {
    return `blinkup/${this.options.station.snapshot.station}/${name}`
  }

  #message({ sequence, cycle, result }: News): StationMessage {
    const { recordsId, station } = this.options.records
    const which = { station, recordsId, sequence }
    return cycle
      ? { schema: 'blinkup.station-cycle/1', ...which, cycle }
      : { schema: 'blinkup.station-result/1', ...which, result }
  }

  #state(isOnline: boolean, atMs: number | null): StationMessage {
    const { station, rigs } = this.options.station.snapshot
    return {
      schema: 'blinkup.station-state/1',
      station,
      isOnline,
      atMs,
      rigs: (isOnline ? rigs : []).map(({ rig, activity, sinceMs, instruction, counts }) => ({
        rig,
        state: activity.state,
        sinceMs,
        cycleId: 'cycleId' in activity ? activity.cycleId : null,
        instruction,
        counts,
      })),
    }
  }

  #tellFault(error: unknown): void {
    if (this.#isFaultTold || this.#isEnding) return
    this.#isFaultTold = true
    this.options.onFault(error)
  }

  #faultOf(cause: Error & { code?: unknown }): PlantError {
    // Reasons of MQTT 5 are numbers, those of the system are words.
    return typeof cause.code === 'number'
      ? this.#fault('refused', `says no (${cause.message}); look at user and password`, cause)
      : this.#fault('unreachable', `cannot be reached (${cause.message})`, cause)
  }

  #fault(code: PlantErrorCode, what: string, cause?: Error): PlantError {
    const sentence = `the broker ${this.options.url} ${what}: what it is to be told waits in the records`
    return new PlantError(code, sentence, { cause })
  }
}
