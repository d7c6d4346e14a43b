import type {
  BlinkUpFlag,
  ConfigPart,
  ConnectResult,
  DeviceConstants,
  Environment,
  I2cSpeed,
  InputMode,
  OutputMode,
  Parity,
  ProxyType,
  PwmMode,
  SendError,
  SendErrorPolicy,
  SendWait,
  UartFlag,
  WakeReasonConstant,
} from './constants.js'
import type { DateTable } from './date.js'
import type { Timer } from './program.js'

/** What a device's firmware is given: the published calls, by their published names. Each throws FactoryError 'wrong-argument' for what it cannot use. */
export interface DeviceApi extends DeviceConstants {
  readonly imp: DeviceImp
  readonly server: DeviceServer
  readonly hardware: Hardware
  readonly agent: AgentLink
  /** Seconds since 1970, UTC. */
  time(): number
  /** Now, or another time in seconds since 1970, in UTC. */
  date(time?: number): DateTable
}

export interface DeviceImp {
  /**
   * What the server says of a factory: read it with `in`, as keys that do not apply are absent. Empty until the device has connected for
   * the first time on a warm start: read it in `imp.onidle`, or after `await server.log(…)`.
   */
  readonly configparams: DeviceConfigParams
  /** Clears what is stored, CONFIG_ALL by default. The connection in use goes on until it is lost. */
  clearconfiguration(what?: ConfigPart): void
  /** Whether the device takes BlinkUp while it is connecting, and idle (docs/factory.md). */
  enableblinkup(enabled: boolean): void
  /** Stores an enrollment: plan ID and token, 16 hex digits each. */
  setenroltokens(planId: string, token: string): void
  /** Stores a Wi-Fi network; "" for one without a password. */
  setwificonfiguration(ssid: string, password: string): void
  /** Stores IPv4 addresses, with one or two DNS servers. */
  setstaticnetworkconfiguration(
    ip: string,
    netmask: string,
    gateway: string,
    dns: readonly [string] | readonly [string, string],
  ): void
  /** Stores a proxy: an address of at most 64 characters, name and password of at most 32. */
  setproxy(
    type: ProxyType,
    address: string,
    port: number,
    username?: string,
    password?: string,
  ): void
  /** Factory firmware only: the region of the device, stored with a good blessing. */
  setcountry(code: number): void
  /** Its parameters are not public: throws FactoryError 'not-public'. */
  setnvramimage(...parameters: unknown[]): never
  /** DUT firmware only. The fast start that it turns on is not simulated: a hint tells so. */
  setrescuepin(pin: Pin | null, polarity?: 0 | 1): void
  /** DUT firmware of an imp006 only; as `setrescuepin`. */
  enablerescuepin(enabled: boolean): void
  /** Calls back once, when nothing else is to be done, and the device has tried to connect. A later function replaces an earlier one, null takes it back. */
  onidle(callback: Callback | null): void
  /** Calls back after so many seconds. */
  wakeup(seconds: number, callback: Callback): Timer
  cancelwakeup(timer: Timer): void
  /** Squirrel blocks: write `await imp.sleep(…)`. No callback is made meanwhile. */
  sleep(seconds: number): Promise<void>
  /** Ends the firmware at once, and starts it again after so many seconds. */
  deepsleepfor(seconds: number): never
  environment(): Environment
  info(): { readonly type: string }
  readonly net: { info(): NetInfo }
  /** @deprecated of old firmware: `imp.net.info()` */
  getmacaddress(): string
  /** @deprecated of old firmware: the name of the stored network, "" for none */
  getssid(): string
  /** @deprecated of old firmware: always the same value here, as there is no radio; 0 when not connected */
  rssi(): number
}

/** Both generations of keys; docs/factory.md tells which device has which. */
export interface DeviceConfigParams {
  readonly factory_imp_device_id?: string
  /** @deprecated by its publisher; absent, or true */
  readonly factoryfirmware?: true
  /** @deprecated by its publisher */
  readonly factory_imp?: string
  /** @deprecated by its publisher; absent, or true */
  readonly is_factory_fixture?: true
}

export interface NetInfo {
  /** Index in `interface` of the one in use; absent when there is none. */
  readonly active?: number
  readonly interface: readonly {
    readonly type: string
    readonly macaddress: string
  }[]
}

/** A function of a firmware. What it returns is not used; what an async one throws is an exception, too. */
export type Callback = () => unknown

export interface DeviceServer {
  /**
   * Sends the light of a factory BlinkUp, on a fixture: asks the server for a token, and returns at once. When the token is there the light begins, and no callback is
   * made until it has ended. What is no fixture gets a line in its log, and no light.
   *
   * @param ssid "" for no Wi-Fi
   * @param password "" for an open network
   * @param pin on which the LED is for a real imp; here the light is the rig's
   * @param flags BLINKUP_FAST and BLINKUP_ACTIVEHIGH, joined with `|`; 0 for none
   * @param apn how it is sent is not public: it is left out, with a hint
   * @throws FactoryError 'wrong-role' in application firmware
   */
  factoryblinkup(
    ssid: string,
    password: string,
    pin: Pin,
    flags: BlinkUpFlag | 0,
    apn?: string,
  ): void
  /**
   * Tells the server whether the device has passed its test, in DUT firmware. Calls back with whether it is blessed; two seconds later
   * the device goes on to its application firmware.
   *
   * @throws FactoryError 'wrong-role' in application firmware, 'not-public' in a fixture's
   */
  bless(success: boolean | number, callback: (isBlessed: boolean) => unknown): void
  /** Squirrel blocks until it is connected: write `await server.log(…)` where what follows counts on it. */
  log(message: unknown): Promise<0 | SendError>
  error(message: unknown): Promise<0 | SendError>
  isconnected(): boolean
  /** Connects, within 60 seconds by default. Without a callback Squirrel blocks: write `await server.connect()`. */
  connect(callback?: null, timeoutS?: number): Promise<ConnectResult>
  connect(callback: (result: ConnectResult) => unknown, timeoutS?: number): void
  /** Squirrel blocks: write `await server.disconnect()`. */
  disconnect(): Promise<void>
  /** As `imp.deepsleepfor`. */
  sleepfor(seconds: number): never
  setsendtimeoutpolicy(onError: SendErrorPolicy, waitFor: SendWait, timeoutS: number): void
}

export interface AgentLink {
  /** Calls back with what its agent sends by that name; of which type that is, nothing checks. */
  on<T = unknown>(name: string, callback: (data: T) => unknown): void
  /** Sends what JSON can say. Squirrel blocks until it is sent: write `await agent.send(…)`, which gives 0, or an error. */
  send(name: string, data?: unknown): Promise<0 | SendError>
}

type CharacterOf<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? First | CharacterOf<Rest>
  : never
export type PinName = `pin${CharacterOf<'1256789ABCDEFGHIJKLMNOPQRSTUVWXYZ'>}`

/** The pins of all imps together, and serial ports by their names, behind which there is nothing here. */
export type Hardware = {
  /** 16 hex digits. */
  getdeviceid(): string
  /** @deprecated of old firmware: `getdeviceid` */
  getimpeeid(): string
  wakereason(): WakeReasonConstant
  readonly uart0: Uart
  readonly uart1: Uart
  readonly uart2: Uart
  readonly i2c0: I2c
  readonly spi0: Spi
} & { readonly [name in PinName]: Pin } & {
  readonly [name: `uart${string}`]: Uart
  readonly [name: `i2c${string}`]: I2c
  readonly [name: `spi${string}`]: Spi
}

export interface Pin {
  /** As an input, which calls back on each change. */
  configure(mode: InputMode, onChange?: Callback): void
  configure(mode: OutputMode, level?: number): void
  /** As pulses: their period in seconds, and the part of it that the pin is high, 0 to 1. */
  configure(mode: PwmMode, periodS: number, duty: number): void
  read(): number
  write(level: number): void
}

export interface Uart {
  configure(
    baudRate: number,
    wordBits: number,
    parity: Parity,
    stopBits: number,
    flags: UartFlag | 0,
    onData?: Callback,
  ): void
  write(data: string | number): void
  /** The next byte; -1, as nothing comes. */
  read(): number
  readstring(most?: number): string
}

export interface I2c {
  configure(speed: I2cSpeed): void
  /** 0 for no error; never, as nothing answers. */
  write(address: number, data: string): number
  /** null, as nothing answers. */
  read(address: number, subAddress: string, bytes: number): string | null
}

export interface Spi {
  /** Gives the rate in kHz. */
  configure(flags: number, rateKHz: number): number
  write(data: string): void
  /** Zeros, as nothing answers. */
  writeread(data: string): string
  readstring(bytes: number): string
}
