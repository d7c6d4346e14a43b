import { z } from 'zod'
import { DEFAULT_GREY_RATIO } from '../light/dialects.js'
import { RigError } from './errors.js'
import { FIRST_LINE, LAST_LINE, PWM_PINS } from './raspberry-pi/gpio-header.js'

/**
 * What each kind of rig is told when it is opened: the types of the library, and the flags and fixture keys of the command, are
 * of these schemas. A message is the end of a sentence that begins with the name of the setting.
 */

export const numberFrom = (low: number, high: number) => {
  const message = `must be a number from ${low} to ${high}`
  return z.number(message).min(low, message).max(high, message)
}

const flag = () => z.boolean('must be true or false').default(false)

const line = () => {
  const message = `must be a BCM number from ${FIRST_LINE} to ${LAST_LINE}`
  return z.int(message).min(FIRST_LINE, message).max(LAST_LINE, message)
}

const PORT_MESSAGE = 'must be the name of a serial port'
const PORT = z
  .string(PORT_MESSAGE)
  .min(1, PORT_MESSAGE)
  .optional()
  .describe(
    'serial port of the bridge: path, USB serial number, part of the name in /dev/serial/by-id, or the name given to the board (default: the only Uno or Nano)',
  )

const SAMPLE_RATE_HZ = numberFrom(250, 9000).default(1000).describe('rate of the photodiode')

/** How the levels are shown where the rig's parts leave that open. */
const LEVELS = {
  greyRatio: numberFrom(0.05, 0.95)
    .default(DEFAULT_GREY_RATIO)
    .describe("grey's light as a part of white's"),
  brightness: numberFrom(0.1, 1).default(1).describe('white as a part of full light'),
}

const CHANNEL_MESSAGE = 'must be a number from 0 to 7'

/** What can see the light of a rig that has no sensor of its own, or looks on beside a board. */
export const PHOTODIODES = {
  bridge: z.strictObject({
    kind: z.literal('bridge'),
    port: PORT,
    sampleRateHz: SAMPLE_RATE_HZ,
  }),
  adc: z.strictObject({
    kind: z.literal('adc'),
    channel: z
      .int(CHANNEL_MESSAGE)
      .min(0, CHANNEL_MESSAGE)
      .max(7, CHANNEL_MESSAGE)
      .default(0)
      .describe('input of the photodiode'),
    sampleRateHz: SAMPLE_RATE_HZ,
  }),
}

const PHOTODIODE = z
  .discriminatedUnion('kind', [PHOTODIODES.bridge, PHOTODIODES.adc], {
    error: ({ input }) =>
      isObject(input) ? 'must be bridge or adc' : 'must be an object with a kind',
  })
  .optional()

export const wholeFrom = (low: number, high: number) => {
  const message = `must be a whole number from ${low} to ${high}`
  return z.int(message).min(low, message).max(high, message)
}

const CLIPPING = [
  ({ clipLow, clipHigh }: { clipLow: number; clipHigh: number }): boolean => clipLow < clipHigh,
  "the low end of the sensor's range must be below the high one",
] as const

/**
 * The light between an LED and a sensor that are a model, with the names of a channel (`blinkup/channel`) where it has one. The
 * defaults are a bench with the parts of wiring.md (4.7 kΩ and 47 nF at the sensor: 220 µs) in office light: a third of the range
 * stays free above white, and the noise is about two steps of the 10-bit ADC.
 */
export const MODELLED_LIGHT = z
  .object({
    swing: numberFrom(0.001, 10)
      .default(0.6)
      .describe(
        "white above black, as a part of the sensor's full scale; it falls with the square of the distance",
      ),
    black: numberFrom(-1, 10)
      .default(0.05)
      .describe(
        "level with the LED dark, as a part of full scale: steady other light, or the sensor's offset",
      ),
    flicker: numberFrom(0, 100)
      .default(0.01 / 0.6)
      .describe("peak of a lamp's flicker, as a part of the swing"),
    flickerHz: numberFrom(0.1, 10_000)
      .default(100)
      .describe('frequency of the flicker: twice that of the mains'),
    noiseRms: numberFrom(0, 100)
      .default(0.002 / 0.6)
      .describe('noise of a sample, rms, as a part of the swing'),
    sensorBandwidthHz: numberFrom(1, 1e6)
      .default(1 / (2 * Math.PI * 220e-6))
      .describe(
        'bandwidth of the sensor, one pole, which a larger gain resistor or capacitor makes smaller',
      ),
    ledRiseUs: numberFrom(0, 1e6)
      .default(0.05)
      .describe('time constant of the LED as it goes on, in µs'),
    ledFallUs: numberFrom(0, 1e6).default(0.08).describe('the same as it goes off, in µs'),
    adcBits: wholeFrom(8, 10)
      .default(10)
      .describe("bits of the ADC: the board's has 10, and can be shown with fewer"),
    clipLow: numberFrom(0, 1)
      .default(0)
      .describe("the low end of the sensor's range, as a part of full scale"),
    clipHigh: numberFrom(0, 1).default(1).describe('the high end of it'),
    seed: wholeFrom(1, 2 ** 31 - 1)
      .default(1)
      .describe('the same seed gives the same noise'),
  })
  .refine(...CLIPPING)
export type ModelledLight = z.output<typeof MODELLED_LIGHT>

export const RIGS = {
  /** The emulated board, with an LED and a photodiode modelled around it. */
  emulated: z
    .strictObject({
      kind: z.literal('emulated'),
      ...LEVELS,
      sampleRateHz: SAMPLE_RATE_HZ,
      ...MODELLED_LIGHT.shape,
      realTime: flag().describe('keep to the pace of real time'),
    })
    .refine(...CLIPPING),
  /** An Arduino Uno or Nano on USB, which sees its light itself unless something beside it does. */
  bridge: z.strictObject({
    kind: z.literal('bridge'),
    port: PORT,
    ...LEVELS,
    sampleRateHz: SAMPLE_RATE_HZ,
    photodiode: PHOTODIODE,
  }),
  /** Two GPIO lines of a Raspberry Pi, by BCM number: grey's alone lights grey, both light white. */
  gpio: z
    .strictObject({
      kind: z.literal('gpio'),
      whiteLine: line().describe('the line that makes grey white when it is lit, too'),
      greyLine: line().describe('the line that lights grey'),
      activeLow: flag().describe('the LED lights up with the lines low'),
      photodiode: PHOTODIODE,
    })
    .refine(
      ({ whiteLine, greyLine }) => whiteLine !== greyLine,
      'the white line and the grey line must be different',
    ),
  /** A hardware PWM pin of a Raspberry Pi, by BCM number. */
  pwm: z.strictObject({
    kind: z.literal('pwm'),
    pin: z
      .literal(PWM_PINS, `must be one of ${PWM_PINS.join(', ')}`)
      .describe(`the pin of the LED, ${PWM_PINS.join(', ')}`),
    ...LEVELS,
    photodiode: PHOTODIODE,
  }),
}

export type RigKind = keyof typeof RIGS
export type PhotodiodeKind = keyof typeof PHOTODIODES
export const RIG_KINDS = Object.keys(RIGS) as readonly RigKind[]
export const PHOTODIODE_KINDS = Object.keys(PHOTODIODES) as readonly PhotodiodeKind[]

export type EmulatedConfig = z.input<typeof RIGS.emulated>
export type BridgeConfig = z.input<typeof RIGS.bridge>
export type GpioConfig = z.input<typeof RIGS.gpio>
export type PwmConfig = z.input<typeof RIGS.pwm>

/** Which rig to open, and how it shows the levels and looks at them. What may be left out has a default. */
export type RigConfig = EmulatedConfig | BridgeConfig | GpioConfig | PwmConfig

/** What sees the light of a gpio or pwm rig, and may see that of a bridge, which has its own sensor. */
export type PhotodiodeConfig = z.input<typeof PHOTODIODES.bridge> | z.input<typeof PHOTODIODES.adc>

/** The configuration of a rig of that kind, with all defaults in it. */
export type CompleteConfig<K extends RigKind = RigKind> = {
  [L in K]: z.output<(typeof RIGS)[L]>
}[K]
export type CompletePhotodiode<K extends PhotodiodeKind = PhotodiodeKind> = {
  [L in K]: z.output<(typeof PHOTODIODES)[L]>
}[K]

/**
 * Puts the defaults into a configuration.
 *
 * @throws RigError 'misconfigured' for anything that is none, with what is wrong and what to do
 */
export function completeConfig(config: unknown): CompleteConfig {
  const kind = isObject(config) ? config.kind : undefined
  if (typeof kind !== 'string' || !Object.hasOwn(RIGS, kind)) {
    throw misconfigured(`kind must be one of ${RIG_KINDS.join(', ')}`)
  }
  const result = RIGS[kind as RigKind].safeParse(config)
  if (result.success) return result.data
  const [{ path, message, ...issue } = { path: [], message: '' }] = result.error.issues
  if ('keys' in issue) {
    const setting = [...path, issue.keys[0]].join('.')
    const at = path.reduce<unknown>((part, key) => isObject(part) && part[key as string], config)
    const of = isObject(at) ? at.kind : kind
    throw misconfigured(`${setting} is not a setting of kind ${of}: leave it out`)
  }
  throw misconfigured([path.join('.'), message].filter(Boolean).join(' '))
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const misconfigured = (fault: string): RigError =>
  new RigError('misconfigured', `the rig's configuration is wrong: ${fault}`)
