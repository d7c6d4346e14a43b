import {
  failureOf,
  RECEPTION_FAILURES,
  type ReceivedMessage,
  type Reception,
  swingOf,
} from '../receiver/index.js'
import { failedBits } from '../receiver/reception.js'

/** Every reason why a loopback can fail, with what it means and what to do about it. */
export const VERDICT_FAILURES = {
  ...RECEPTION_FAILURES,
  'bytes-differ': 'A valid packet came, but not the one that was sent: keep other senders away.',
  repeated:
    'The right message came twice, but was played once: keep other senders away, and let nothing else play on this LED.',
  'not-this-light':
    'The right message was seen, but not as this rig played it: keep other senders away, and check that the LED lights up.',
} as const

export type VerdictFailure = keyof typeof VERDICT_FAILURES

/** What came of a message, and the reception that it is about. */
export type Verdict =
  | {
      readonly verdict: 'pass'
      readonly reason: null
      readonly reception: ReceivedMessage
      readonly advice: string
    }
  | {
      readonly verdict: 'fail'
      readonly reason: VerdictFailure
      readonly reception: Reception
      readonly advice: string
    }

/** The verdict over everything that was received: the very bytes, once, and no other message. */
export function judge(packet: Uint8Array, receptions: readonly Reception[]): Verdict {
  const messages = receptions.filter((reception) => reception.kind === 'message')
  const [first, second] = messages
  const other = messages.find((message) => !sameBytes(message.packet, packet))
  if (other) return failed('bytes-differ', other)
  if (second) return failed('repeated', second)
  if (first) return { verdict: 'pass', reason: null, reception: first, advice: first.advice }

  // Of several failures that are about as bright the one that came furthest says most.
  const brightest = Math.max(...receptions.map(({ levels }) => swingOf(levels)))
  const [furthest] = receptions
    .filter(({ levels }) => swingOf(levels) >= brightest / 2)
    .sort((a, b) => failedBits(b) - failedBits(a))
  const reason = furthest && failureOf(furthest)
  if (!reason) throw new Error('a receiver that has ended reports at least one reception')
  return { verdict: 'fail', reason, reception: furthest, advice: furthest.advice }
}

/** The light of another, or not as it was played. */
export function failed(
  reason: Exclude<VerdictFailure, keyof typeof RECEPTION_FAILURES>,
  reception: Reception,
): Verdict {
  return { verdict: 'fail', reason, reception, advice: VERDICT_FAILURES[reason] }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && b.every((byte, index) => a[index] === byte)
}
