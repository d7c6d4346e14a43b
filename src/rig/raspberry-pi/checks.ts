import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { release } from 'node:os'
import { type Check, failure, ok, warning } from '../check.js'
import { ADC_CONFIG_LINES } from './adc.js'
import { headerBase } from './gpio-chip.js'
import { findAdc, findTrigger } from './iio-device.js'
import { findPwm, overlayLine, PWM_PINS } from './pwm-output.js'
import { REAL_TIME_PRIORITY } from './real-time.js'
import { readAttribute } from './sysfs.js'

const CONFIG_FILE = '/boot/firmware/config.txt'
const GPIO_FOLDER = '/sys/class/gpio'
const GOVERNORS = '/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor'

/** Looks at a Raspberry Pi as a machine: all but the rig that hangs on it. */
export async function checkRaspberryPi(): Promise<Check[]> {
  const model = readAttribute('/sys/firmware/devicetree/base/model')
  const kernel = ok('kernel', `Linux ${release()}`)
  if (!model?.startsWith('Raspberry Pi')) {
    const machine = model ?? 'this machine'
    return [ok('model', `${machine} is no Raspberry Pi: rigs bridge and emulated only`), kernel]
  }
  return [
    ok('model', model),
    kernel,
    checkBase(),
    await checkOnoff(),
    checkGpioPermission(),
    checkPwm(),
    checkAdc(),
    ...checkTiming(),
  ]
}

function checkBase(): Check {
  try {
    return ok('gpio base', `BCM 0 is the kernel's line ${headerBase()}`)
  } catch (error) {
    return failure('gpio base', (error as Error).message, 'use a kernel with CONFIG_GPIO_SYSFS')
  }
}

async function checkOnoff(): Promise<Check> {
  try {
    await import('onoff')
    return ok('onoff', 'is installed')
  } catch {
    const repair = 'sudo apt install build-essential python3, then install blinkup again'
    return failure('onoff', 'is not installed: there was no compiler', repair)
  }
}

function checkGpioPermission(): Check {
  try {
    accessSync(`${GPIO_FOLDER}/export`, constants.W_OK)
    return ok('gpio permission', 'this user may use GPIO lines')
  } catch {
    const repair = 'sudo usermod -aG gpio $USER, then log in again'
    return failure('gpio permission', `this user may not write ${GPIO_FOLDER}/export`, repair)
  }
}

function checkPwm(): Check {
  const pins = PWM_PINS.filter((pin) => {
    try {
      return findPwm(pin)
    } catch {
      return false
    }
  })
  return pins.length > 0
    ? ok('pwm', `there is a PWM for BCM ${pins.join(', ')}, as far as the overlay says so`)
    : warning('pwm', 'there is none: no pwm rig', `${overlayLine(18)} in ${CONFIG_FILE}`)
}

function checkAdc(): Check {
  const adc = findAdc(0)
  if (!adc) {
    const repair = `${ADC_CONFIG_LINES.join(' and ')} in ${CONFIG_FILE}`
    return warning('adc', 'there is none: no photodiode of its own', repair)
  }
  const trigger = findTrigger(adc)
  const way = trigger ? `by its buffer and the trigger ${trigger.name}` : 'by polling'
  return ok('adc', `${adc.name} is read ${way}`)
}

/** What decides how well this machine keeps to a schedule. */
export function checkTiming(): Check[] {
  const governor = readAttribute(GOVERNORS.replace('*', '0'))
  const isolated = readAttribute('/sys/devices/system/cpu/isolated')
  return [
    checkRealTime(),
    isolated
      ? ok('isolated cpu', `CPU ${isolated} is for the light alone`)
      : ok('isolated cpu', 'none; "isolcpus=3" in cmdline.txt keeps one for the light alone'),
    governor === undefined || governor === 'performance'
      ? ok('governor', governor ?? 'none: the clock of the CPU is not changed')
      : warning(
          'governor',
          `${governor} slows the CPU down between edges`,
          `echo performance | sudo tee ${GOVERNORS}`,
        ),
  ]
}

function checkRealTime(): Check {
  try {
    execFileSync('chrt', ['--fifo', String(REAL_TIME_PRIORITY), 'true'], { stdio: 'ignore' })
    return ok('real-time', 'real-time priority is granted')
  } catch {
    return warning(
      'real-time',
      'real-time priority is refused: edges come late when other programs run',
      `echo "@gpio - rtprio ${REAL_TIME_PRIORITY}" | sudo tee /etc/security/limits.d/blinkup.conf, then log in again`,
    )
  }
}

/** Looks at lines of the header: who has them. BCM numbers. */
export function checkLines(pins: readonly number[]): Check[] {
  const base = headerBase()
  // Lines such as " gpio-529 (GPIO17              |sysfs               ) out lo".
  const table = readAttribute('/sys/kernel/debug/gpio')
  return pins.map((pin) => {
    const name = `BCM ${pin}`
    if (table === undefined) return ok(name, 'who uses it only root can see (sudo blinkup doctor)')
    const entry = new RegExp(`^ *gpio-${base + pin} +\\(([^|)]*)\\|([^)]*)\\)`, 'm').exec(table)
    const user = entry?.[2]?.trim()
    if (!user) return ok(name, 'is free')
    return user === 'sysfs'
      ? warning(name, 'a program has left it exported', 'blinkup off, with the same options')
      : failure(
          name,
          `is used by ${user}`,
          `remove what uses it from ${CONFIG_FILE}, or choose another line`,
        )
  })
}
