import type { Command } from 'commander'
import { makeMessage } from '../bench/message.js'
import { LateLightError } from '../rig/errors.js'
import { addCredentialOptions } from './credentials.js'
import { printDocument } from './document.js'
import { addEnrollmentOptions, loadSourceFor, type TokenSource } from './enrollment.js'
import { explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { loadMessage, type Message } from './message.js'
import { playMessage } from './play-message.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { addSymbolOptions } from './symbol-options.js'
import { formatPacing, print, warn } from './terminal.js'

export function addSend(program: Command): void {
  const command = program
    .command('send')
    .description('play a message on an LED')
    .option('--json', 'print the report as JSON')
  addCredentialOptions(command)
  addEnrollmentOptions(command)
  addRigOptions(addSymbolOptions(command)).action(async (options) => {
    const settings = await loadLightSettings(options)
    const message = await loadMessage(options, settings, settings.enrollment !== null)
    const source = await loadSourceFor(message, settings.enrollment, options)
    await sendMessage(message, source, settings, options.json)
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
    await sendMessage({ ...message, isSecret: false }, null, settings, options.json)
  })
}

async function sendMessage(
  message: Message,
  source: TokenSource | null,
  settings: LightSettings,
  json: boolean,
): Promise<void> {
  const { length: symbols } = message.sequence.levels
  let planId: string | null = null
  try {
    const {
      symbolRateHz,
      greyRatio,
      pacing = null,
    } = await interruptible((signal) =>
      playMessage(message, settings, {
        source,
        signal,
        onReady: ({ config }) => {
          planId = config.clear ? null : (config.planId ?? null)
        },
      }),
    )
    const durationS = symbols / symbolRateHz
    for (const refusal of pacing?.scheduling.refusals ?? []) warn(refusal)
    if (json) {
      await printDocument({
        schema: 'blinkup.send/2',
        planId,
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
        planId,
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
