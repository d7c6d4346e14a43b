import type { Command } from 'commander'
import { LateLightError } from '../rig/errors.js'
import { openRig } from '../rig/open.js'
import type { PlayReport } from '../rig/rig.js'
import { addCredentialOptions, loadCredentials } from './credentials.js'
import { interruptible } from './interrupt.js'
import { type Message, makeMessage, tellDuration } from './message.js'
import {
  addRigOptions,
  addSymbolOptions,
  type LightSettings,
  loadLightSettings,
} from './rig-options.js'
import { formatPacing, LightDisplay, print, printJson, warnOfRefusals } from './terminal.js'

export function addSend(program: Command): void {
  const command = program
    .command('send')
    .description('play a message on an LED')
    .option('--json', 'print the report as JSON')
  addRigOptions(addSymbolOptions(addCredentialOptions(command))).action(async (options) => {
    const settings = await loadLightSettings(options)
    const config = await loadCredentials(options, settings.dialect)
    await sendMessage(makeMessage(config, settings), settings, options.json)
  })
}

export function addClear(program: Command): void {
  const command = program
    .command('clear')
    .description("play the message that clears a device's wireless configuration")
    .option('--json', 'print the report as JSON')
  addRigOptions(addSymbolOptions(command)).action(async (options) => {
    const settings = await loadLightSettings(options)
    await sendMessage(makeMessage({ clear: true }, settings), settings, options.json)
  })
}

async function sendMessage(
  message: Message,
  settings: LightSettings,
  json: boolean,
): Promise<void> {
  try {
    const report = await play(message, settings)
    const durationS = report.symbols / report.symbolRateHz
    warnOfRefusals(report.pacing)
    if (json) {
      const { symbols, symbolRateHz, greyRatio, pacing = null } = report
      await printSend({ symbols, symbolRateHz, durationS, greyRatio, failure: null, pacing })
    } else {
      await print(
        `sent ${report.symbols} symbols in ${durationS.toFixed(3)} s, at ${report.symbolRateHz.toFixed(4)} Hz\n`,
      )
      if (report.pacing) await print(`${formatPacing(report.pacing)}\n`)
    }
  } catch (error) {
    if (!(error instanceof LateLightError)) throw error
    // How bad it was is what the engineer needs most.
    const { message: failure, pacing } = error
    warnOfRefusals(pacing)
    await (json ? printSend({ failure, pacing }) : print(`${formatPacing(pacing)}\n`))
    throw error
  }
}

const printSend = (report: object): Promise<void> =>
  printJson({ schema: 'blinkup.send/1', ...report })

async function play(message: Message, settings: LightSettings): Promise<PlayReport> {
  const { symbolRateHz } = settings
  const display = new LightDisplay(message.sequence, symbolRateHz)
  return interruptible(async (signal) => {
    tellDuration(message, symbolRateHz)
    const rig = await openRig(settings.rig, signal)
    try {
      return await rig.emitter.play(message.sequence, {
        symbolRateHz,
        signal,
        onProgress: (played) => display.update(played),
      })
    } finally {
      display.end()
      await rig.close()
    }
  })
}
