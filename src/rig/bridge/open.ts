import type { BindingInterface } from '@serialport/bindings-interface'
import { RigError } from '../errors.js'
import { machineTimebase, type Timebase } from '../timebase.js'
import { Bridge, type BridgeOptions } from './bridge.js'
import { type BridgeIdentity, greet } from './identity.js'
import { rememberName } from './known-boards.js'
import { Link } from './link.js'
import { openPort } from './port.js'

/**
 * Opens the microcontroller bridge at a serial port; with `binding` and `timebase` also one that is
 * not the machine's. Errors: RigError, and the reason
 * of `options.signal` when that aborts; the port is closed again then.
 */
export async function openBridge(
  path: string,
  options: BridgeOptions,
  binding?: BindingInterface,
  timebase: Timebase = machineTimebase,
): Promise<Bridge> {
  const link = new Link(await openPort(path, binding), timebase)
  try {
    const bridge = await Bridge.open(link, timebase, options)
    rememberName(path, bridge.info.serialNumber ?? '-')
    return bridge
  } catch (error) {
    await link.close()
    throw error
  }
}

/**
 * Asks the board at a serial port who it is, and leaves it dark. Errors: RigError, and the signal's reason when that
 * aborts.
 */
export async function askIdentity(path: string, signal?: AbortSignal): Promise<BridgeIdentity> {
  const link = new Link(await openPort(path), machineTimebase)
  try {
    const { identity } = await greet(link, signal)
    rememberName(path, identity.serialNumber)
    return identity
  } catch (error) {
    if (error instanceof RigError && /^(foreign|no-answer)$/.test(error.code)) {
      rememberName(path, null)
    }
    throw error
  } finally {
    await link.close()
  }
}
