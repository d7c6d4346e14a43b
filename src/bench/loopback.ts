import type { ClockId } from '../light/clock.js'
import type { SymbolSequence } from '../modulation/index.js'
import {
  failureOf,
  Receiver,
  type Reception,
  type SampleBlock,
  type SampleGap,
} from '../receiver/index.js'
import type { LightPath, PlayOptions, PlayReport } from '../rig/rig.js'
import { playAndSee } from './play-and-see.js'
import { compareLight, type LightComparison, whyUnreadable } from './this-light.js'
import { failed, judge, type Verdict } from './verdict.js'

export interface LoopbackOptions extends PlayOptions {
  /** Gets each block of samples as it comes. */
  readonly onSamples?: (block: SampleBlock) => void | Promise<void>
  /**
   * Ends when the light has ended and a message was read, where it otherwise looks on for 0.25 s: for whoever looks at the light
   * afterwards, too, as what another sender plays then is not seen here.
   */
  readonly endsWithMessage?: boolean
}

/** What came of a message that went once round: LED, light, photodiode, receiver. */
export type LoopbackReport = Verdict & {
  readonly play: PlayReport
  /** Samples that were lost on the way, which the verdict nevertheless allows for. */
  readonly gaps: readonly SampleGap[]
  /** Whose the times of the reception and the gaps are: the photodiode's. */
  readonly seenClock: ClockId
  /** How the right message that was seen compares with the light that was played; null where none was. */
  readonly light: LightComparison | null
  /** Of 'not-this-light': what differs, in words. */
  readonly differences: readonly string[]
}

/**
 * Plays a packet's symbols and receives them with the rig's photodiode. It passes only if the very bytes
 * came back, when and at the rate that they were played, and no other message beside them: the CRC alone misses too
 * much, and another sender may play the same.
 *
 * @throws RigError, the signal's reason, or what `onSamples` throws; TypeError for a rig without a photodiode
 */
export async function loopback(
  rig: LightPath,
  packet: Uint8Array,
  sequence: SymbolSequence,
  options: LoopbackOptions,
): Promise<LoopbackReport> {
  const receiver = new Receiver()
  const receptions: Reception[] = []
  const gaps: SampleGap[] = []
  let sampleRateHz = 0
  const seen = await playAndSee(rig, sequence, {
    ...options,
    onSamples: async (block) => {
      receptions.push(...receiver.push(block))
      const { timesS } = block
      if (timesS.length > 1) {
        sampleRateHz = (timesS.length - 1) / ((timesS.at(-1) as number) - (timesS[0] as number))
      }
      if (block.gap) gaps.push(block.gap)
      await options.onSamples?.(block)
    },
    isEnough: () =>
      options.endsWithMessage === true && receptions.some(({ kind }) => kind === 'message'),
  })
  receptions.push(...receiver.end())
  const { play, untimely } = seen
  const judged = judge(packet, receptions)
  const comparison =
    judged.verdict === 'pass' ? compareLight(sequence, play, judged.reception, seen.clocks) : null
  const light = comparison?.light ?? null
  const differences = [...(untimely ? [untimely.message] : []), ...(comparison?.differences ?? [])]
  const unreadable =
    judged.verdict === 'fail' && failureOf(judged.reception) !== null
      ? whyUnreadable(play, judged.reception, seen.clocks, sampleRateHz)
      : null
  const told = unreadable === null ? judged : { ...judged, advice: unreadable }
  const verdict = differences.length > 0 ? failed('not-this-light', judged.reception) : told
  const seenClock = seen.clocks.to
  return { ...verdict, play, gaps, seenClock, light, differences }
}
