import { maskSecrets } from '../../packet/index.js'
import { machineTimebase, type Timebase } from '../../rig/timebase.js'
import type { DeviceIdentity, FactoryLight, StoredSettings } from '../api/host.js'
import type { Role } from '../link/messages.js'
import type { ImpEvent } from './events.js'
import { identityOf } from './identity.js'
import { type Body, Life, type Program, type Start } from './life.js'
import { LinkClient } from './link-client.js'
import type { NetworkOptions } from './network.js'
import { Pins } from './pins.js'
import type { LedState } from './status-led.js'
import { type Memory, memoryOnly } from './stored-settings.js'
import type { LightSource } from './watch-light.js'

export interface ImpOptions {
  /** Default one by chance: an imp004m with impOS 42. */
  readonly identity?: DeviceIdentity | undefined
  /** Where it keeps its settings; by default it forgets them with the object. */
  readonly memory?: Memory | undefined
  /** Address of the server; without one it finds none. */
  readonly cloudUrl?: string | undefined
  /** The simulated network; by default whichever it looks for is there. */
  readonly network?: NetworkOptions | undefined
  /** What it sees; without it nothing. */
  readonly light?: LightSource | undefined
  /** What it runs as which role. */
  readonly programs?: Readonly<Partial<Record<Role, Program>>> | undefined
  /** What plays `server.factoryblinkup`. */
  readonly factoryLight?: FactoryLight | undefined
  /** The device's clock: default the machine's. */
  readonly timebase?: Timebase | undefined
  /** Is told each event, and when it was, in seconds since the power came; must not throw. */
  readonly onEvent?: ((event: ImpEvent, timeS: number) => void) | undefined
}

/**
 * A stand-in of an imp, as a fixture or as a device under test: it starts, takes BlinkUp by light, stores settings, joins a simulated
 * network, connects to our stand-in of the server, and runs the program of the role that it has there.
 */
export class Imp implements AsyncDisposable {
  readonly identity: DeviceIdentity
  /** Its inputs can be driven. */
  readonly pins: Pins
  readonly #memory: Memory
  readonly #timebase: Timebase
  readonly #body: Body
  readonly #lost = new AbortController()
  #power: { readonly off: AbortController; readonly ended: Promise<void> } | null = null
  #onS = 0
  #led: LedState = 'dark'

  /**
   * Its power is off.
   *
   * @throws FactoryError 'wrong-argument' for an address that is none, 'damaged' for what it has stored; errors of the memory
   */
  constructor(private readonly options: ImpOptions = {}) {
    const { cloudUrl, network = {}, light, programs = {}, factoryLight } = options
    this.identity = options.identity ?? identityOf()
    this.#memory = options.memory ?? memoryOnly()
    this.#timebase = options.timebase ?? machineTimebase
    this.pins = new Pins((pin, level) => this.#tell({ event: 'pin', pin, level }))
    let stored = this.#memory.read()
    this.#body = {
      identity: this.identity,
      timebase: this.#timebase,
      network,
      client: cloudUrl === undefined ? null : new LinkClient(cloudUrl),
      light: light ?? null,
      programs,
      pins: this.pins,
      factoryLight: factoryLight ?? null,
      blessing: null,
      isUpdated: false,
      get stored() {
        return stored
      },
      store: (changed) => {
        const before = stored
        if (changed.settings === before.settings && changed.role === before.role) return
        try {
          this.#memory.write(changed)
        } catch (error) {
          this.#fail(error)
          return
        }
        stored = changed
        if (changed.settings !== before.settings) {
          this.#tell({ event: 'settings', settings: maskSecrets(changed.settings) })
        }
      },
      tell: (event) => this.#tell(event),
      showLed: (state) => this.#showLed(state),
      fail: (error) => this.#fail(error),
    }
  }

  /** Aborts when the device cannot go on, as its light or its memory fails, and its power is off: the reason is the error. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** What it has stored, secrets included. */
  get settings(): StoredSettings {
    return this.#body.stored.settings
  }

  /** What its status LED shows. */
  get led(): LedState {
    return this.#led
  }

  /** Gives it power; or wakes it up, as if it had slept, where its start is not cold. Does nothing where it has it. */
  powerOn({ isCold = true }: { readonly isCold?: boolean } = {}): void {
    if (this.#power) return
    const off = new AbortController()
    this.#onS = this.#nowS
    this.#body.blessing = null
    const start: Start = { isCold, wakeReason: isCold ? 'power-on' : 'timer' }
    this.#power = { off, ended: this.#live(start, off.signal) }
  }

  /** Takes its power away, and resolves when all of it has ended: the LED is dark, and its rig is not used any more. */
  async powerOff(): Promise<void> {
    const power = this.#power
    if (!power) return
    power.off.abort()
    await power.ended
    if (this.#power !== power) return
    this.#power = null
    this.pins.forget()
    this.#showLed('dark')
    this.#tell({ event: 'off' })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.powerOff()
  }

  get #nowS(): number {
    return this.#timebase.nowMs() / 1000
  }

  async #live(first: Start, power: AbortSignal): Promise<void> {
    let start: Start = first
    while (!power.aborted) {
      const next = await new Life(this.#body, start).run(power)
      if (!next) return
      if (next.wakeReason === 'timer') this.#showLed('dark')
      await this.#timebase.sleep(1000 * next.afterS, power).catch(() => {})
      start = next
    }
  }

  #tell(event: ImpEvent): void {
    this.options.onEvent?.(event, this.#nowS - this.#onS)
  }

  #showLed(state: LedState): void {
    if (state === this.#led) return
    this.#led = state
    this.#tell({ event: 'led', led: state })
  }

  #fail(error: unknown): void {
    if (this.#lost.signal.aborted) return
    void this.powerOff().then(() => this.#lost.abort(error))
  }
}
