import type { Command } from 'commander'
import { makeMessage } from '../bench/message.js'
import { LateLightError } from '../rig/errors.js'
import type { PlayReport } from '../rig/rig.js'
import { addCredentialOptions } from './credentials.js'
import { explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { loadMessage, type Message, tellDuration } from './message.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { addSymbolOptions } from './symbol-options.js'
import { formatPacing, LightDisplay, print, printJson, Warnings } from './terminal.js'
import { withRig } from './with-rig.js'

export function addSend(program: Command): void {
  const command = program
    .command('send')
    .description('play a message on an LED')
    .option('--json', 'print the report as JSON')
  addRigOptions(addSymbolOptions(addCredentialOptions(command))).action(async (options) => {
    const settings = await loadLightSettings(options)
    await sendMessage(await loadMessage(options, settings), settings, options.json)
  })
}

export function addClear(program: Command): void {
  const command = program
    .command('clear')
    .description("play the message that clears a device's wireless configuration")
    .option('--json', 'print the report as JSON')
  addRigOptions(addSymbolOptions(command)).action(async (options) => {
    const settings = await loadLightSettings(options)
    const message = makeMessage({ clear: true }, settings)
    await sendMessage({ ...message, isSecret: false }, settings, options.json)
  })
}

async function sendMessage(
  message: Message,
  settings: LightSettings,
  json: boolean,
): Promise<void> {
  const warnings = new Warnings()
  const printReport = (report: object): Promise<void> =>
    printJson({ schema: 'blinkup.send/1', ...report, warnings: warnings.told })
  try {
    const report = await play(message, settings, warnings)
    const durationS = report.symbols / report.symbolRateHz
    warnings.add(...(report.pacing?.scheduling.refusals ?? []))
    if (json) {
      const { symbols, symbolRateHz, greyRatio, pacing = null } = report
      await printReport({ symbols, symbolRateHz, durationS, greyRatio, failure: null, pacing })
    } else {
      await print(
        `sent ${report.symbols} symbols in ${durationS.toFixed(3)} s, at ${report.symbolRateHz.toFixed(4)} Hz\n`,
      )
      if (report.pacing) await print(`${formatPacing(report.pacing)}\n`)
    }
  } catch (error) {
    if (!(error instanceof LateLightError)) throw error
    // How bad it was is what the engineer needs most.
    const { pacing } = error
    const { message: failure } = explain(error)
    warnings.add(...pacing.scheduling.refusals)
    await (json ? printReport({ failure, pacing }) : print(`${formatPacing(pacing)}\n`))
    throw error
  }
}

async function play(
  message: Message,
  settings: LightSettings,
  warnings: Warnings,
): Promise<PlayReport> {
  const { symbolRateHz } = settings
  const display = new LightDisplay(message.sequence, symbolRateHz, message.isSecret)
  return interruptible(async (signal) => {
    tellDuration(message, symbolRateHz)
    warnings.add(...message.warnings)
    return withRig(settings.rig, signal, ({ emitter }) =>
      emitter
        .play(message.sequence, {
          symbolRateHz,
          signal,
          onProgress: (played) => display.update(played),
        })
        .finally(() => display.end()),
    )
  })
}
