import type { Command } from 'commander'
import { interruptible } from './interrupt.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { tell } from './terminal.js'
import { withRig } from './with-rig.js'

export function addOff(program: Command): void {
  const command = program
    .command('off')
    .description('turn the LED dark, whatever a program that was killed has left')
  addRigOptions(command).action(async (options) => {
    const { rig } = await loadLightSettings(options)
    const blind = 'photodiode' in rig ? { ...rig, photodiode: undefined } : rig
    await interruptible(async (signal) => {
      try {
        await withRig(blind, signal, async () => {})
      } catch (error) {
        tell('the LED may still be lit')
        throw error
      }
    })
    tell('the LED is dark')
  })
}
