import { access, constants, readdir, readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Check, failure, ok, warning } from '../check.js'
import { shippedImage } from './flash.js'
import type { BridgeIdentity } from './identity.js'
import { listUsbPorts, type UsbPort } from './list-ports.js'

/** Looks at the serial ports of this machine, without opening them: that would reset the boards. */
export async function checkSerialPorts(): Promise<Check[]> {
  const ports = await listUsbPorts()
  if (ports.length === 0) return [ok('serial ports', 'no USB serial port is plugged in')]
  const checks = ports.map(async (port) => [
    await checkAccess(port),
    ...(await checkLatency(port.path)),
  ])
  return (await Promise.all(checks)).flat()
}

async function checkAccess({ path, vendorId, productId, serialNumber }: UsbPort): Promise<Check> {
  const name = 'serial port'
  const number = serialNumber ? `serial number ${serialNumber}` : 'no serial number'
  const finding = `${path}, USB ID ${vendorId}:${productId}, ${number}`
  const mayOpen = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
  if (!mayOpen) {
    const repair = 'sudo usermod -aG dialout $USER, then log in again'
    return failure(name, `${finding}: this user may not open it`, repair)
  }
  const user = await userOf(path)
  return user ? warning(name, `${finding}: ${user} uses it`, `end ${user}`) : ok(name, finding)
}

/** The program that has a file open, such as "picocom (PID 1234)", as far as this user may see it. */
async function userOf(path: string): Promise<string | undefined> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
    const links = fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))
    if ((await Promise.all(links)).includes(path)) {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a program')
      return `${name.trim()} (PID ${pid})`
    }
  }
  return undefined
}

/** FTDI's driver holds what it receives back for this long (its latency_timer). */
async function checkLatency(path: string): Promise<Check[]> {
  const file = `/sys/bus/usb-serial/devices/${basename(path)}/latency_timer`
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return []
  const ms = Number(text)
  return [
    ms <= 1
      ? ok('latency timer', `${path} delivers after ${ms} ms`)
      : warning(
          'latency timer',
          `${path} delivers after ${ms} ms only`,
          `echo 1 | sudo tee ${file}, or install the udev rules`,
        ),
  ]
}

/** Looks at who answered at a port. */
export function checkFirmware({ firmwareVersion, serialNumber }: BridgeIdentity): Check {
  const { version } = shippedImage()
  return firmwareVersion === version
    ? ok('firmware', `${firmwareVersion}, serial number ${serialNumber}`)
    : warning(
        'firmware',
        `${firmwareVersion}, and ${version} comes with this program`,
        'blinkup firmware flash --port …',
      )
}
