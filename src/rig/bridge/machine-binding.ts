import type { BindingInterface } from '@serialport/bindings-interface'
import { loaded } from '../load.js'

/** The serial ports of this computer, by code that is native: an emulated board works without it. Errors: RigError 'not-loaded'. */
export async function machineBinding(): Promise<BindingInterface> {
  const { SerialPort } = await loaded('what opens serial ports', import('serialport'))
  return SerialPort.binding
}
