import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Check, ok, warning } from '../check.js'
import { shippedImage } from './flash.js'
import type { BridgeIdentity } from './identity.js'
import { listUsbPorts } from './list-ports.js'

/** Looks at the serial ports of this machine. */
export async function checkSerialPorts(): Promise<Check[]> {
  const ports = await listUsbPorts()
  if (ports.length === 0) return [ok('serial ports', 'no USB serial port is plugged in')]
  return (
    await Promise.all(
      ports.map(async ({ path, vendorId, productId, serialNumber }) => [
        ok(
          'serial port',
          `${path}, USB ID ${vendorId}:${productId}, ${serialNumber ? `serial number ${serialNumber}` : 'no serial number'}`,
        ),
        ...(await checkLatency(path)),
      ]),
    )
  ).flat()
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
