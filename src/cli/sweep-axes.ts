import type { Command } from 'commander'
import {
  type AxisName,
  axesOf,
  baseSettings,
  type PointSettings,
  rigAt,
  type SweepAxis,
} from '../bench/sweep/axes.js'
import { Lattice } from '../bench/sweep/lattice.js'
import { MESSAGE_BYTES } from '../bench/sweep/random-message.js'
import { RigError } from '../rig/errors.js'
import { CommandError, EXIT } from './errors.js'
import type { LightSettings } from './rig-options.js'
import { SYMBOL_FAULTS } from './symbol-options.js'

/** As long as the packet of a usual message, with an enrollment. */
const DEFAULT_MESSAGE_BYTES = 40

interface AxisOption {
  /** Of the option that gives its values. */
  readonly option: string
  /** Of the setting, as an option and in a fixture file; null for what is none. */
  readonly setting: string | null
  readonly label: string
  readonly unit: string
  /** Of the values between two ends. */
  readonly count: number
  readonly isGeometric: boolean
  readonly isWhole: boolean
}

export const AXIS_OPTIONS: Readonly<Record<AxisName, AxisOption>> = {
  symbolRateHz: {
    option: 'rates',
    setting: 'rate',
    label: 'symbol rate',
    unit: 'Hz',
    count: 17,
    isGeometric: true,
    isWhole: false,
  },
  greyRatio: {
    option: 'greys',
    setting: 'grey',
    label: 'grey ratio',
    unit: '',
    count: 11,
    isGeometric: false,
    isWhole: false,
  },
  brightness: {
    option: 'brightnesses',
    setting: 'brightness',
    label: 'brightness',
    unit: '',
    count: 10,
    isGeometric: false,
    isWhole: false,
  },
  sampleRateHz: {
    option: 'sample-rates',
    setting: 'sample-rate',
    label: 'sample rate',
    unit: 'Hz',
    count: 4,
    isGeometric: true,
    isWhole: true,
  },
  messageBytes: {
    option: 'message-bytes',
    setting: null,
    label: 'message',
    unit: 'bytes',
    count: 5,
    isGeometric: false,
    isWhole: true,
  },
}

/** Where no axis is given. */
const DEFAULT_AXES: Readonly<Partial<Record<AxisName, string>>> = {
  symbolRateHz: '30..1000',
  greyRatio: '0.3..0.8',
}

const NAMES = Object.keys(AXIS_OPTIONS) as readonly AxisName[]

/** Adds the options of the axes. */
export function addAxisOptions(command: Command): Command {
  command.optionsGroup(
    'What to sweep (a list such as 60,142, or ends such as 30..1000, with 30..1000/9 as nine values):',
  )
  for (const name of NAMES) {
    const { option, label, unit, count } = AXIS_OPTIONS[name]
    const what = [label, unit && `in ${unit}`].filter(Boolean).join(' ')
    command.option(`--${option} <values>`, `${what} (between two ends: ${count} values)`)
  }
  return command
}

/**
 * The points that the options ask for, checked as far as they can be without a rig.
 *
 * @throws CommandError
 */
export function readLattice(
  flags: Readonly<Record<string, unknown>>,
  { rig, symbolRateHz }: LightSettings,
): Lattice {
  const known = axesOf(rig)
  const given = NAMES.filter((name) => flagOf(flags, AXIS_OPTIONS[name].option) !== undefined)
  for (const name of given) {
    const { option, setting } = AXIS_OPTIONS[name]
    if (!known.includes(name)) {
      throw usage(`--${option} is not for rig ${rig.kind}: its parts make the levels`)
    }
    if (setting !== null && flagOf(flags, setting) !== undefined) {
      throw usage(`give --${setting} or --${option}, not both`)
    }
  }
  const names = given.length > 0 ? given : known.filter((name) => DEFAULT_AXES[name] !== undefined)
  const axes = names.map((name): SweepAxis => {
    const text = flagOf(flags, AXIS_OPTIONS[name].option) ?? DEFAULT_AXES[name]
    return { name, values: readValues(name, String(text)) }
  })
  const base = baseOf(rig, symbolRateHz)
  for (const { name, values } of axes) {
    for (const value of values) checkValue(rig, { ...base, [name]: value }, name, value)
  }
  return new Lattice(base, axes)
}

function baseOf(rig: LightSettings['rig'], symbolRateHz: number): PointSettings {
  try {
    return baseSettings(rig, symbolRateHz, DEFAULT_MESSAGE_BYTES)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new CommandError(EXIT.usage, 'say what sees the light, with --photodiode', {
      cause: error,
    })
  }
}

function readValues(name: AxisName, text: string): number[] {
  const { option, count, isGeometric, isWhole } = AXIS_OPTIONS[name]
  const wrong = usage(`--${option} must be values such as 1,2,3 or ends such as 1..3 or 1..3/5`)
  const [, least, most, given] = /^([\d.]*\d)\.\.(\d[\d.]*?)(?:\/(\d+))?$/.exec(text) ?? []
  if (least === undefined) {
    const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
    if (values.some(Number.isNaN)) throw wrong
    return ascending(values)
  }
  const [low, high, number] = [Number(least), Number(most), Number(given ?? count)]
  if (!(low > 0 && high > low && number >= 2 && number <= MOST_VALUES)) throw wrong
  const between = Array.from({ length: number }, (_, n) => {
    const part = n / (number - 1)
    const value = isGeometric ? low * (high / low) ** part : low + part * (high - low)
    return n === 0 ? low : n === number - 1 ? high : rounded(value, isWhole)
  })
  return ascending(between)
}

const MOST_VALUES = 1000

/** As one would say it. */
const rounded = (value: number, isWhole: boolean): number => {
  const short = Number(value.toPrecision(3))
  return isWhole ? Math.round(short) : short
}

const ascending = (values: readonly number[]): number[] =>
  [...new Set(values)].sort((a, b) => a - b)

function checkValue(
  rig: LightSettings['rig'],
  settings: PointSettings,
  name: AxisName,
  value: number,
): void {
  const { option } = AXIS_OPTIONS[name]
  const rateFault = SYMBOL_FAULTS.rate(settings.symbolRateHz)
  if (name === 'symbolRateHz' && rateFault) throw usage(`--${option}: ${value} ${rateFault}`)
  const [least, most] = MESSAGE_BYTES
  if (name === 'messageBytes' && !(Number.isInteger(value) && value >= least && value <= most)) {
    throw usage(`--${option}: ${value} must be a whole number from ${least} to ${most}`)
  }
  try {
    rigAt(rig, settings)
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    throw new CommandError(EXIT.usage, `--${option}: ${value}: ${error.message}`, { cause: error })
  }
}

const flagOf = (flags: Readonly<Record<string, unknown>>, name: string): unknown =>
  flags[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]

const usage = (sentence: string): CommandError => new CommandError(EXIT.usage, sentence)
