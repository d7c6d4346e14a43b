import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { cpus, release } from 'node:os'
import { type Check, failure, ok, warning } from '../check.js'
import { RigError } from '../errors.js'
import { openAdc } from './adc.js'
import { CONFIG_FILE, pwmPinsOf } from './config-txt.js'
import { headerBase } from './gpio-chip.js'
import { ONOFF } from './gpio-output.js'
import { findPwm, otherPwms, overlayLine, PWM_PINS } from './pwm-output.js'
import { CHRT_PROGRAM, schedulingRefusal } from './real-time.js'
import { readAttribute } from './sysfs.js'

/** Lines from here on are pulled down after a reset, those before it up ("BCM2835 ARM Peripherals", table 6-31). */
const FIRST_PULLED_LOW = 9
const GPIO_FOLDER = '/sys/class/gpio'
const GOVERNORS = '/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor'

/** Which input of the ADC a capture would have, and how often it would sample it. */
interface AdcUse {
  readonly channel: number
  readonly sampleRateHz: number
}

/** Looks at a Raspberry Pi as a machine: all but the rig that hangs on it. Throws the signal's reason. */
export async function checkRaspberryPi(adc: AdcUse, signal: AbortSignal): Promise<Check[]> {
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
    await checkAdc(adc, signal),
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
    await import(ONOFF)
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
  if (pins.length > 0) return ok('pwm', `there is one, which can be on BCM ${pins.join(', ')}`)
  const finding = `there is none for the header${otherPwms()}: no pwm rig`
  return warning('pwm', finding, `${overlayLine(18)} in ${CONFIG_FILE}`)
}

/** Takes the first samples from it, as a capture does. */
async function checkAdc({ channel, sampleRateHz }: AdcUse, signal: AbortSignal): Promise<Check> {
  try {
    const adc = await openAdc(channel, sampleRateHz)
    try {
      for await (const _ of adc.samples({ signal })) break
    } finally {
      await adc.close()
    }
    signal.throwIfAborted()
    return ok('adc', `${adc.description}, ${adc.sampleRateHz} samples a second`)
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    return { name: 'adc', status: 'warning', finding: error.message }
  }
}

/** What decides how well this machine keeps to a schedule. */
function checkTiming(): Check[] {
  const governor = readAttribute(GOVERNORS.replace('*', '0'))
  const isolated = readAttribute('/sys/devices/system/cpu/isolated')
  return [
    checkRealTime(),
    checkIsolatedCpu(isolated, cpus().length),
    governor === undefined || governor === 'performance'
      ? ok('governor', governor ?? 'none: the clock of the CPU is not changed')
      : warning(
          'governor',
          `${governor} slows the CPU down between edges`,
          `echo performance | sudo tee ${GOVERNORS}`,
        ),
  ]
}

/** Whether a CPU is for the light alone, on a machine with so many. A Pi has four, or one. */
export function checkIsolatedCpu(isolated: string | undefined, cpuCount: number): Check {
  if (isolated) return ok('isolated cpu', `CPU ${isolated} is for the light alone`)
  const advice = '; "isolcpus=3" in cmdline.txt keeps one for the light alone'
  return ok('isolated cpu', `none${cpuCount === 4 ? advice : ''}`)
}

function checkRealTime(): Check {
  try {
    execFileSync('chrt', [...CHRT_PROGRAM, 'true'], { stdio: 'pipe' })
    return ok('real-time', 'real-time priority is granted')
  } catch (error) {
    const finding = 'no real-time priority: edges come late when other programs run'
    return warning('real-time', finding, schedulingRefusal('chrt', error))
  }
}

/** Looks at lines of the header, by BCM numbers: who has them, and what they do while the Pi starts. */
export function checkLines(lines: readonly number[], activeLow: boolean): Check[] {
  const base = headerBase()
  const table = readAttribute('/sys/kernel/debug/gpio')
  const checks = lines.map((line) => checkUser(`BCM ${line}`, base + line, table))
  const pulledLow = lines.filter((line) => line >= FIRST_PULLED_LOW)
  if (!activeLow || pulledLow.length === 0) return checks
  const finding = `BCM ${pulledLow.join(' and ')} are pulled low until blinkup has run: the LED glows`
  const repair = `take lines below ${FIRST_PULLED_LOW}, or pull them up to 3.3 V by 10 kΩ`
  return [...checks, warning('active-low', finding, repair)]
}

function checkUser(name: string, number: number, table: string | undefined): Check {
  if (table === undefined) {
    return ok(name, 'who uses it only root may see (sudo blinkup doctor, with the same options)')
  }
  // Lines such as " gpio-529 (GPIO17              |sysfs               ) out lo".
  const [, user] = new RegExp(`^ *gpio-${number} +\\([^|)]*\\|([^)]*)\\)`, 'm').exec(table) ?? []
  if (user === undefined) return ok(name, 'is free')
  return user.trim() === 'sysfs'
    ? warning(name, 'a program uses it, or has left it so', 'blinkup off, with the same options')
    : failure(
        name,
        `is used by ${user.trim()}`,
        `remove that from ${CONFIG_FILE}, or choose another line`,
      )
}

/** Whether config.txt gives the PWM to this pin, as the kernel tells it to root only. */
export function checkPwmPin(pin: number): Check {
  const model = readAttribute('/sys/firmware/devicetree/base/model') ?? ''
  const pins = pwmPinsOf(readAttribute(CONFIG_FILE) ?? '', model)
  return pins.includes(pin)
    ? ok('pwm pin', `${CONFIG_FILE} gives the PWM to BCM ${pin}`)
    : warning(
        'pwm pin',
        `${CONFIG_FILE} gives the PWM to ${pins.length > 0 ? `BCM ${pins.join(', ')}` : 'no pin'}: BCM ${pin} may stay dark`,
        `${overlayLine(pin)} there, and restart`,
      )
}
