import type { Command } from 'commander'
import { MODELLED_LIGHT, type ModelledLight } from '../rig/config.js'
import { serveEmulatedBoard } from '../rig/emulated/serve.js'
import { interruptible } from './interrupt.js'
import { addSettings, LIGHT_FLAGS, settingsOf } from './light-options.js'
import { tell } from './terminal.js'

export function addEmulate(program: Command): void {
  const command = program
    .command('emulate')
    .description('run the bridge, with LED and photodiode, as a serial port of this computer')
    .requiredOption('--link <path>', 'name under which the serial port appears')
    .optionsGroup('Its light:')
  addSettings(command, LIGHT_FLAGS, (field) => MODELLED_LIGHT.shape[field as keyof ModelledLight])
  command.action(async ({ link, ...flags }: { link: string }) => {
    const light = settingsOf(flags, LIGHT_FLAGS, MODELLED_LIGHT)
    await interruptible(async (signal) => {
      await serveEmulatedBoard(
        link,
        signal,
        () => tell(`the emulated board is at ${link}; Ctrl-C ends it`),
        light,
      )
      signal.throwIfAborted()
    })
  })
}
