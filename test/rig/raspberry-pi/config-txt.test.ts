import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pwmPinsOf } from '../../../src/rig/raspberry-pi/config-txt.js'

const PI4 = 'Raspberry Pi 4 Model B Rev 1.4'

test.each([
  ['', []],
  ['# dtoverlay=pwm', []],
  ['dtoverlay=pwm', [18]],
  ['dtoverlay=pwm,pin=12,func=4', [12]],
  ['dtoverlay=pwm:pin=12,func=4', [12]],
  ['dtoverlay=pwm,pin=12,func=4\r\n', [12]],
  ['dtparam=spi=on\n  dtoverlay=pwm,func=4,pin=13\n', [13]],
  ['dtoverlay=pwm-2chan', [18, 19]],
  ['dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4', [12, 13]],
  ['dtoverlay=pwm-gpio,gpio=4', []],
  // Parameters go with the overlay above them.
  ['dtoverlay=pwm\ndtparam=pin=12,func=4', [12]],
  ['dtoverlay=pwm\ndtparam=func=4\n# BCM 13\ndtparam=pin=13', [13]],
  ['dtparam=pin=12\ndtoverlay=pwm', [18]],
  ['dtoverlay=pwm\ndtoverlay=w1-gpio\ndtparam=pin=12', [18]],
  ['dtoverlay=pwm\ndtoverlay=\ndtparam=pin=12', [18]],
  ['dtoverlay=pwm\ndtparam=pin2=12', [18]],
  // Sections.
  ['[cm5]\ndtoverlay=pwm,pin=18,func=2\n[all]', []],
  ['[cm5]\ndtoverlay=pwm\n[all]\ndtoverlay=pwm,pin=12,func=4', [12]],
  ['[pi4]\ndtoverlay=pwm,pin=12,func=4', [12]],
  ['[PI4]\ndtoverlay=pwm,pin=12,func=4', [12]],
  ['[pi5]\n[pi4]\ndtoverlay=pwm', [18]],
  ['[none]\ndtoverlay=pwm', []],
  ['[HDMI:1]\n[pi4]\ndtoverlay=pwm', []],
  ['[pi4]\n[gpio4=1]\ndtoverlay=pwm', []],
  ['dtoverlay=pwm\n[pi5]\ndtparam=pin=12', [18]],
  ['[constructor]\ndtoverlay=toString,valueOf=12', []],
])('%j gives the PWM of a Pi 4 to %j', (config, pins) => {
  expect(pwmPinsOf(config, PI4)).toEqual(pins)
})

const SECTIONS = 'pi0 pi0w pi02 pi1 pi2 pi3 pi3+ pi4 pi400 pi5 pi500 cm1 cm3 cm3+ cm4 cm4s cm5'
test.each([
  ['Model B Plus Rev 1.2', 'pi1'],
  ['Compute Module Rev 1.0', 'pi1 cm1'],
  ['2 Model B Rev 1.1', 'pi2'],
  ['3 Model B Rev 1.2', 'pi3'],
  ['3 Model B Plus Rev 1.3', 'pi3 pi3+'],
  ['Compute Module 3 Rev 1.0', 'pi3 cm3'],
  ['Compute Module 3 Plus Rev 1.0', 'pi3 cm3 cm3+'],
  ['4 Model B Rev 1.4', 'pi4'],
  ['400 Rev 1.0', 'pi4 pi400'],
  ['Compute Module 4 Rev 1.0', 'pi4 cm4'],
  ['Compute Module 4S Rev 1.0', 'pi4 cm4s'],
  ['5 Model B Rev 1.0', 'pi5'],
  ['500 Rev 1.0', 'pi5 pi500'],
  ['Compute Module 5 Lite Rev 1.0', 'pi5 cm5'],
  ['Zero Rev 1.3', 'pi0'],
  ['Zero W Rev 1.1', 'pi0 pi0w'],
  ['Zero 2 W Rev 1.0', 'pi0 pi0w pi02'],
])('a Raspberry Pi %s reads %s', (model, sections) => {
  const read = SECTIONS.split(' ').filter(
    (section) => pwmPinsOf(`[${section}]\ndtoverlay=pwm`, `Raspberry Pi ${model}`).length > 0,
  )
  expect(read.join(' ')).toBe(sections)
})

test('any text gives pins', () => {
  const words = '[ ] pi4 all cm5 dtoverlay dtparam pwm pwm-2chan pin pin2 = , : 12 \n # __proto__'
  const word = fc.oneof(fc.constantFrom(...words.split(' ')), fc.string())
  fc.assert(
    fc.property(fc.array(word, { size: 'medium' }), (config) => {
      for (const pin of pwmPinsOf(config.join(''), PI4)) expect(pin).toBeGreaterThanOrEqual(0)
    }),
  )
})
