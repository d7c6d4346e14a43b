import type { KindModule } from '../kind.js'
import { findPort } from './find-port.js'
import { listUsbPorts } from './list-ports.js'
import { openBridge } from './open.js'
import { isBoard, usbIdOf } from './usb-boards.js'

type BridgeKind = KindModule<'bridge'>

export const open: BridgeKind['open'] = async ({ port, ...options }, signal) =>
  openBridge(await findPort(port, signal), { ...options, signal })

export const list: BridgeKind['list'] = async () =>
  (await listUsbPorts()).filter(isBoard).map((port) => ({
    name: port.path,
    description: `USB ID ${usbIdOf(port)}, ${port.serialNumber ? `serial number ${port.serialNumber}` : 'no serial number'}`,
  }))

/** What can be told without opening it, which would reset it, is told of all ports (see `checkSerialPorts`). */
export const checks: BridgeKind['checks'] = async () => []
