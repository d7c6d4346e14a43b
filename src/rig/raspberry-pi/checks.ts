import { execFileSync } from 'node:child_process'
import { cpus, release } from 'node:os'
import { type Check, failure, ok, refused, warning } from '../check.js'
import { RigError } from '../errors.js'
import { openAdc } from './adc.js'
import { CONFIG_FILE, pwmPinsOf } from './config-txt.js'
import { PWM_PINS } from './gpio-header.js'
import { findGpioWay, type GpioWay } from './gpio-output.js'
import { userInTable } from './gpio-sysfs.js'
import { findPwm, otherPwms, overlayLine } from './pwm-output.js'
import { CHRT_PROGRAM, schedulingRefusal } from './real-time.js'
import { readAttribute } from './sysfs.js'

/** Lines from here on are pulled down after a reset, those before it up ("BCM2835 ARM Peripherals", table 6-31). */
const FIRST_PULLED_LOW = 9
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
    return [
      ok('model', `${machine} is not a Raspberry Pi: only the rigs bridge and emulated work`),
      kernel,
    ]
  }
  return [
    ok('model', model),
    kernel,
    await checkGpio(),
    checkPwm(),
    await checkAdc(adc, signal),
    ...checkTiming(),
  ]
}

async function checkGpio(): Promise<Check> {
  try {
    const way = await findGpioWay()
    if (way.kind === 'gpio-sysfs') {
      return ok('gpio', `driven by sysfs and onoff, because ${way.whyNoDevice.message}`)
    }
    way.chip.close()
    return ok('gpio', `driven by ${way.chip.path}, ${way.chip.label}`)
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    return refused('gpio', 'failure', error)
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
  if (pins.length > 0) return ok('pwm', `there is one, for BCM ${pins.join(', ')}`)
  const finding = `there is none for the header${otherPwms()}, so no pwm rig can be used`
  return warning('pwm', finding, `${overlayLine(18)} in ${CONFIG_FILE}`)
}

/** Takes the first samples from it, as a capture does. */
async function checkAdc({ channel, sampleRateHz }: AdcUse, signal: AbortSignal): Promise<Check> {
  try {
    await using adc = await openAdc(channel, sampleRateHz)
    for await (const _ of adc.samples({ signal })) break
    signal.throwIfAborted()
    return ok('adc', `${adc.description}, ${adc.sampleRateHz} samples a second`)
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    return refused('adc', 'warning', error)
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
      ? ok('governor', governor ?? 'none: the CPU clock does not change')
      : warning(
          'governor',
          `${governor} slows the CPU down between edges`,
          `echo performance | sudo tee ${GOVERNORS}`,
        ),
  ]
}

/** Whether a CPU is reserved for the light, on a machine with so many. A Pi has four, or one. */
export function checkIsolatedCpu(isolated: string | undefined, cpuCount: number): Check {
  if (isolated) return ok('isolated cpu', `CPU ${isolated} is reserved for the light`)
  const advice = '; "isolcpus=3" in cmdline.txt reserves one for the light'
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

/** Looks at lines of the header, by BCM numbers: who has them, and what they do while the Pi starts. Errors: RigError. */
export async function checkLines(lines: readonly number[], activeLow: boolean): Promise<Check[]> {
  const way = await findGpioWay()
  const checks = lines.map((line) => checkUser(`BCM ${line}`, userOf(way, line)))
  if (way.kind === 'gpio-device') way.chip.close()
  const pulledLow = lines.filter((line) => line >= FIRST_PULLED_LOW)
  if (!activeLow || pulledLow.length === 0) return checks
  const finding = `BCM ${pulledLow.join(' and ')} are pulled low until blinkup runs, so the LED glows`
  const repair = `use lines below ${FIRST_PULLED_LOW}, or pull them up to 3.3 V with 10 kΩ`
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
      return ok(name, 'only root can see who uses it', 'doctor-as-root')
    case null:
      return ok(name, 'is free')
    case 'sysfs':
      return warning(
        name,
        'a program uses it, or was killed and has left it in use',
        'turn the LED off',
        'off',
      )
    case 'blinkup':
      return failure(name, 'another blinkup uses it', 'wait until it ends, or end it')
    default: {
      const repair = `remove that from ${CONFIG_FILE}, end that program, or choose another line`
      return failure(name, `is used by ${user}`, repair)
    }
  }
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
