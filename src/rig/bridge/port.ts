import type { BindingInterface } from '@serialport/bindings-interface'
import { SerialPortStream } from '@serialport/stream'
import { SerialPort } from 'serialport'
import { RigError } from '../errors.js'

/** The rate of the firmware's UART (firmware-bridge/PROTOCOL.md). */
const BAUD_RATE = 115_200

/** Opens a serial port, the machine's own or one of another binding. Errors: RigError. */
export function openPort(
  path: string,
  binding: BindingInterface = SerialPort.binding,
): Promise<SerialPortStream> {
  return new Promise((resolve, reject) => {
    const options = { path, binding, baudRate: BAUD_RATE, autoOpen: false }
    const port = new SerialPortStream(options)
    port.open((error) => (error ? reject(openError(path, error)) : resolve(port)))
  })
}

function openError(path: string, error: Error): RigError {
  const { message } = error
  if (/lock|busy|temporarily unavailable/i.test(message)) {
    return new RigError('locked', `another program uses ${path}: close it, or wait for its end`)
  }
  if (/permission|EACCES|access denied/i.test(message)) {
    return new RigError(
      'forbidden',
      `no permission to open ${path}: add your user to its group (on Debian: sudo usermod -aG dialout $USER) and log in again`,
    )
  }
  return new RigError('missing', `cannot open ${path}: plug the board in and check the name`)
}
