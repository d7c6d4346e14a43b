import { createInterface } from 'node:readline'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FactoryLight } from '../factory/api/host.js'
import { FactoryBlinkUp } from '../factory/fixture/factory-blink-up.js'
import { Imp } from '../factory/imp/imp.js'
import type { Pins } from '../factory/imp/pins.js'
import { machineTimebase } from '../rig/timebase.js'
import { addImpOptions, type ImpFlags, impOptions } from './imp-options.js'
import { runImp } from './imp-run.js'
import { interruptible } from './interrupt.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { tell } from './terminal.js'
import { withRig } from './with-rig.js'

/** How long the button is held. */
const PRESSED_MS = 200

interface Trigger {
  readonly pin: string
  readonly pressed: 0 | 1
}

interface FixtureFlags extends ImpFlags {
  readonly trigger: Trigger
  readonly lockout?: number
  readonly leadIn?: boolean
}

export function addFixture(program: Command): void {
  const command = program
    .command('fixture')
    .description(
      'run a stand-in of a fixture imp on a rig: its firmware sends factory BlinkUp as light; Enter presses its button',
    )
    .addOption(
      new Option(
        '--trigger <pin>',
        'the pin that Enter makes high, and low again; with ":low" the other way round',
      )
        .argParser(readTrigger)
        .default({ pin: 'pinC', pressed: 1 } satisfies Trigger, 'pinC'),
    )
    .option(
      '--lockout <s>',
      'how long triggers are ignored after a light has ended (default: 10)',
      readLockout,
    )
    .option('--lead-in', 'light for 0.2 s before each message, as a sign')
  addRigOptions(addImpOptions(command)).action(async (flags: FixtureFlags) => {
    const { rig: config, dialect } = await loadLightSettings({ ...flags })
    const options = await impOptions(flags, 'imp005')
    await interruptible((signal) =>
      withRig(config, signal, async (rig) => {
        const isActiveHigh = 'activeLow' in config ? !config.activeLow : undefined
        let stopListening = (): void => {}
        try {
          await runImp(
            (onEvent) => {
              const factoryLight = new FactoryBlinkUp(rig, {
                ...(flags.lockout !== undefined && { lockoutS: flags.lockout }),
                ...(flags.leadIn && { leadIn: true }),
                ...(isActiveHigh !== undefined && { isActiveHigh }),
                dialect,
                onHint: tell,
              })
              const imp = new Imp({
                ...options,
                network: { medium: 'ethernet' },
                factoryLight: telling(factoryLight),
                onEvent,
              })
              stopListening = listenForTriggers(imp.pins, flags.trigger)
              return imp
            },
            {
              ...flags,
              schema: 'blinkup.fixture/1',
              isCold: true,
              signal: AbortSignal.any([signal, rig.lost]),
            },
          )
        } finally {
          stopListening()
        }
      }),
    )
  })
}

/** The same light, of which whoever stands before it is told. */
const telling = (light: FactoryLight): FactoryLight => ({
  play: async (takeSettings, options) => {
    const take = async () => {
      const settings = await takeSettings()
      tell('a token is there: the light begins')
      return settings
    }
    const isPlayed = await light.play(take, options)
    if (isPlayed) tell('the light has ended')
    return isPlayed
  },
})

/** Presses and releases the button for each line of standard input. */
function listenForTriggers(pins: Pins, { pin, pressed }: Trigger): () => void {
  const released = pressed === 1 ? 0 : 1
  pins.drive(pin, released)
  const lines = createInterface({ input: process.stdin })
  lines.on('line', async () => {
    pins.drive(pin, pressed)
    await machineTimebase.sleep(PRESSED_MS)
    pins.drive(pin, released)
  })
  return () => lines.close()
}

function readTrigger(text: string): Trigger {
  const [, pin, low] = /^(pin[\dA-Z])(:low)?$/.exec(text) ?? []
  if (pin === undefined) {
    throw new InvalidArgumentError('Give a pin such as pinC or pin1, with or without ":low".')
  }
  return { pin, pressed: low === undefined ? 1 : 0 }
}

function readLockout(text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !(seconds >= 0)) {
    throw new InvalidArgumentError('Give a number of seconds, 0 or more.')
  }
  return seconds
}
