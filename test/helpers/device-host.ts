import type {
  Clearing,
  DeviceHost,
  FactoryLight,
  FactoryLightOptions,
  Said,
  StoredSettings,
} from '../../src/factory/api/host.js'
import { runDevice } from '../../src/factory/api/run-device.js'
import type { DeviceFirmware } from '../../src/factory/index.js'
import type { BlessAnswer, FactoryToken, LogEntry } from '../../src/factory/link/messages.js'
import type { Settings } from '../../src/packet/index.js'
import { VirtualTime } from '../rig/bridge/hostile/clocks.js'

export const TOKEN: FactoryToken = { planId: '0123456789abcdef', token: 'fedcba9876543210' }
export const BLESSED: BlessAnswer = { blessed: true, loadCodeAfterBlessing: true }

/** A promise that the test settles. */
export class Deferred<T> {
  resolve: (value: T) => void = () => {}
  reject: (error: unknown) => void = () => {}
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}

/** A light that is played when the test says so. */
export class HeldLight implements FactoryLight {
  readonly played: (Settings & FactoryLightOptions)[] = []
  readonly end = new Deferred<void>()

  async play(
    takeSettings: () => Promise<Settings>,
    options: FactoryLightOptions,
  ): Promise<boolean> {
    this.played.push({ ...(await takeSettings()), ...options })
    await this.end.promise
    return true
  }
}

/** An imp's body that keeps what is done to it, in virtual time. Its time stands still in between. */
export class FakeHost implements DeviceHost {
  identity = {
    deviceId: '3000d8c46a000001',
    macAddress: 'd8c46a000001',
    impType: 'imp003',
    impOs: 42,
  }
  readonly timebase = new VirtualTime()
  role: DeviceHost['role'] = 'dut'
  isWarmStart = false
  wakeReason: DeviceHost['wakeReason'] = 'power-on'
  factoryLight: FactoryLight | null = null
  stored: StoredSettings = {}
  inputs: Record<string, 0 | 1> = {}
  connects = true
  isConnected = true
  params: Record<string, string | boolean> = {}
  token: () => Promise<FactoryToken> = async () => TOKEN
  blessing: () => Promise<BlessAnswer> = async () => BLESSED
  /** Everything that happened, in its order. */
  readonly events: unknown[][] = []
  readonly watchers = new Map<string, Set<() => void>>()
  #stop: () => void = () => {}

  readonly settings = {
    read: () => this.stored,
    change: (change: Partial<StoredSettings>) => {
      this.stored = { ...this.stored, ...change }
    },
    clear: (what: Clearing) => void this.events.push(['clear', what]),
  }
  readonly pins = {
    read: (pin: string) => this.inputs[pin],
    write: (pin: string, level: number) => void this.events.push(['write', pin, level]),
    watch: (pin: string, onChange: () => void) => {
      const watchers = this.watchers.get(pin) ?? new Set()
      this.watchers.set(pin, watchers.add(onChange))
      return () => void watchers.delete(onChange)
    },
  }
  readonly server = this.#server()

  say({ kind, text }: Said): void {
    this.events.push([kind, text])
  }
  enableBlinkUp(enabled: boolean): void {
    this.events.push(['enable blinkup', enabled])
  }
  showBlessing(success: boolean): void {
    this.events.push(['blessing shown', success])
  }
  handOver(answer: BlessAnswer): void {
    this.events.push(['hand over', answer])
  }
  restart(reason: string): void {
    this.events.push(['restart', reason])
  }
  deepSleepFor(seconds: number): void {
    this.events.push(['deep sleep', seconds])
  }

  run(firmware: DeviceFirmware): this {
    this.#stop = runDevice(firmware, this).stop
    return this
  }

  stop(): void {
    this.#stop()
  }

  /** Sets an input from outside. */
  drive(pin: string, level: 0 | 1): void {
    this.inputs[pin] = level
    for (const onChange of this.watchers.get(pin) ?? []) onChange()
  }

  /** All that the firmware does until then is done, by its clock. */
  async after(seconds: number): Promise<this> {
    await this.timebase.sleep(seconds * 1000)
    return this
  }

  /** The second parts of the events of a kind. */
  all(kind: string): unknown[] {
    return this.events.flatMap(([what, value]) => (what === kind ? [value] : []))
  }

  #server() {
    const host = this
    return {
      get isConnected() {
        return host.isConnected
      },
      get configparams() {
        return host.params
      },
      connect: async () => {
        host.events.push(['connect'])
        host.isConnected = host.connects
        return host.isConnected
      },
      disconnect: async () => {
        host.isConnected = false
      },
      log: (entry: LogEntry) => void host.events.push(['to server', entry]),
      send: async (name: string, data: unknown) => {
        host.events.push(['sent', name, data])
        return host.isConnected
      },
      bless: (success: boolean) => {
        host.events.push(['bless', success])
        return host.blessing()
      },
      factoryToken: () => {
        host.events.push(['token asked'])
        return host.token()
      },
      onMessage: (_name: string, _data: unknown) => {},
    }
  }
}
