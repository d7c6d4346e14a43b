import type { Settings } from '../../packet/index.js'
import type { Timebase } from '../../rig/timebase.js'
import type { BlessAnswer, ConfigParams, FactoryToken, LogEntry, Role } from '../link/messages.js'

/** Who an imp is. */
export interface DeviceIdentity {
  /** 16 hex digits; of all but imp001 the last 12 are the MAC address (docs/factory.md). */
  readonly deviceId: string
  /** 12 hex digits, lower case. */
  readonly macAddress: string
  /** Such as "imp004m", as `imp.info().type` tells it. */
  readonly impType: string
  /** The release of impOS, such as 42: rules of BlinkUp's windows depend on it. */
  readonly impOs: number
}

/** What a device keeps when its power is off. */
export type StoredSettings = Pick<
  Settings,
  'ssid' | 'password' | 'planId' | 'token' | 'staticAddress' | 'proxy'
> & { readonly country?: number }

/** What `imp.clearconfiguration` takes away. */
export type Clearing = 'wifi' | 'static-network' | 'proxy' | 'all'

/** A line of what happens on a device: of its firmware, or of the stand-in about it, such as a trap that a real imp would not tell. */
export interface Said {
  readonly kind: LogEntry['kind'] | 'hint'
  readonly text: string
}

/** The body of an imp, as the published calls need it. The stand-in of a device is one. */
export interface DeviceHost {
  readonly identity: DeviceIdentity
  readonly timebase: Timebase
  /** What its firmware is for: known before it is run, as the firmware came from the server. */
  readonly role: Role
  /** Whether it woke up or restarted with its memory kept, rather than got its power: Squirrel runs before it is connected then. */
  readonly isWarmStart: boolean
  readonly wakeReason: WakeReason
  readonly settings: DeviceSettings
  readonly server: ServerHost
  readonly pins: PinHost
  /** What plays `server.factoryblinkup`; null for a device without a rig. */
  readonly factoryLight: FactoryLight | null
  say(said: Said): void
  /** The next state's BlinkUp window, or this one's, by the rules of its impOS. */
  enableBlinkUp(enabled: boolean): void
  /** The status LED after a blessing, for as long as the power is on. */
  showBlessing(success: boolean): void
  /** A good blessing's callback is done: the hand-over to the application firmware begins. */
  handOver(answer: BlessAnswer): void
  /** Ends the firmware, and starts it again: after an exception, or because it asked for it. */
  restart(reason: string): void
  /** Ends the firmware, and wakes after so many seconds. */
  deepSleepFor(seconds: number): void
}

export type WakeReason = 'power-on' | 'timer' | 'software-reset' | 'exception' | 'new-firmware'

export interface DeviceSettings {
  read(): StoredSettings
  /** Writes it before it returns. */
  change(change: Partial<StoredSettings>): void
  clear(what: Clearing): void
}

export interface ServerHost {
  readonly isConnected: boolean
  /** As the device has it now: empty until it has connected for the first time on a warm start. */
  readonly configparams: ConfigParams
  /** Resolves to whether it is connected, at the latest after the time. */
  connect(timeoutS: number): Promise<boolean>
  disconnect(): Promise<void>
  log(entry: LogEntry): void
  /** To its agent. Resolves to whether the server has it. */
  send(name: string, data: unknown): Promise<boolean>
  /** Asks until there is an answer, over every loss of the connection. */
  bless(success: boolean): Promise<BlessAnswer>
  /** @throws FactoryError 'not-a-fixture', 'unreachable' */
  factoryToken(): Promise<FactoryToken>
  /** Whoever sets this gets what its agent sends. */
  onMessage: (name: string, data: unknown) => void
}

/** Levels of a device's pins, by their names in the API, such as "pin1" or "pinM". */
export interface PinHost {
  /** Of an input; what nothing drives is low, or high with a pull-up. */
  read(pin: string): 0 | 1 | undefined
  write(pin: string, level: number): void
  /** Calls back on each change of an input until the returned function is called. */
  watch(pin: string, onChange: () => void): () => void
}

/** Plays messages as light for a fixture, one at a time. */
export interface FactoryLight {
  /**
   * Serves one trigger. Resolves to true when the light has ended; to false at once, with nothing taken, while another one is
   * served, and in the lockout after that. Errors: RigError, the signal's reason, and what taking the settings rejects with.
   *
   * @param takeSettings called just before the light, as a token is good for a short time
   */
  play(takeSettings: () => Promise<Settings>, options: FactoryLightOptions): Promise<boolean>
}

export interface FactoryLightOptions {
  readonly fast: boolean
  readonly activeHigh: boolean
  /** The one that the firmware has named, such as "pinM". */
  readonly pin: string
  /** Turns the light dark at once. */
  readonly signal: AbortSignal
}

/** What the agent side of the calls needs of the server that runs it. */
export interface AgentHost {
  readonly agentUrl: string
  readonly configparams: ConfigParams
  readonly timebase: Timebase
  say(said: Said): void
  /** To its device. Resolves to whether the device is there. */
  send(name: string, data: unknown): Promise<boolean>
  readonly isDeviceConnected: boolean
  /** Ends the agent, and starts it again: after an exception. */
  restart(reason: string): void
}
