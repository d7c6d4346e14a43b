/** What a USB device says of itself. */
export interface UsbDevice {
  /** Four hex digits in lower case. */
  readonly vendorId: string
  /** Four hex digits in lower case. */
  readonly productId: string
  /** Cheap converters have none. */
  readonly serialNumber?: string | undefined
}

/** The vendor IDs of Arduino, and of the arduino.org of 2015 to 2017. */
const ARDUINO_VENDORS: readonly string[] = ['2341', '2a03']

/**
 * The USB vendor and product IDs of Unos, and of the converters on Nanos and on compatible boards, with the module of
 * Linux that makes a serial port of each. Sources: boards.txt of Arduino's AVR core 1.8.7 for Arduino's, linux-usb.org's
 * usb.ids and the aliases of Linux 6.1's modules for the others, but where noted.
 */
const DRIVERS: Readonly<Record<string, string>> = {
  '2341:0001': 'cdc_acm', // Uno
  '2341:0043': 'cdc_acm', // Uno R3
  '2341:0062': 'cdc_acm', // Uno Mini LE
  '2341:006a': 'cdc_acm', // Uno
  '2341:0243': 'cdc_acm', // Uno R3
  '2a03:0043': 'cdc_acm', // Uno R3 of arduino.org
  '2a03:0057': 'cdc_acm', // Uno WiFi, the first one
  '0403:6001': 'ftdi_sio', // FTDI FT232
  '0403:6015': 'ftdi_sio', // FTDI FT-X
  '067b:2303': 'pl2303', // Prolific PL2303
  '067b:23a3': 'pl2303', // Prolific PL2303G, in six types
  '067b:23b3': 'pl2303',
  '067b:23c3': 'pl2303',
  '067b:23d3': 'pl2303',
  '067b:23e3': 'pl2303',
  '067b:23f3': 'pl2303',
  '10c4:ea60': 'cp210x', // Silicon Labs CP210x
  '1a86:55d3': 'cdc_acm', // QinHeng CH343: ID not verified
  '1a86:55d4': 'cdc_acm', // QinHeng CH9102: ID not verified
  '1a86:5523': 'ch341', // QinHeng CH341
  '1a86:7522': 'ch341', // QinHeng CH340K
  '1a86:7523': 'ch341', // QinHeng CH340
}

/** USB IDs that a board for the firmware has, four hex digits each in lower case: `vendor:product`. */
export const BOARD_IDS: readonly string[] = Object.keys(DRIVERS)

/** Arduinos that are easily taken for one of these, by USB ID; none of the IDs is verified. */
const OTHER_ARDUINOS: Readonly<Record<string, string>> = {
  '2341:0058': 'a Nano Every',
  '2341:0069': 'an Uno R4 Minima',
  '2341:1002': 'an Uno R4 WiFi',
}

/** The USB ID of a device: `vendor:product`. */
export function usbIdOf({ vendorId, productId }: UsbDevice): string {
  return `${vendorId}:${productId}`
}

/** Whether it may be an Uno, a Nano, or a board like them. */
export function isBoard(device: UsbDevice): boolean {
  return BOARD_IDS.includes(usbIdOf(device))
}

/** What an Arduino is that cannot run the firmware, such as "an Uno R4 Minima (2341:0069), which has another chip". */
export function otherArduino(device: UsbDevice): string | undefined {
  if (isBoard(device) || !ARDUINO_VENDORS.includes(device.vendorId)) return undefined
  const id = usbIdOf(device)
  const name = OTHER_ARDUINOS[id]
  return name ? `${name} (${id}), which has another chip` : `an Arduino of another kind (${id})`
}

/** What to do about such an Arduino. */
export const TAKE_ANOTHER = 'use an Uno R3, or a Nano with an ATmega328P'

/** Whether it may have a Nano's old bootloader, as far as its USB ID says: no Uno has. */
export function mayBeOldNano(device: UsbDevice): boolean {
  return !ARDUINO_VENDORS.includes(device.vendorId)
}

/** What is wrong with a board that Linux has made no serial port for, and what to do. */
export function lackOfPort(device: UsbDevice): { finding: string; repair: string } {
  const driver = DRIVERS[usbIdOf(device)]
  const load = `load the driver (sudo modprobe ${driver})`
  // Ubuntu 22.04 starts it for such converters unasked.
  const brltty = 'remove brltty, which takes it for a Braille display (sudo apt remove brltty)'
  return {
    finding: `a possible Uno or Nano (USB ID ${usbIdOf(device)}) is plugged in but has no serial port`,
    repair: `${driver === 'cdc_acm' ? load : `${brltty}, or ${load}`}, and plug it in again`,
  }
}
