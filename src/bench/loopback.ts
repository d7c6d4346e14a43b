import type { ClockId } from '../light/clock.js'
import type { SymbolSequence } from '../modulation/index.js'
import {
  RECEPTION_FAILURES,
  Receiver,
  type Reception,
  type ReceptionFailure,
  type SampleBlock,
  type SampleGap,
  swingOf,
} from '../receiver/index.js'
import type { LightPath, PlayOptions, PlayReport } from '../rig/rig.js'
import { playAndSee } from './play-and-see.js'
import { compareLight, type LightComparison } from './this-light.js'

export interface LoopbackOptions extends PlayOptions {
  /** Gets each block of samples as it comes. */
  readonly onSamples?: (block: SampleBlock) => void | Promise<void>
}

/** What came of a message that went once round: LED, light, photodiode, receiver. */
export interface LoopbackReport {
  readonly verdict: 'pass' | 'fail'
  /** Null exactly when the verdict is 'pass'. */
  readonly reason: ReceptionFailure | null
  readonly play: PlayReport
  /** Samples that were lost on the way, which the verdict nevertheless allows for. */
  readonly gaps: readonly SampleGap[]
  /** Whose the times of the reception and the gaps are: the photodiode's. */
  readonly seenClock: ClockId
  /** The reception that the verdict is about; it has the verdict's reason, and advice to match. */
  readonly reception: Reception
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
  const seen = await playAndSee(rig, sequence, {
    ...options,
    onSamples: async (block) => {
      receptions.push(...receiver.push(block))
      if (block.gap) gaps.push(block.gap)
      await options.onSamples?.(block)
    },
  })
  receptions.push(...receiver.end())
  const { play, untimely } = seen
  const judged = judge(packet, receptions)
  const comparison =
    judged.verdict === 'pass' ? compareLight(sequence, play, judged.reception, seen.clocks) : null
  const light = comparison?.light ?? null
  const differences = [...(untimely ? [untimely.message] : []), ...(comparison?.differences ?? [])]
  const verdict = differences.length > 0 ? failed('not-this-light', judged.reception) : judged
  const seenClock = seen.clocks.to
  return { ...verdict, play, gaps, seenClock, light, differences }
}

type Verdict = Pick<LoopbackReport, 'verdict' | 'reason' | 'reception'>

function failed(reason: ReceptionFailure, reception: Reception): Verdict {
  const advice = RECEPTION_FAILURES[reason]
  return {
    verdict: 'fail',
    reason,
    reception: { ...reception, ok: false, reason, config: null, advice },
  }
}

/** The verdict over everything that was received: the very bytes, once, and no other message. */
export function judge(packet: Uint8Array, receptions: readonly Reception[]): Verdict {
  const messages = receptions.filter(({ ok }) => ok)
  const other = messages.find((message) => !sameBytes(message.packet, packet)) ?? messages[1]
  if (other) return failed('bytes-differ', other)
  if (messages[0]) return { verdict: 'pass', reason: null, reception: messages[0] }

  // Of several failures that are about as bright the one that came furthest says most.
  const brightest = Math.max(...receptions.map(({ levels }) => swingOf(levels)))
  const [furthest] = receptions
    .filter(({ levels }) => swingOf(levels) >= brightest / 2)
    .sort((a, b) => b.packetBits - a.packetBits)
  if (!furthest) throw new Error('a receiver that has ended reports at least one reception')
  return { verdict: 'fail', reason: furthest.reason, reception: furthest }
}

function sameBytes(a: Uint8Array | null, b: Uint8Array): boolean {
  return a?.length === b.length && b.every((byte, index) => a[index] === byte)
}
