import type { Command } from 'commander'
import { type LightLevels, measureLightLevels } from '../bench/light-levels.js'
import { type Grade, grade, LEAST_CHANGE, LIGHT_LIMITS } from '../light/limits.js'
import { checkFirmware, checkSerialPorts } from '../rig/bridge/checks.js'
import { type Check, failure, ok, warning } from '../rig/check.js'
import { type CompleteConfig, PHOTODIODES } from '../rig/config.js'
import { RigError } from '../rig/errors.js'
import { checkRig } from '../rig/open.js'
import { checkRaspberryPi } from '../rig/raspberry-pi/checks.js'
import { EXIT } from './errors.js'
import { interruptible } from './interrupt.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { type Coloured, print, printJson, shown } from './terminal.js'
import { withRig } from './with-rig.js'

export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'look at this machine and, with options of a rig, at the rig and its light; say how to mend what is wrong',
    )
    .option('--json', 'print the checks as JSON')
  addRigOptions(command).action(async (options) => {
    const { json, ...rigOptions } = options
    const isRigGiven = Object.keys(rigOptions).length > 0
    const { rig } = isRigGiven ? await loadLightSettings(rigOptions) : {}
    const checks = await interruptible((signal) => look(rig, signal))
    await (json
      ? printJson({ schema: 'blinkup.doctor/1', checks })
      : print(checks.flatMap(checkText)))
    if (checks.some(({ status }) => status === 'failure')) process.exitCode = EXIT.checkFailed
  })
}

async function look(rig: CompleteConfig | undefined, signal: AbortSignal): Promise<Check[]> {
  const photodiode = rig && 'photodiode' in rig ? rig.photodiode : undefined
  const adc = photodiode?.kind === 'adc' ? photodiode : PHOTODIODES.adc.parse({ kind: 'adc' })
  const checks = [...(await checkRaspberryPi(adc, signal)), ...(await checkSerialPorts())]
  if (rig) checks.push(...(await lookAtRig(rig, signal)))
  return checks
}

async function lookAtRig(config: CompleteConfig, signal: AbortSignal): Promise<Check[]> {
  const checks: Check[] = []
  try {
    checks.push(...(await checkRig(config)))
    await withRig(config, signal, async (rig) => {
      checks.push(ok('rig', `${config.kind} is open, and dark`))
      const { info } = rig
      const board = [info, info.photodiode].find((part) => part?.firmwareVersion)
      if (board) checks.push(checkFirmware(board))
      if (rig.photodiode) checks.push(...checkLevels(await measureLightLevels(rig, signal)))
    })
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    checks.push({ name: 'rig', status: 'failure', finding: error.message })
  }
  return checks
}

/** The light by `LIGHT_LIMITS`: what is marginal is a warning, what is worse a failure. */
export function checkLevels({ black, flicker, grey, white, greyRatio }: LightLevels): Check[] {
  const part = (level: number): string => level.toFixed(3)
  const swing = Math.abs(white - black)
  // Of an inverting sensor, as if its level rose with light.
  const fromDark = (level: number): number => (white < black ? 1 - level : level)
  if (!(swing >= LEAST_CHANGE.ofMeans)) {
    const repair = 'see whether the LED lights up, and whether the sensor faces it'
    return [
      failure('light', `the sensor sees none: ${part(black)} dark, ${part(white)} lit`, repair),
    ]
  }
  const whiteLevel = fromDark(white)
  const isWeak = grade(LIGHT_LIMITS.swing, swing) === 'bad'
  const isDim = isWeak || whiteLevel < LIGHT_LIMITS.white.good[0]
  return [
    graded(
      'black',
      grade(LIGHT_LIMITS.black, fromDark(black)),
      `${part(black)} of full scale, with the LED dark`,
      'keep other light away, or see whether the LED is really dark',
    ),
    graded(
      'flicker',
      grade(LIGHT_LIMITS.flicker, flicker / swing),
      `${part(flicker)} peak to peak, with a swing of ${part(swing)}`,
      'put a tube over LED and sensor',
    ),
    graded(
      'white',
      isWeak ? 'bad' : grade(LIGHT_LIMITS.white, whiteLevel),
      `${part(white)}, a swing of ${part(swing)}`,
      isDim
        ? 'too little light: aim, come closer, or a larger gain resistor'
        : 'the sensor saturates, or nearly: a smaller gain resistor, or less current in the LED',
    ),
    graded(
      'grey',
      grade(LIGHT_LIMITS.greyRatio, greyRatio),
      `${part(grey)}, ${part(greyRatio)} of white`,
      'about 0.52: --grey, or the resistors',
    ),
  ]
}

function graded(name: string, grade: Grade, finding: string, repair: string): Check {
  if (grade === 'good') return ok(name, finding)
  return (grade === 'marginal' ? warning : failure)(name, finding, repair)
}

function checkText({ name, status, finding, repair }: Check): (string | Coloured)[] {
  const words = { ok: 'ok     ', warning: 'warning', failure: 'FAILURE' }[status]
  const coloured = status === 'ok' ? words : { colour: COLOURS[status], text: words }
  return [coloured, ` ${name.padEnd(15)} ${shown(`${finding}${repair ? `: ${repair}` : ''}`)}\n`]
}

const COLOURS = { warning: 'yellow', failure: 'red' } as const
