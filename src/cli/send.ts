import type { Command } from 'commander'
import { makeMessage } from '../bench/message.js'
import { LateLightError } from '../rig/errors.js'
import type { PlayReport } from '../rig/rig.js'
import { addCredentialOptions } from './credentials.js'
import { printDocument } from './document.js'
import { explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { loadMessage, type Message, tellDuration } from './message.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { addSymbolOptions } from './symbol-options.js'
import { formatPacing, LightDisplay, print, warn } from './terminal.js'
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
  const { length: symbols } = message.sequence.levels
  try {
    const { symbolRateHz, greyRatio, pacing = null } = await play(message, settings)
    const durationS = symbols / symbolRateHz
    for (const refusal of pacing?.scheduling.refusals ?? []) warn(refusal)
    if (json) {
      await printDocument({
        schema: 'blinkup.send/2',
        symbols,
        symbolRateHz,
        durationS,
        greyRatio,
        pacing,
        error: null,
      })
    } else {
      await print(
        `sent ${symbols} symbols in ${durationS.toFixed(3)} s, at ${symbolRateHz.toFixed(4)} Hz\n`,
      )
      if (pacing) await print(`${formatPacing(pacing)}\n`)
    }
  } catch (error) {
    if (!(error instanceof LateLightError)) throw error
    // How bad it was is what the engineer needs most.
    const { pacing } = error
    for (const refusal of pacing.scheduling.refusals) warn(refusal)
    if (json) {
      await printDocument({
        schema: 'blinkup.send/2',
        symbols,
        symbolRateHz: null,
        durationS: null,
        greyRatio: null,
        pacing,
        error: explain(error),
      })
    } else await print(`${formatPacing(pacing)}\n`)
    throw error
  }
}

async function play(message: Message, settings: LightSettings): Promise<PlayReport> {
  const { symbolRateHz } = settings
  const display = new LightDisplay(message.sequence, symbolRateHz, message.isSecret)
  return interruptible(async (signal) => {
    tellDuration(message, symbolRateHz)
    for (const warning of message.warnings) warn(warning)
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
