import { requireNumber, requireString, wrongArgument } from './arguments.js'
import { InputMode, OutputMode, PwmMode, WakeReasonConstant } from './constants.js'
import type { Callback, Hardware, I2c, Pin, Spi, Uart } from './device-api.js'
import type { DeviceHost, WakeReason } from './host.js'
import type { Program } from './program.js'

const WAKE_REASONS: Readonly<Record<WakeReason, WakeReasonConstant>> = {
  'power-on': WakeReasonConstant.WAKEREASON_POWER_ON,
  timer: WakeReasonConstant.WAKEREASON_TIMER,
  'software-reset': WakeReasonConstant.WAKEREASON_SW_RESET,
  exception: WakeReasonConstant.WAKEREASON_SQUIRREL_ERROR,
  'new-firmware': WakeReasonConstant.WAKEREASON_NEW_SQUIRREL,
}

/** Of nothing, in bytes. */
const LONGEST_READ = 65536
/** The error of an i2c write that nothing answers; its value is ours. */
const NO_ANSWER = -1

/** A device's hardware: its pins are the host's, its serial ports lead nowhere. */
export function hardwareOf(program: Program, host: DeviceHost) {
  const names = new WeakMap<object, string>()
  const parts = new Map<string, object>()
  const getdeviceid = () => host.identity.deviceId
  const calls = program.guard({
    getdeviceid,
    getimpeeid: getdeviceid,
    wakereason: () => WAKE_REASONS[host.wakeReason],
  })
  // Each part is made when the firmware first names it, as there are many.
  const hardware = new Proxy(calls, {
    get(_, name) {
      if (typeof name !== 'string' || name in calls) return Reflect.get(calls, name)
      const make = makerOf(name)
      if (!make) return undefined
      let part = parts.get(name)
      if (!part) {
        part = program.guard(make(name, program, host))
        parts.set(name, part)
        names.set(part, name)
      }
      return part
    },
  }) as Hardware
  const pinName = (pin: Pin): string | undefined => {
    const name = typeof pin === 'object' && pin !== null ? names.get(pin) : undefined
    return name?.startsWith('pin') ? name : undefined
  }
  return { hardware, pinName }
}

function makerOf(
  name: string,
): ((name: string, program: Program, host: DeviceHost) => object) | undefined {
  if (/^pin[125-9A-Z]$/.test(name)) return makePin
  if (/^uart[\dA-Z]+$/.test(name)) return makeUart
  if (/^i2c[\dA-Z]+$/.test(name)) return makeI2c
  if (/^spi[\dA-Z]+$/.test(name)) return makeSpi
  return undefined
}

function makePin(name: string, program: Program, host: DeviceHost): Pin {
  let mode: InputMode | OutputMode | PwmMode | undefined
  let level = 0
  let unwatch = () => {}
  program.atEnd(() => unwatch())
  const write = (value: number): void => {
    requireNumber(`hardware.${name}.write`, 'level', value, 0)
    level = value
    host.pins.write(name, value)
  }
  return {
    configure(newMode: InputMode | OutputMode | PwmMode, second?: unknown, third?: unknown): void {
      const call = `hardware.${name}.configure`
      requireNumber(call, 'mode', newMode)
      unwatch()
      unwatch = () => {}
      if (newMode in InputMode) {
        if (second !== undefined) {
          if (typeof second !== 'function')
            throw wrongArgument(call, 'give it a function to call back')
          unwatch = host.pins.watch(name, () => program.enqueue(second as Callback))
        }
      } else if (newMode in OutputMode) write((second ?? 0) as number)
      else if (newMode in PwmMode) write((third ?? 0) as number)
      else throw wrongArgument(call, 'give it a mode, such as DIGITAL_IN or DIGITAL_OUT')
      mode = newMode
    },
    read(): number {
      if (mode === undefined) {
        throw wrongArgument(`hardware.${name}.read`, 'configure the pin before')
      }
      if (!(mode in InputMode)) return level
      return host.pins.read(name) ?? (mode === InputMode.DIGITAL_IN_PULLUP ? 1 : 0)
    },
    write(value: number): void {
      if (mode === undefined || mode in InputMode) {
        throw wrongArgument(`hardware.${name}.write`, 'configure the pin as an output before')
      }
      write(value)
    },
  }
}

/** Serial ports lead nowhere: what is written is told. */
function teller(host: DeviceHost, name: string) {
  const tell = (what: string): void =>
    host.say({ kind: 'hint', text: `${name}: ${what}; there is nothing behind it` })
  const tellWritten = (data: string, to = ''): void => {
    requireString(`hardware.${name}.write`, 'data', data)
    tell(`written ${JSON.stringify(data)}${to}`)
  }
  return { tell, tellWritten }
}

function makeUart(name: string, _: Program, host: DeviceHost): Uart {
  const { tell, tellWritten } = teller(host, name)
  return {
    configure: (baudRate) => {
      requireNumber(`hardware.${name}.configure`, 'baud rate', baudRate, 1)
      tell(`configured for ${baudRate} baud`)
    },
    write: (data) => tellWritten(typeof data === 'number' ? String.fromCharCode(data) : data),
    read: () => -1,
    readstring: () => '',
  }
}

function makeI2c(name: string, _: Program, host: DeviceHost): I2c {
  const { tellWritten } = teller(host, name)
  return {
    configure: () => {},
    write: (address, data) => {
      requireNumber(`hardware.${name}.write`, 'address', address, 0)
      tellWritten(data, ` to 0x${address.toString(16)}`)
      return NO_ANSWER
    },
    read: () => null,
  }
}

function makeSpi(name: string, _: Program, host: DeviceHost): Spi {
  const { tellWritten } = teller(host, name)
  return {
    configure: (_flags, rateKHz) => rateKHz,
    write: (data) => tellWritten(data),
    writeread: (data) => {
      tellWritten(data)
      return '\0'.repeat(data.length)
    },
    readstring: (bytes) => {
      requireNumber(`hardware.${name}.readstring`, 'number of bytes', bytes, 0)
      return '\0'.repeat(Math.min(bytes, LONGEST_READ))
    },
  }
}
