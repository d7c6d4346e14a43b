import type { Command } from 'commander'
import { serveEmulatedBoard } from '../rig/emulated/serve.js'
import { interruptible } from './interrupt.js'
import { tell } from './terminal.js'

export function addEmulate(program: Command): void {
  program
    .command('emulate')
    .description('run the bridge, with LED and photodiode, as a serial port of this computer')
    .requiredOption('--link <path>', 'name under which the serial port appears')
    .action(({ link }: { link: string }) =>
      interruptible(async (signal) => {
        await serveEmulatedBoard(link, signal, () =>
          tell(`the emulated board is at ${link}; Ctrl-C ends it`),
        )
        signal.throwIfAborted()
      }),
    )
}
