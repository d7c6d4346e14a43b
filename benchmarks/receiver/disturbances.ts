import { crc16 } from '../../src/packet/index.js'
import { failureOf } from '../../src/receiver/index.js'
import { progress, round } from '../report.js'
import { type DisturbedMessage, disturbedMessage, KINDS } from './disturbed.js'
import { receive, type Section } from './trial.js'

const MESSAGES = Number(process.env.DISTURBED_COUNT ?? 10_000)
const FIRST = Number(process.env.DISTURBED_FIRST ?? 1)

// Of wrong bits that are even in number and further apart than a byte, the part that this CRC misses: it keeps ten bits, one of
// which is their parity.
const MISSED = 1 / 512

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, n) => byte === other[n])

/**
 * How likely this failed message would have been taken for another one: the bytes that were read are sent with a CRC that fits
 * what the disturbance makes of them. Where that is accepted, only the CRC had stood in between.
 */
export function wouldBeWrong({ packet, seen }: DisturbedMessage, read: Uint8Array): number {
  if (read.length !== packet.length) return 0
  const end = packet.length - 2
  const wrong = packet.map((byte, n) => byte ^ (read[n] as number))
  // Errors in the CRC itself would be others then.
  if (wrong[end] || wrong[end + 1] || wrong[0]) return 0
  const bits = [...wrong].flatMap((byte, n) =>
    [7, 6, 5, 4, 3, 2, 1, 0].filter((bit) => (byte >> bit) & 1).map((bit) => 8 * n + 7 - bit),
  )
  const apart = (bits.at(-1) ?? 0) - (bits[0] ?? 0) + 1
  if (bits.length % 2 === 1 || apart <= 8) return 0
  const crc = crc16(read.subarray(0, end))
  const bytes = Uint8Array.of(...packet.subarray(0, end), crc >> 8, crc & 0xff)
  const accepted = receive(seen(bytes)).find(({ kind }) => kind === 'message')
  return accepted?.kind === 'message' &&
    !isSame(accepted.packet.subarray(0, end), bytes.subarray(0, end))
    ? MISSED
    : 0
}

/** Messages with one disturbance each: what arrives, what fails and why, and what is taken for another one. */
export function disturbances(): Section {
  const rows = KINDS.map((kind) => {
    let [right, wrong, expected, repairs, wrongRepairs] = [0, 0, 0, 0, 0]
    const reasons: Record<string, number> = {}
    for (let n = 0; n < MESSAGES / KINDS.length; n++) {
      progress(`disturbances: ${kind}, message ${n}`)
      const seed = FIRST + n
      const sent = disturbedMessage(kind, seed)
      const receptions = receive(sent.seen(sent.packet))
      const isRight = (reception: { readonly packet: Uint8Array }): boolean =>
        isSame(reception.packet, sent.packet)
      const messages = receptions.filter((reception) => reception.kind === 'message')
      wrong += messages.filter((message) => !isRight(message)).length
      if (messages.some(isRight)) {
        right++
        continue
      }
      const failed = receptions.filter((reception) => reception.kind === 'bad-packet')
      const reason = (receptions[0] && failureOf(failed[0] ?? receptions[0])) ?? 'none'
      reasons[reason] = (reasons[reason] ?? 0) + 1
      for (const { repaired, packet } of failed) {
        repairs += Number(repaired !== null)
        wrongRepairs += Number(repaired !== null && !isRight(repaired))
        expected += wouldBeWrong(sent, packet)
      }
      if (process.env.DISTURBED_LIST) {
        const w = messages.filter((message) => !isRight(message)).length
        console.error(kind, seed, w ? 'WRONG' : '', reason)
      }
    }
    return {
      kind,
      right,
      wrong,
      wrongIn100000: round((expected * 1e5) / (MESSAGES / KINDS.length), 2),
      repairs,
      wrongRepairs,
      ...reasons,
    }
  })
  return {
    tables: {
      [`Messages with one disturbance each, ${MESSAGES / KINDS.length} of each kind`]: rows,
    },
  }
}
