import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DecodeOptions } from '../recording/file-decoder.js'
import { CommandError, EXIT } from './errors.js'

const TIME_UNITS_S = { s: 1, ms: 1e-3, us: 1e-6, ns: 1e-9 } as const
const [LEAST_RATE_HZ, MOST_RATE_HZ] = [1e-3, 1e12]

/** How a recording is read, as flags. */
export interface RecordingFlags {
  readonly channel?: string
  readonly whiteLine?: string
  readonly greyLine?: string
  readonly fullScale?: readonly [zero: number, full: number]
  readonly sampleRate?: number
  readonly timeUnit?: keyof typeof TIME_UNITS_S
}

/** Adds the options of what a recording does not tell, as far as no option of a rig has the same name. */
export function addRecordingOptions(command: Command): Command {
  return command
    .optionsGroup('How to read a recording:')
    .option(
      '--channel <name>',
      'the channel that shows the light, by its name or its number from 1 on (default: the one that holds a message)',
    )
    .option(
      '--full-scale <value>',
      'the value at full scale, or at no light and at full scale: 3.3 or 0.5..4.5 (default: as the file tells, or by what was seen)',
      readFullScale,
    )
    .addOption(
      new Option(
        '--time-unit <unit>',
        'what its times are in, where it does not tell, or tells it wrong',
      ).choices(Object.keys(TIME_UNITS_S)),
    )
}

/** Adds the others, too. */
export const addAllRecordingOptions = (command: Command): Command =>
  addRecordingOptions(command)
    .option(
      '--sample-rate <hz>',
      'samples a second, where the file does not tell, or tells it wrong',
      readRate,
    )
    .option('--white-line <name>', 'the logic channel that is high while the LED is white')
    .option('--grey-line <name>', 'the one that is high while it is grey: both together are read')

/** What flags tell of a recording. Throws CommandError for such as contradict each other. */
export function recordingOptions(flags: RecordingFlags): DecodeOptions {
  const { channel, whiteLine, greyLine, fullScale, sampleRate, timeUnit } = flags
  if ((whiteLine === undefined) !== (greyLine === undefined)) {
    throw new CommandError(EXIT.usage, 'give both --white-line and --grey-line')
  }
  if (whiteLine !== undefined && (channel !== undefined || fullScale)) {
    throw new CommandError(
      EXIT.usage,
      'give two lines, or --channel and --full-scale, as a line has no other level',
    )
  }
  return {
    ...(channel !== undefined && { channel }),
    ...(whiteLine !== undefined && greyLine !== undefined && { whiteLine, greyLine }),
    ...(fullScale && { fullScale }),
    ...(sampleRate !== undefined && { sampleRateHz: sampleRate }),
    ...(timeUnit !== undefined && { timeUnitS: TIME_UNITS_S[timeUnit] }),
  }
}

function readFullScale(text: string): readonly [zero: number, full: number] {
  const ends = text.split('..').map((end) => (end.trim() === '' ? Number.NaN : Number(end)))
  const [zero = Number.NaN, full = Number.NaN] = ends.length === 1 ? [0, ...ends] : ends
  if (ends.length > 2 || !ends.every(Number.isFinite) || zero === full) {
    throw new InvalidArgumentError('Give a number, or two different ones as 0.5..4.5.')
  }
  return [zero, full]
}

function readRate(text: string): number {
  const rateHz = Number(text)
  if (!(rateHz >= LEAST_RATE_HZ && rateHz <= MOST_RATE_HZ)) {
    throw new InvalidArgumentError('Give a number of samples a second, from 0.001 to 1e12.')
  }
  return rateHz
}
