import type { KindModule } from '../kind.js'
import { listUsbPorts } from './list-ports.js'
import { openBridgeCalled } from './open-called.js'
import { isBoard, usbIdOf } from './usb-boards.js'

type BridgeKind = KindModule<'bridge'>

export const open: BridgeKind['open'] = ({ port, ...options }, signal) =>
  openBridgeCalled(port, { ...options, signal })

export const list: BridgeKind['list'] = async () =>
  (await listUsbPorts()).filter(isBoard).map((port) => ({
    name: port.path,
    description: `USB ID ${usbIdOf(port)}, ${port.serialNumber ? `serial number ${port.serialNumber}` : 'no serial number'}`,
  }))

/** What can be told without opening it, which would reset it, is told of all ports (see `checkSerialPorts`). */
export const checks: BridgeKind['checks'] = async () => []
