import { DEFAULT_GREY_RATIO } from '../modulation/index.js'
import { RecordingError } from './errors.js'
import type { Channel, ValueBlock } from './recording.js'
import { namesOf } from './which-channel.js'

/** Two lines that light one LED, as one channel: 1 where the white one is high, grey where only the other one is. */
export class GpioLines {
  readonly channel: Channel

  /**
   * @param white index of the line that is high for white, whatever the grey one is then
   * @throws RecordingError where both are the same one
   */
  constructor(
    private readonly channels: readonly Channel[],
    private readonly white: number,
    private readonly grey: number,
  ) {
    if (white === grey) {
      throw new RecordingError(
        'channel',
        `the white and the grey line are both ${channels[white]?.name}: give two of ${namesOf(channels)}`,
      )
    }
    const name = `${channels[white]?.name} and ${channels[grey]?.name}`
    this.channel = { name, unit: null, kind: 'logic', fullScale: null }
  }

  /** Levels of a block, 0 to 1; null where it is of other channels. */
  valuesOf({ firstChannel, values }: ValueBlock): Float64Array | null {
    const white = values[this.white - firstChannel]
    const grey = values[this.grey - firstChannel]
    if (white && grey) return white.map((level, n) => levelOf(level, grey[n] as number))
    if (!white && !grey) return null
    throw new RecordingError(
      'channel',
      `${this.#nameOf(this.white)} and ${this.#nameOf(this.grey)} were not recorded together: give two logic channels`,
    )
  }

  #nameOf = (index: number): string => `${this.channels[index]?.name}`
}

/** The lines of a file of nothing but logic channels that are called white and grey, as in dumps of `symbolsToVcd`; null where there are none. */
export function linesByName(
  channels: readonly Channel[],
): readonly [white: number, grey: number] | null {
  const find = (name: RegExp): number => channels.findIndex((channel) => name.test(channel.name))
  const [white, grey] = [find(/^white$/i), find(/^gr[ea]y$/i)]
  const isLogic = channels.every(({ kind }) => kind === 'logic')
  return isLogic && white >= 0 && grey >= 0 ? [white, grey] : null
}

/** Of parts of the time that each line is high: both may be, or one after the other. */
const levelOf = (white: number, grey: number): number =>
  white + DEFAULT_GREY_RATIO * Math.min(grey, 1 - white)
