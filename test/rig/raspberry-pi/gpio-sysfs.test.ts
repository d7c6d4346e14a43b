import { describe, expect, test } from 'vitest'
import { userInTable } from '../../../src/rig/raspberry-pi/gpio-sysfs.js'

/** As kernels 6.12 and 7.2 print it, with another chip whose offsets are the header's, too. */
const TABLES = {
  'with numbers (6.12)': `gpiochip0: GPIOs 512-565, parent: platform/3f200000.gpio, pinctrl-bcm2835:
 gpio-529 (GPIO17              |spi0 CS0            ) out hi ACTIVE LOW
 gpio-539 (GPIO27              |sysfs               ) out lo

gpiochip1: GPIOs 566-573, parent: platform/soc:firmware:gpio, raspberrypi-exp-gpio, can sleep:
 gpio-570 (CAM_GPIO0           |cam                 ) out lo
`,
  'with offsets (7.2)': `gpiochip1: 8 GPIOs, parent: platform/soc:firmware:gpio, raspberrypi-exp-gpio, can sleep:
 gpio-4   (CAM_GPIO0           |cam                 ) out lo

gpiochip0: 54 GPIOs, parent: platform/3f200000.gpio, pinctrl-bcm2835:
 gpio-17  (GPIO17              |spi0 CS0            ) out hi ACTIVE LOW
 gpio-27  (GPIO27              |sysfs               ) out lo
`,
}

describe.each(Object.entries(TABLES))("the kernel's table of lines %s", (_, table) => {
  const header = { label: 'pinctrl-bcm2835', base: 512 }

  test.each([
    [17, 'spi0 CS0'],
    [27, 'sysfs'],
    [4, null],
  ])('says who has BCM %i: %s', (line, user) => {
    expect(userInTable(table, header, line)).toBe(user)
  })

  test('of another chip says nothing', () => {
    expect(userInTable(table, { label: 'pinctrl-rp1', base: 569 }, 17)).toBe(null)
  })
})
