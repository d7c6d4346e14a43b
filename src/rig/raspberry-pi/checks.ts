import { execFileSync } from 'node:child_process'
import { release } from 'node:os'
import { type Check, failure, ok, warning } from '../check.js'
import { ADC_CONFIG_LINES } from './adc.js'
import { findGpioWay, type GpioWay } from './gpio-output.js'
import { userInTable } from './gpio-sysfs.js'
import { findAdc, findTrigger } from './iio-device.js'
import { findPwm, overlayLine, PWM_PINS } from './pwm-output.js'
import { REAL_TIME_PRIORITY, schedulingRefusal } from './real-time.js'
import { readAttribute } from './sysfs.js'

const CONFIG_FILE = '/boot/firmware/config.txt'
/** Lines from here on are pulled down after a reset, those before it up ("BCM2835 ARM Peripherals", table 6-31). */
const FIRST_PULLED_LOW = 9
const GOVERNORS = '/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor'

/** Looks at a Raspberry Pi as a machine: all but the rig that hangs on it. */
export async function checkRaspberryPi(): Promise<Check[]> {
  const model = readAttribute('/sys/firmware/devicetree/base/model')
  const kernel = ok('kernel', `Linux ${release()}`)
  if (!model?.startsWith('Raspberry Pi')) {
    const machine = model ?? 'this machine'
    return [ok('model', `${machine} is no Raspberry Pi: rigs bridge and emulated only`), kernel]
  }
  return [ok('model', model), kernel, await checkGpio(), checkPwm(), checkAdc(), ...checkTiming()]
}

async function checkGpio(): Promise<Check> {
  try {
    const way = await findGpioWay()
    if (way.kind === 'gpio-sysfs') {
      return ok('gpio', `driven by sysfs and onoff, as ${way.whyNoDevice.message}`)
    }
    way.chip.close()
    return ok('gpio', `driven by ${way.chip.path}, ${way.chip.label}`)
  } catch (error) {
    return { name: 'gpio', status: 'failure', finding: (error as Error).message }
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
    ? ok('pwm', `there is one, which can be on BCM ${pins.join(', ')}`)
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
  } catch (error) {
    const finding = 'no real-time priority: edges come late when other programs run'
    return warning('real-time', finding, schedulingRefusal('chrt', error))
  }
}

/** Looks at lines of the header, by BCM numbers: who has them, and what they do while the Pi starts. Errors: RigError. */
export async function checkLines(lines: readonly number[], activeLow: boolean): Promise<Check[]> {
  const way = await findGpioWay()
  const checks = lines.map((line) => checkUser(`BCM ${line}`, userOf(way, line)))
  if (way.kind === 'gpio-device') way.chip.close()
  const pulledLow = lines.filter((line) => line >= FIRST_PULLED_LOW)
  if (!activeLow || pulledLow.length === 0) return checks
  const finding = `BCM ${pulledLow.join(' and ')} are pulled low until blinkup has run: the LED glows`
  const repair = `take lines below ${FIRST_PULLED_LOW}, or pull them up to 3.3 V by 10 kΩ`
  return [...checks, warning('active-low', finding, repair)]
}

/** Who has a line; null for nobody, undefined where that is not to be known. */
function userOf(way: GpioWay, line: number): string | null | undefined {
  if (way.kind === 'gpio-device') return way.chip.userOf(line)
  const table = readAttribute('/sys/kernel/debug/gpio')
  return table && userInTable(table, way.header, line)
}

function checkUser(name: string, user: string | null | undefined): Check {
  switch (user) {
    case undefined:
      return ok(name, 'who uses it only root may see (sudo blinkup doctor, with the same options)')
    case null:
      return ok(name, 'is free')
    case 'sysfs':
      return warning(
        name,
        'a program uses it, or has left it so',
        'blinkup off, with the same options',
      )
    case 'blinkup':
      return failure(name, 'another blinkup uses it', 'wait for its end, or end it')
    default: {
      const repair = `remove that from ${CONFIG_FILE}, end that program, or choose another line`
      return failure(name, `is used by ${user}`, repair)
    }
  }
}

/** Whether config.txt gives the PWM to this pin, as the kernel tells it to root only. */
export function checkPwmPin(pin: number): Check {
  const config = readAttribute(CONFIG_FILE)
  const pins = pwmPinsOf(config ?? '')
  return pins.includes(pin)
    ? ok('pwm pin', `${CONFIG_FILE} gives the PWM to BCM ${pin}`)
    : warning(
        'pwm pin',
        `${CONFIG_FILE} gives the PWM to ${pins.length > 0 ? `BCM ${pins.join(', ')}` : 'no pin'}: BCM ${pin} may stay dark`,
        `${overlayLine(pin)} there, and restart`,
      )
}

/** The pins of the overlays pwm and pwm-2chan, with their defaults (README of the Raspberry Pi firmware's overlays). */
export function pwmPinsOf(config: string): number[] {
  return [...config.matchAll(/^\s*dtoverlay=(pwm|pwm-2chan)(,.*)?$/gm)].flatMap(
    ([, overlay, parameters = '']) => {
      const pin = /,\s*pin=(\d+)/.exec(parameters)?.[1] ?? '18'
      const pin2 = /,\s*pin2=(\d+)/.exec(parameters)?.[1] ?? '19'
      return (overlay === 'pwm' ? [pin] : [pin, pin2]).map(Number)
    },
  )
}
