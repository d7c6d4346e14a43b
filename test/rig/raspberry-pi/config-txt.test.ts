import { expect, test } from 'vitest'
import { pwmPinsOf } from '../../../src/rig/raspberry-pi/checks.js'

test.each([
  ['', []],
  ['# dtoverlay=pwm', []],
  ['dtoverlay=pwm', [18]],
  ['dtoverlay=pwm,pin=12,func=4', [12]],
  ['dtparam=spi=on\n  dtoverlay=pwm,func=4,pin=13\n', [13]],
  ['dtoverlay=pwm-2chan', [18, 19]],
  ['dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4', [12, 13]],
  ['dtoverlay=pwm-gpio,gpio=4', []],
])('%j gives the PWM to %j', (config, pins) => {
  expect(pwmPinsOf(config)).toEqual(pins)
})
