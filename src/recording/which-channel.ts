import { RecordingError } from './errors.js'
import type { Channel } from './recording.js'

const MOST_NAMED = 32

/** Which channels of a file to read; without any, the one that holds a message is found by trying. */
export interface ChannelOptions {
  /** Its name, or its number from 1 on; what is both is a name. */
  readonly channel?: string | number
  /** Instead, two lines that make the light of one LED together: the channel that is 1 where it is white, and where it is grey. */
  readonly whiteLine?: string | number
  readonly greyLine?: string | number
}

/**
 * The index of a channel.
 *
 * @throws RecordingError that names those that there are
 */
export function indexOfChannel(wanted: string | number, channels: readonly Channel[]): number {
  const named = channels.findIndex(({ name }) => name === wanted)
  const index = named >= 0 ? named : Number(wanted) - 1
  if (channels[index]) return index
  throw new RecordingError(
    'channel',
    `there is no channel ${wanted}: give ${channels.length === 1 ? 'the only one' : 'one of'} ${namesOf(channels)}`,
  )
}

/** Names as a sentence has them. */
export function namesOf(channels: readonly Channel[]): string {
  const names = channels.slice(0, MOST_NAMED).map(({ name }) => name)
  const more = channels.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
