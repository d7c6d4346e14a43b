import type { Command } from 'commander'
import { checkLight } from '../bench/check-light.js'
import { measureLightLevels } from '../bench/light-levels.js'
import type { Failure } from '../report/documents.js'
import { checkFirmware, checkSerialPorts } from '../rig/bridge/checks.js'
import { type Check, ok, refused } from '../rig/check.js'
import { type CompleteConfig, PHOTODIODES } from '../rig/config.js'
import { RigError } from '../rig/errors.js'
import { checkRig } from '../rig/open.js'
import { checkRaspberryPi } from '../rig/raspberry-pi/checks.js'
import { printDocument } from './document.js'
import { CommandError, EXIT, explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { withRemedy } from './remedies.js'
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
      ? printDocument({ schema: 'blinkup.doctor/1', checks: checks.map(worded), error })
      : print(checks.map(worded).flatMap(checkText)))
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
      if (rig.photodiode) checks.push(...checkLight(await measureLightLevels(rig, signal)))
    })
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    checks.push(refused('rig', 'failure', error))
  }
  return checks
}

/** What is last in its line says what its remedy is on this command line. */
function worded({ remedy, ...check }: Check): Check {
  const { finding, repair } = check
  if (remedy === undefined) return check
  return repair === undefined
    ? { ...check, finding: withRemedy(finding, remedy), remedy }
    : { ...check, repair: withRemedy(repair, remedy), remedy }
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
