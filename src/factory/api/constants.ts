/**
 * The constants of the published calls. Their names are published, their values are not: those here are ours. No two kinds share
 * a value, so that a constant of the wrong kind is an error in the editor, and where it is used.
 */

/** Of `server.factoryblinkup`, joined with `|`; 0 for none. */
export enum BlinkUpFlag {
  /** 142 symbols a second, instead of 60. */
  BLINKUP_FAST = 1 << 20,
  /** The LED lights up with its pin high, instead of low. */
  BLINKUP_ACTIVEHIGH = 1 << 21,
}

/** What `imp.clearconfiguration` takes away. */
export enum ConfigPart {
  /** Wi-Fi settings; the enrollment stays. */
  CONFIG_WIFI = 1001,
  CONFIG_STATIC_NETWORK,
  CONFIG_PROXY,
  /** Everything, the enrollment too. */
  CONFIG_ALL,
}

/** Why a device's firmware was started, as `hardware.wakereason` tells. */
export enum WakeReasonConstant {
  WAKEREASON_POWER_ON = 1101,
  WAKEREASON_TIMER,
  WAKEREASON_SW_RESET,
  WAKEREASON_SQUIRREL_ERROR,
  WAKEREASON_NEW_SQUIRREL,
}

/** Where a firmware runs, as `imp.environment` tells. */
export enum Environment {
  ENVIRONMENT_CARD = 1201,
  ENVIRONMENT_MODULE,
  ENVIRONMENT_AGENT,
}

/** Modes of a pin that is read. */
export enum InputMode {
  DIGITAL_IN = 1301,
  DIGITAL_IN_PULLUP,
  DIGITAL_IN_PULLDOWN,
  DIGITAL_IN_WAKEUP,
}

/** Modes of a pin that is driven. */
export enum OutputMode {
  DIGITAL_OUT = 1401,
  DIGITAL_OUT_OD,
}

export enum PwmMode {
  PWM_OUT = 1501,
}

export enum Parity {
  PARITY_NONE = 1601,
  PARITY_EVEN,
  PARITY_ODD,
}

/** Of a UART, joined with `|`; 0 for none. */
export enum UartFlag {
  NO_CTSRTS = 1 << 22,
  NO_RX = 1 << 23,
  NO_TX = 1 << 24,
}

export enum I2cSpeed {
  CLOCK_SPEED_10_KHZ = 1701,
  CLOCK_SPEED_50_KHZ,
  CLOCK_SPEED_100_KHZ,
  CLOCK_SPEED_400_KHZ,
}

export enum ProxyType {
  PROXY_TYPE_HTTP = 1801,
}

/** What becomes of a firmware that sends while it is not connected. */
export enum SendErrorPolicy {
  /** It waits until it is connected. */
  SUSPEND_ON_ERROR = 1901,
  /** The call returns at once, with an error. */
  RETURN_ON_ERROR,
}

export enum SendWait {
  WAIT_TIL_SENT = 2001,
  WAIT_FOR_ACK,
}

/** How an attempt to connect has ended. */
export enum ConnectResult {
  SERVER_CONNECTED = 2101,
  /** Whatever the reason is: which one of the published ones it was, our stand-in does not tell apart. */
  NO_SERVER,
}

/** What sending has ended with, unless it is 0. */
export enum SendError {
  SEND_ERROR_NOT_CONNECTED = 2201,
}

/** The constants of an enum by their names. */
type Members<E> = { readonly [K in keyof E as K extends string ? K : never]: E[K] }

/** An enum of TypeScript has its names by their values, too: these are left out. */
const membersOf = <E extends object>(constants: E): Members<E> =>
  Object.fromEntries(
    Object.entries(constants).filter(([, value]) => typeof value === 'number'),
  ) as Members<E>

export const DEVICE_CONSTANTS = {
  ...membersOf(BlinkUpFlag),
  ...membersOf(ConfigPart),
  ...membersOf(WakeReasonConstant),
  ...membersOf(Environment),
  ...membersOf(InputMode),
  ...membersOf(OutputMode),
  ...membersOf(PwmMode),
  ...membersOf(Parity),
  ...membersOf(UartFlag),
  ...membersOf(I2cSpeed),
  ...membersOf(ProxyType),
  ...membersOf(SendErrorPolicy),
  ...membersOf(SendWait),
  ...membersOf(ConnectResult),
  ...membersOf(SendError),
}
export type DeviceConstants = typeof DEVICE_CONSTANTS

export const AGENT_CONSTANTS = membersOf(Environment)
export type AgentConstants = typeof AGENT_CONSTANTS
