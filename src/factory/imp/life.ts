import { EventEmitter, once, setMaxListeners } from 'node:events'
import type { DecodedConfig } from '../../packet/index.js'
import { failureOf } from '../../receiver/index.js'
import type { Decoded } from '../../recording/index.js'
import type { Timebase } from '../../rig/timebase.js'
import type {
  DeviceHost,
  DeviceIdentity,
  FactoryLight,
  ServerHost,
  StoredSettings,
  WakeReason,
} from '../api/host.js'
import { FactoryError } from '../errors.js'
import type { AgentMessage, BlessAnswer, ConnectAnswer, Role } from '../link/messages.js'
import { Connection } from './connection.js'
import type { ImpEvent } from './events.js'
import type { LinkClient } from './link-client.js'
import { Listener } from './listener.js'
import { hasCredentials, type NetworkOptions } from './network.js'
import type { Pins } from './pins.js'
import { type LedState, ledStateOf, RECEIVED_MS, RECEPTION_ERROR_MS } from './status-led.js'
import { type Stored, withLight, without } from './stored-settings.js'
import type { LightSource } from './watch-light.js'
import { BlinkUpWindows } from './windows.js'

/** Squirrel starts on connection, or so long after a cold start. */
const SQUIRREL_STARTS_MS = 10_000
/** How long the program of a warm start has run before the first attempt to connect; ours. */
const WARM_START_MS = 100
/** Between the end of a program and its next start; ours. */
const RESTART_MS = 500
/** The hand-over begins so long after the callback of a good blessing. */
const HAND_OVER_MS = 2000

/** Runs a firmware on a device. */
export type Program = (host: DeviceHost) => { stop(): void }

/** How a device starts. */
export interface Start {
  readonly isCold: boolean
  readonly wakeReason: WakeReason
}

/** What is of a device beyond one start of it. */
export interface Body {
  readonly identity: DeviceIdentity
  readonly timebase: Timebase
  readonly network: NetworkOptions
  readonly client: LinkClient | null
  readonly light: LightSource | null
  readonly programs: Readonly<Partial<Record<Role, Program>>>
  readonly pins: Pins
  readonly factoryLight: FactoryLight | null
  /** The result of the last blessing since the power came. */
  blessing: boolean | null
  isUpdated: boolean
  readonly stored: Stored
  /** Has written it when it returns; a failure takes the power away. */
  store(stored: Stored): void
  tell(event: ImpEvent): void
  showLed(state: LedState): void
  /** Ends the device. */
  fail(error: unknown): void
}

/** One run of a program. */
interface Run {
  readonly role: Role
  /** Whether it knows already that the device is connected. */
  isVisible: boolean
  onMessage: (name: string, data: unknown) => void
  program: { stop(): void } | null
}

/** A device from one start to the next, to its sleep, or to the loss of its power. */
export class Life {
  readonly #windows: BlinkUpWindows
  readonly #listener: Listener
  readonly #connection: Connection
  readonly #end = new AbortController()
  readonly #changes = new EventEmitter()
  #next: (Start & { readonly afterS: number }) | null = null
  #run: Run | null = null
  /** From the question on, and after a good answer for good: the server's view of the device's role is not its program's. */
  #isBlessing = false
  /** What its program is for, as the server has told last. */
  #roleAtServer: ConnectAnswer['role'] | null = null
  #isReceiving = false
  #hasCrashed = false
  #flash: 'received' | 'reception-error' | null = null
  #flashes = 0

  constructor(
    private readonly body: Body,
    private readonly how: Start,
  ) {
    setMaxListeners(0, this.#end.signal)
    this.#changes.setMaxListeners(0)
    const { identity, timebase, network, client, light } = body
    this.#windows = new BlinkUpWindows(identity.impOs, how.isCold, timebase.nowMs())
    this.#listener = new Listener({
      windows: this.#windows,
      timebase,
      light,
      keepsOpen: () => !this.#hasCredentials && !this.#connection.isConnected,
      onWindow: (isOpen) => {
        this.#tell({ event: 'blinkup', isOpen })
        if (!isOpen && this.#isReceiving) {
          this.#hint('BlinkUp went off while a message was coming in, which is lost')
          this.#isReceiving = false
        }
        this.#refresh()
      },
      onReceiving: (isReceiving) => {
        this.#isReceiving = isReceiving
        this.#refresh()
      },
      onReception: (reception) => this.#received(reception),
    })
    this.#connection = new Connection({
      identity,
      timebase,
      network,
      client,
      updateS: () => (body.isUpdated ? 0 : (network.updateS ?? 0)),
      settings: () => body.stored.settings,
      tell: (event) => this.#tell(event),
      onStage: () => this.#refresh(),
      onUpdated: () => {
        body.isUpdated = true
        this.#restart('impOS was updated')
      },
      onConnected: (answer) => this.#connected(answer),
      onMessage: (name, data) => this.#run?.onMessage(name, data),
      onRestart: () => this.#restart('the server wants it to'),
      fail: (error) => body.fail(error),
    })
  }

  /**
   * Lives until the signal aborts, which is the loss of power, or until it ends by itself.
   *
   * @returns how it starts next, and after how long; null without power
   */
  async run(power: AbortSignal): Promise<(Start & { readonly afterS: number }) | null> {
    const losePower = (): void => this.#end.abort()
    power.addEventListener('abort', losePower)
    this.#tell({ event: 'started', isCold: this.how.isCold })
    const listening = this.#listener.run(this.#end.signal).catch((error) => this.body.fail(error))
    if (this.how.isCold) {
      this.#connect()
      this.#after(SQUIRREL_STARTS_MS, () => this.#startStored())
    } else {
      this.#startStored()
      this.#after(WARM_START_MS, () => this.#connect())
    }
    if (power.aborted) losePower()
    else if (!this.#end.signal.aborted) await once(this.#end.signal, 'abort')
    power.removeEventListener('abort', losePower)
    this.#stopProgram()
    await this.#connection.stop({ isPolite: this.#next !== null })
    await listening
    return this.#next
  }

  get #hasCredentials(): boolean {
    return hasCredentials(this.body.stored.settings, this.body.network)
  }

  /** Nothing happens to a device after its end. */
  #tell(event: ImpEvent): void {
    if (!this.#end.signal.aborted) this.body.tell(event)
  }

  #hint(text: string): void {
    this.#tell({ event: 'said', kind: 'hint', text })
  }

  #after(ms: number, act: () => void): void {
    this.body.timebase.sleep(ms, this.#end.signal).then(act, () => {})
  }

  #endWith(next: Start & { readonly afterS: number }): void {
    this.#next ??= next
    this.#end.abort()
  }

  /** The device starts anew, its connection as well. */
  #restart(reason: string): void {
    this.#tell({ event: 'restarted', reason })
    const afterS = RESTART_MS / 1000
    this.#endWith({ isCold: false, wakeReason: 'software-reset', afterS })
  }

  #refresh(): void {
    if (this.#end.signal.aborted) return
    this.#changes.emit('change')
    this.#listener.refresh()
    this.body.showLed(
      ledStateOf({
        blessing: this.body.blessing,
        isReceiving: this.#isReceiving,
        isUpdating: this.#connection.isUpdating,
        hasCrashed: this.#hasCrashed,
        reception: this.#flash,
        isBlinkUpOpen: this.#listener.isOpen,
        hasCredentials: this.#hasCredentials,
        stage: this.#connection.stage,
      }),
    )
  }

  #showReception(flash: 'received' | 'reception-error'): void {
    this.#flash = flash
    const number = ++this.#flashes
    this.#refresh()
    this.#after(flash === 'received' ? RECEIVED_MS : RECEPTION_ERROR_MS, () => {
      if (number !== this.#flashes) return
      this.#flash = null
      this.#refresh()
    })
  }

  #received(reception: Decoded): void {
    if (this.#end.signal.aborted) return
    if (reception.kind === 'message' || reception.kind === 'symbols') {
      this.#tell({ event: 'received' })
      this.#showReception('received')
      this.#take(reception.config)
      return
    }
    const reason = reception.kind === 'bad-symbols' ? reception.reason : failureOf(reception)
    const advice = 'advice' in reception ? reception.advice : 'send it again'
    if (reason) this.#tell({ event: 'not-received', reason, advice })
    this.#showReception('reception-error')
  }

  /** Stores what came by light, and connects with that. */
  #take(message: DecodedConfig): void {
    this.#change(withLight(this.body.stored.settings, message))
    void this.#connection.stop({ isPolite: true }).then(() => this.#connect())
  }

  #change(settings: StoredSettings): void {
    const { role } = this.body.stored
    this.body.store({ settings, role })
    this.#refresh()
  }

  #connect(): void {
    if (this.#end.signal.aborted || !this.#hasCredentials) return
    this.#windows.attempt(this.body.timebase.nowMs())
    this.#connection.start()
    this.#refresh()
  }

  #connected({ role }: ConnectAnswer): void {
    if (this.#run) this.#run.isVisible = true
    this.#roleAtServer = role
    if (this.#isBlessing) return // the hand-over is to come
    const { isCold, wakeReason } = this.how
    if (!this.#run) this.#load(role, !isCold, wakeReason, true)
    else if (this.#run.role !== role) {
      this.#tell({ event: 'restarted', reason: `its program is now that of role ${role}` })
      this.#load(role, true, 'new-firmware', false)
    }
  }

  /** Puts a program from the server into the device's flash, and starts it. */
  #load(
    role: ConnectAnswer['role'],
    isWarmStart: boolean,
    wakeReason: WakeReason,
    isVisible: boolean,
  ): void {
    const { settings } = this.body.stored
    this.body.store({ settings, role: role === 'none' ? null : role })
    if (role === 'none') {
      this.#stopProgram()
      this.#hint('the device has no code: its device group has none, or it is in no group')
    } else this.#start(role, isWarmStart, wakeReason, isVisible)
  }

  /** Starts the program that is in the device's flash, if there is one, and none runs. */
  #startStored(): void {
    const { role } = this.body.stored
    if (this.#run || role === null) return
    this.#start(role, !this.how.isCold, this.how.wakeReason, this.#connection.isConnected)
  }

  #start(role: Role, isWarmStart: boolean, wakeReason: WakeReason, isVisible: boolean): void {
    this.#stopProgram()
    const program = this.body.programs[role]
    if (!program) this.#hint(`the device has no program for role ${role}: give it a firmware`)
    const run: Run = { role, isVisible, onMessage: () => {}, program: null }
    this.#run = run
    if (!program) return
    this.#tell({ event: 'running', role })
    run.program = program(this.#hostOf(run, isWarmStart, wakeReason))
    if (isVisible || !this.#connection.isConnected) return
    // It is connected all the time, but a program that has just begun does not know it yet.
    this.#after(WARM_START_MS, () => {
      run.isVisible = true
      this.#refresh()
    })
  }

  #stopProgram(): void {
    this.#run?.program?.stop()
    this.#run = null
  }

  #hostOf(run: Run, isWarmStart: boolean, wakeReason: WakeReason): DeviceHost {
    const { body } = this
    return {
      identity: body.identity,
      timebase: body.timebase,
      role: run.role,
      isWarmStart,
      wakeReason,
      settings: {
        read: () => body.stored.settings,
        change: (change) => this.#change({ ...body.stored.settings, ...change }),
        clear: (what) => this.#change(without(body.stored.settings, what)),
      },
      server: this.#serverOf(run),
      pins: body.pins,
      factoryLight: body.factoryLight,
      say: (said) => this.#tell({ event: 'said', ...said }),
      enableBlinkUp: (isEnabled) => {
        this.#windows.enable(isEnabled, body.timebase.nowMs())
        this.#listener.refresh()
      },
      showBlessing: (success) => {
        body.blessing = success
        this.#refresh()
      },
      handOver: (answer) => this.#handOver(run, answer),
      restart: (reason) => this.#restartProgram(run, reason),
      deepSleepFor: (seconds) => {
        this.#tell({ event: 'asleep', seconds })
        this.#endWith({ isCold: false, wakeReason: 'timer', afterS: seconds })
      },
    }
  }

  #serverOf(run: Run): ServerHost {
    const connection = this.#connection
    const isConnected = (): boolean => run.isVisible && connection.isConnected
    const { link } = connection
    return {
      get isConnected() {
        return isConnected()
      },
      get configparams() {
        return run.isVisible ? connection.configparams : {}
      },
      connect: async (timeoutS) => {
        this.#connect()
        await this.#until(() => isConnected() || !connection.isTrying, 1000 * timeoutS)
        return isConnected()
      },
      disconnect: () => connection.stop({ isPolite: true }),
      log: (entry) => link?.log(entry),
      // The calls make JSON of it.
      send: async (name, data) => link?.send({ name, data } as AgentMessage) ?? false,
      bless: (success) => this.#bless(success),
      factoryToken: async () => {
        if (!link) throw new FactoryError('unreachable', 'the device has no server')
        return link.factoryToken()
      },
      get onMessage() {
        return run.onMessage
      },
      set onMessage(onMessage) {
        run.onMessage = onMessage
      },
    }
  }

  /** Waits for it, but no longer than so. */
  async #until(isSo: () => boolean, ms: number): Promise<void> {
    const late = new AbortController()
    const over = AbortSignal.any([late.signal, this.#end.signal])
    this.body.timebase.sleep(ms, over).then(
      () => late.abort(),
      () => {},
    )
    while (!isSo() && !over.aborted) {
      await once(this.#changes, 'change', { signal: over }).catch(() => {})
    }
    late.abort()
  }

  async #bless(success: boolean): Promise<BlessAnswer> {
    const { link } = this.#connection
    if (!link) throw new FactoryError('unreachable', 'the device has no server')
    this.#isBlessing = true
    const answer = await link.bless(success, this.#end.signal).catch((error) => {
      // Nobody is left whom an answer could reach.
      if (this.#end.signal.aborted) return new Promise<never>(() => {})
      throw error
    })
    this.#tell({ event: 'blessed', success: answer.blessed })
    if (answer.blessed) this.#roleAtServer = answer.loadCodeAfterBlessing ? 'application' : 'none'
    else this.#isBlessing = false
    return answer
  }

  #handOver(run: Run, { loadCodeAfterBlessing }: BlessAnswer): void {
    const { settings } = this.body.stored
    if (!loadCodeAfterBlessing) {
      this.body.store({ settings, role: null })
      this.#hint('blessed; the application firmware comes with the first BlinkUp of the end user')
      return
    }
    this.#after(HAND_OVER_MS, () => {
      if (this.#run !== run) return
      this.#tell({ event: 'handed-over' })
      this.#hint(
        'the DUT firmware was ended: what it had still to do 2 s after the callback is cut off',
      )
      this.#connection.forgetConfigparams()
      this.#load('application', true, 'new-firmware', false)
    })
  }

  /** Only the program ends: the connection goes on. */
  #restartProgram(run: Run, reason: string): void {
    if (this.#run !== run) return
    this.#tell({ event: 'restarted', reason })
    run.program?.stop()
    run.program = null
    this.#isBlessing = false // the callback, if there was one, is over
    this.#hasCrashed = true
    this.#refresh()
    this.#after(RESTART_MS, () => {
      this.#hasCrashed = false
      this.#refresh()
      if (this.#run === run) this.#load(this.#roleAtServer ?? run.role, true, 'exception', false)
    })
  }
}
