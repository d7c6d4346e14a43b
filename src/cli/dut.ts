import type { Command, Option } from 'commander'
import { Imp } from '../factory/imp/imp.js'
import { type LightSource, photodiodeLight, recordedLight } from '../factory/imp/watch-light.js'
import { CommandError, EXIT } from './errors.js'
import { nameOf, readChunks } from './files.js'
import { addImpOptions, type ImpFlags, impOptions, readImpOs } from './imp-options.js'
import { runImp } from './imp-run.js'
import { interruptible } from './interrupt.js'
import { addRecordingOptions, type RecordingFlags, recordingOptions } from './recording-options.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { withRig } from './with-rig.js'

interface DutFlags extends ImpFlags, RecordingFlags {
  readonly warmStart?: boolean
  readonly ledGreen?: string
  readonly ledRed?: string
}

export function addDut(program: Command): void {
  const command = program
    .command('dut')
    .argument(
      '[recording]',
      'what it sees instead of the light of a rig: a recording, or symbols as encode prints them; - for standard input',
    )
    .description(
      'run a stand-in of an imp that is being made: it takes BlinkUp, and runs its firmware against the server',
    )
    .option('--application <file>', 'its program after the blessing')
    .option(
      '--impos <release>',
      "whose rules of BlinkUp's windows it keeps to: 40 or 42 (default: 42)",
      readImpOs,
    )
    .option(
      '--network <file>',
      'the simulated network, as TOML or JSON (default: what it looks for is there, with its password)',
    )
    .option(
      '--led-green <name>',
      'an LED of this computer that shows the green of the status LED, by its name in /sys/class/leds',
    )
    .option('--led-red <name>', 'one that shows its red; orange is both')
    .option('--warm-start', 'wake it from a sleep, instead of giving it power')
  addImpOptions(command)
  const own = command.options.length
  addRecordingOptions(command)
  const optionsOfRecording = command.options.slice(own)
  addRigOptions(command)
  // A recording has a sample rate, too.
  const optionsOfRig = command.options
    .slice(own + optionsOfRecording.length)
    .filter(({ long }) => long !== '--sample-rate')
  command.action(async (recording: string | undefined, flags: DutFlags) => {
    const given: Readonly<Record<string, unknown>> = { ...flags }
    const isGiven = (option: Option): boolean => given[option.attributeName()] !== undefined
    const stray = (recording === undefined ? optionsOfRecording : optionsOfRig).find(isGiven)
    if (stray) {
      throw new CommandError(
        EXIT.usage,
        recording === undefined
          ? `${stray.long} is for a recording: give one`
          : `${stray.long} is for a rig: it cannot see the recording`,
      )
    }
    const readAs = recording === undefined ? {} : recordingOptions(flags)
    const rig = recording === undefined ? (await loadLightSettings(given)).rig : undefined
    const options = await impOptions(flags, 'imp004m')
    await interruptible(async (signal) => {
      const run = (light: LightSource, signal: AbortSignal): Promise<void> =>
        runImp((onEvent) => new Imp({ ...options, light, onEvent }), {
          ...flags,
          schema: 'blinkup.dut/1',
          isCold: !flags.warmStart,
          leds: { green: flags.ledGreen, red: flags.ledRed },
          signal,
        })
      if (recording !== undefined) {
        return run(recordedLight(nameOf(recording), readChunks(recording), readAs), signal)
      }
      await withRig(rig as NonNullable<typeof rig>, signal, ({ photodiode, lost }) => {
        if (!photodiode) throw new CommandError(EXIT.usage, 'this rig has no photodiode')
        return run(photodiodeLight(photodiode), AbortSignal.any([signal, lost]))
      })
    })
  })
}
