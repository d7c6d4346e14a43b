import { RigError } from '../errors.js'
import { namesIn, readAttribute } from './sysfs.js'

const GPIO_FOLDER = '/sys/class/gpio'

/**
 * Labels of the chip behind the 40-pin header: Pi 0 to 3, Pi 4, and Pi 5 (the kernel's pinctrl-bcm2835.c
 * and pinctrl-rp1.c).
 */
const HEADER_CHIPS = ['pinctrl-bcm2835', 'pinctrl-bcm2711', 'pinctrl-rp1']

/** BCM numbers on the header without the two that are for the EEPROM of a HAT. */
export const FIRST_LINE = 2
export const LAST_LINE = 27

/**
 * The kernel's number of the header's first GPIO line: 0 on old kernels, 512 and others on new ones.
 *
 * @throws RigError 'missing' on a machine without such a header
 */
export function headerBase(): number {
  const chips = namesIn(GPIO_FOLDER)
    .filter((name) => name.startsWith('gpiochip'))
    .map((name) => ({
      label: readAttribute(`${GPIO_FOLDER}/${name}/label`) ?? '',
      base: readAttribute(`${GPIO_FOLDER}/${name}/base`),
    }))
  const header = chips.find(({ label }) => HEADER_CHIPS.includes(label))
  if (header?.base !== undefined) return Number(header.base)
  const found =
    chips.length > 0 ? ` (its GPIO chips: ${chips.map(({ label }) => label).join(', ')})` : ''
  throw new RigError(
    'missing',
    `this machine has no Raspberry Pi's header${found}: use --rig bridge or --rig emulated`,
  )
}
