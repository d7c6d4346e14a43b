import { portAt } from './list-ports.js'
import { sharingAt } from './port-users.js'
import { otherArduino, TAKE_ANOTHER } from './usb-boards.js'

/** Why nothing answers at a serial port, as far as this machine can tell, and what to do; else undefined. */
export async function reasonForSilence(path: string): Promise<string | undefined> {
  const sharing = sharingAt(path)
  if (sharing) return sharing
  const device = await portAt(path)
  const other = device && otherArduino(device)
  return other && `it is ${other}: ${TAKE_ANOTHER}`
}
