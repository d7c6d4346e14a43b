import type { Command } from 'commander'
import { type LightLevels, measureLightLevels } from '../bench/light-levels.js'
import { GOOD_LIGHT } from '../light/limits.js'
import type { Failure } from '../report/documents.js'
import { checkFirmware, checkSerialPorts } from '../rig/bridge/checks.js'
import { type Check, failure, ok, warning } from '../rig/check.js'
import { type CompleteConfig, PHOTODIODES } from '../rig/config.js'
import { RigError } from '../rig/errors.js'
import { checkRig } from '../rig/open.js'
import { checkRaspberryPi } from '../rig/raspberry-pi/checks.js'
import { printDocument } from './document.js'
import { CommandError, EXIT, explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { type Coloured, print, shown } from './terminal.js'
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
    const error = failureOf(checks)
    await (json
      ? printDocument({ schema: 'blinkup.doctor/1', checks, error })
      : print(checks.flatMap(checkText)))
    if (error) process.exitCode = error.exitCode
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

export function checkLevels({ black, flicker, grey, white, greyRatio }: LightLevels): Check[] {
  const part = (level: number): string => level.toFixed(3)
  const [leastGrey, mostGrey] = GOOD_LIGHT.greyRatio
  const swing = Math.abs(white - black)
  // Of an inverting sensor, as if its level rose with light.
  const fromDark = (level: number): number => (white < black ? 1 - level : level)
  if (!(swing >= GOOD_LIGHT.leastChange)) {
    const repair = 'see whether the LED lights up, and whether the sensor faces it'
    return [
      failure('light', `the sensor sees none: ${part(black)} dark, ${part(white)} lit`, repair),
    ]
  }
  return [
    fromDark(black) <= GOOD_LIGHT.mostBlack
      ? ok('black', `${part(black)} of full scale, with the LED dark`)
      : warning(
          'black',
          `${part(black)} of full scale, with the LED dark`,
          'keep other light away, or see whether the LED is really dark',
        ),
    flicker <= GOOD_LIGHT.mostFlicker * swing
      ? ok('flicker', `${part(flicker)} peak to peak`)
      : warning(
          'flicker',
          `${part(flicker)} peak to peak is much beside a swing of ${part(swing)}`,
          'put a tube over LED and sensor',
        ),
    fromDark(white) >= GOOD_LIGHT.saturated
      ? failure(
          'white',
          `${part(white)}: the sensor saturates`,
          'a smaller gain resistor, or less current in the LED',
        )
      : swing < GOOD_LIGHT.leastSwing
        ? failure(
            'white',
            `${part(white)}: the swing of ${part(swing)} is too small`,
            'aim, come closer, or a larger gain resistor',
          )
        : ok('white', part(white)),
    greyRatio >= leastGrey && greyRatio <= mostGrey
      ? ok('grey', `${part(grey)}, ${part(greyRatio)} of white`)
      : failure(
          'grey',
          `${part(grey)}, ${part(greyRatio)} of white`,
          'about 0.52: --grey, or the resistors',
        ),
  ]
}

function failureOf(checks: readonly Check[]): Failure | null {
  const failed = checks.filter(({ status }) => status === 'failure').map(({ name }) => name)
  if (failed.length === 0) return null
  return explain(new CommandError(EXIT.checkFailed, `not as it should be: ${failed.join(', ')}`))
}

function checkText({ name, status, finding, repair }: Check): (string | Coloured)[] {
  const words = { ok: 'ok     ', warning: 'warning', failure: 'FAILURE' }[status]
  const coloured = status === 'ok' ? words : { colour: COLOURS[status], text: words }
  return [coloured, ` ${name.padEnd(15)} ${shown(`${finding}${repair ? `: ${repair}` : ''}`)}\n`]
}

const COLOURS = { warning: 'yellow', failure: 'red' } as const
