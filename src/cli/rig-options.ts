import type { Command } from 'commander'
import { z } from 'zod'
import { DEFAULT_DIALECT, DIALECTS, type Dialect } from '../modulation/index.js'
import { PHOTODIODE_KINDS, RIG_KINDS, type RigConfig } from '../rig/open.js'
import { FIRST_LINE, LAST_LINE } from '../rig/raspberry-pi/gpio-header.js'
import { PWM_PINS } from '../rig/raspberry-pi/pwm-output.js'
import { CommandError, EXIT } from './errors.js'
import { readSettings } from './files.js'
import { readNumber } from './numbers.js'

const DEFAULT_SYMBOL_RATE_HZ = 60

/** A number from low to high, both allowed; the message is the end of a sentence. */
const range = (low: number, high: number) => {
  const message = `must be a number from ${low} to ${high}`
  return z.number(message).min(low, message).max(high, message)
}

const LINE_MESSAGE = `must be a BCM number from ${FIRST_LINE} to ${LAST_LINE}`
const LINE = z.int(LINE_MESSAGE).min(FIRST_LINE, LINE_MESSAGE).max(LAST_LINE, LINE_MESSAGE)

const ADC_CHANNEL_MESSAGE = 'must be a number from 0 to 7'

/** As long as an imp listens, at the highest rate. */
const MAX_SYNC_SYMBOLS = 120_000
const SYNC_MESSAGE = `must be an even number of symbols, at most ${MAX_SYNC_SYMBOLS}`

/** The flags of the rig and the keys of a fixture file, which are the same. */
const SETTINGS = z.strictObject({
  rig: z.enum(RIG_KINDS, `must be one of ${RIG_KINDS.join(', ')}`).optional(),
  port: z.string('must be the name of a serial port').min(1).optional(),
  'white-line': LINE.optional(),
  'grey-line': LINE.optional(),
  'active-low': z.boolean('must be true or false').optional(),
  pin: z.literal(PWM_PINS, `must be one of ${PWM_PINS.join(', ')}`).optional(),
  photodiode: z.enum(PHOTODIODE_KINDS, `must be ${PHOTODIODE_KINDS.join(' or ')}`).optional(),
  'adc-channel': z
    .int(ADC_CHANNEL_MESSAGE)
    .min(0, ADC_CHANNEL_MESSAGE)
    .max(7, ADC_CHANNEL_MESSAGE)
    .optional(),
  rate: range(10, 2000).optional(),
  dialect: z
    .enum(Object.keys(DIALECTS) as Dialect[], `must be one of ${Object.keys(DIALECTS).join(', ')}`)
    .optional(),
  sync: z
    .int(SYNC_MESSAGE)
    .multipleOf(2, SYNC_MESSAGE)
    .max(MAX_SYNC_SYMBOLS, SYNC_MESSAGE)
    .optional(),
  grey: range(0.05, 0.95).optional(),
  brightness: range(0.1, 1).optional(),
  'sample-rate': range(250, 9000).optional(),
})
type Settings = z.infer<typeof SETTINGS>

/** How to make the light: which rig, and how the symbols are made and shown. */
export interface LightSettings {
  readonly rig: RigConfig
  readonly symbolRateHz: number
  readonly dialect: Dialect
  readonly syncSymbols: number | undefined
}

/** Adds the options of the symbols, which every command has that makes them. */
export function addSymbolOptions(command: Command): Command {
  return command
    .optionsGroup('How to make the light:')
    .option('--rate <hz>', `symbol rate (default: ${DEFAULT_SYMBOL_RATE_HZ})`, readNumber)
    .option(
      '--dialect <name>',
      `${Object.keys(DIALECTS).join(' or ')} (default: ${DEFAULT_DIALECT})`,
    )
    .option('--sync <symbols>', "sync before the message (default: the dialect's)", readNumber)
}

/** Adds the options of the rig. */
export function addRigOptions(command: Command): Command {
  return command
    .optionsGroup('The rig:')
    .option('--rig <kind>', `${RIG_KINDS.join(' or ')} (default: bridge)`)
    .option(
      '--port <name>',
      'serial port of the bridge: path, USB serial number, part of the name in /dev/serial/by-id, or the name given to the board (default: the only Uno or Nano)',
    )
    .option(
      '--white-line <bcm>',
      'gpio: the line that makes grey white when it is lit, too',
      readNumber,
    )
    .option('--grey-line <bcm>', 'gpio: the line that lights grey', readNumber)
    .option('--active-low', 'gpio: the LED lights up with the lines low')
    .option('--pin <bcm>', `pwm: the pin of the LED, ${PWM_PINS.join(', ')}`, readNumber)
    .option(
      '--photodiode <kind>',
      `gpio, pwm: what sees the light, ${PHOTODIODE_KINDS.join(' or ')}`,
    )
    .option('--adc-channel <n>', 'adc: input of the photodiode (default: 0)', readNumber)
    .option('--grey <ratio>', "grey's light as a part of white's (default: 0.52)", readNumber)
    .option('--brightness <part>', 'white as a part of full light (default: 1)', readNumber)
    .option('--sample-rate <hz>', 'rate of the photodiode (default: 1000)', readNumber)
    .option('--fixture <file>', 'all of these options from a TOML file; a flag beats the file')
}

/** Puts flags over the fixture file and defaults under both. Throws CommandError. */
export async function loadLightSettings(
  flags: Readonly<Record<string, unknown>>,
): Promise<LightSettings> {
  const { fixture } = flags
  const fromFile = typeof fixture === 'string' ? await readFixture(fixture) : {}
  const names = Object.keys(SETTINGS.shape).map((key) => [key, flags[camelCase(key)]])
  const fromFlags = Object.fromEntries(names.filter(([, value]) => value !== undefined))
  const given = check(fromFlags, EXIT.usage, '--')
  const settings = { ...fromFile, ...given }
  const kind = settings.rig ?? 'bridge'
  checkFit(given, kind, EXIT.usage, '--')
  // A flag may choose another rig than the file is for.
  if (kind === fromFile.rig) checkFit(fromFile, kind, EXIT.badFixture, `${fixture}: `)
  const { dialect = DEFAULT_DIALECT, sync } = settings
  const { syncSymbols: least } = DIALECTS[dialect]
  if (sync !== undefined && sync < least) {
    throw new CommandError(
      flags.sync === undefined ? EXIT.badFixture : EXIT.usage,
      `sync must be at least ${least} symbols for ${dialect}`,
    )
  }
  checkPins(settings)
  return {
    rig: {
      rig: kind,
      port: settings.port,
      whiteLine: settings['white-line'],
      greyLine: settings['grey-line'],
      activeLow: settings['active-low'],
      pin: settings.pin,
      photodiode: settings.photodiode,
      adcChannel: settings['adc-channel'],
      greyRatio: settings.grey,
      brightness: settings.brightness,
      sampleRateHz: settings['sample-rate'],
      realTime: process.stderr.isTTY,
    },
    symbolRateHz: settings.rate ?? DEFAULT_SYMBOL_RATE_HZ,
    dialect,
    syncSymbols: sync,
  }
}

async function readFixture(path: string): Promise<Settings> {
  const { settings, doubts } = await readSettings(path, EXIT.badFixture)
  if (doubts[0]) throw doubts[0]
  return check(settings, EXIT.badFixture, `${path}: `)
}

/** The options that belong to some rigs only. */
const RIGS_OF_OPTION: Readonly<Partial<Record<keyof Settings, readonly RigConfig['rig'][]>>> = {
  port: ['bridge', 'gpio', 'pwm'],
  'white-line': ['gpio'],
  'grey-line': ['gpio'],
  'active-low': ['gpio'],
  pin: ['pwm'],
  photodiode: ['gpio', 'pwm'],
  'adc-channel': ['gpio', 'pwm'],
  grey: ['emulated', 'bridge', 'pwm'], // a gpio rig's parts make its levels
  brightness: ['emulated', 'bridge', 'pwm'],
}

/** Refuses settings that the rig would ignore: whoever gives them means something by it. */
function checkFit(
  settings: Settings,
  rig: RigConfig['rig'],
  exitCode: number,
  prefix: string,
): void {
  for (const [option, rigs] of Object.entries(RIGS_OF_OPTION)) {
    if (settings[option as keyof Settings] === undefined || rigs.includes(rig)) continue
    throw new CommandError(exitCode, `${prefix}${option} is for rig ${rigs.join(', ')}, not ${rig}`)
  }
}

/** What a rig on the header needs. */
function checkPins({ rig, pin, 'white-line': white, 'grey-line': grey }: Settings): void {
  const refuse = (message: string): never => {
    throw new CommandError(EXIT.usage, message)
  }
  if (rig === 'pwm' && pin === undefined) refuse('say where the LED is, with --pin')
  if (rig !== 'gpio') return
  if (white === undefined || grey === undefined) {
    refuse('say where the LED is, with --white-line and --grey-line')
  }
  if (white === grey) refuse('the white line and the grey line must be two')
}

function check(settings: unknown, exitCode: number, prefix: string): Settings {
  const result = SETTINGS.safeParse(settings)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const fault =
    issue?.code === 'unrecognized_keys'
      ? `${issue.keys[0]} is no setting of a rig`
      : `${issue?.path.join('.')} ${issue?.message}`
  throw new CommandError(exitCode, `${prefix}${fault}`)
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
