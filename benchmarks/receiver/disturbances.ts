import { crc16 } from '../../src/packet/index.js'
import { failureOf, type Reception } from '../../src/receiver/index.js'
import { progress } from '../report.js'
import { Dice } from './dice.js'
import { disturbedMessage, KINDS } from './disturbed.js'
import { receive, type Section } from './trial.js'

/** Of all kinds together, and the number of the first: they divide the work among processes. */
const MESSAGES = Number(process.env.DISTURBED_COUNT ?? 10_000)
const FIRST = Number(process.env.DISTURBED_FIRST ?? 1)

const TRIALS = 10_000
/** Length byte, type and length of the one TLV of a random packet, which stay as they are. */
const HEADER_BITS = 24

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, n) => byte === other[n])

const mask = (bit: number): number => 0x80 >> (bit & 7)

/** The CRC of all but the last two bytes, against these. */
const syndrome = (packet: Uint8Array): number =>
  crc16(packet.subarray(0, -2)) ^ (((packet.at(-2) as number) << 8) | (packet.at(-1) as number))

/**
 * Almost the same packet, whose CRC does not see the bits that the disturbance makes wrong: a wrong bit is a one that is seen as
 * a zero or the other way round, and of one that was sent otherwise it makes nothing. So bits are chosen, in the stretch of
 * the wrong ones, that make these fit the CRC.
 *
 * One disturbance in a thousand hits such a packet by chance.
 *
 * @param read what the packet was taken for
 * @returns null where the disturbance reaches beyond the value of one TLV, or is too short
 */
function withHiddenErrors(packet: Uint8Array, read: Uint8Array, dice: Dice): Uint8Array | null {
  if (read.length !== packet.length) return null
  const isWrong = (bit: number): boolean =>
    (((packet[bit >> 3] as number) ^ (read[bit >> 3] as number)) & mask(bit)) !== 0
  const bits = Array.from({ length: 8 * packet.length }, (_, bit) => bit)
  const [first = 0, last = 0] = [bits.find(isWrong), bits.findLast(isWrong)]
  if (first < HEADER_BITS || last >= bits.length - 16) return null
  const stretch = bits.slice(first, last + 1)
  const changes = stretch.map((bit) => {
    const changed = new Uint8Array(packet.length)
    changed[bit >> 3] = mask(bit)
    return syndrome(changed)
  })
  for (let trial = 0; trial < TRIALS; trial++) {
    const wrong = stretch.map(() => dice.random() < 0.5)
    const sum = changes.reduce((all, change, n) => (wrong[n] ? all ^ change : all), 0)
    if (sum !== 0 || !wrong.includes(true)) continue
    const chosen = packet.slice()
    for (const [n, bit] of stretch.entries()) {
      if (wrong[n] !== isWrong(bit)) chosen[bit >> 3] = (chosen[bit >> 3] as number) ^ mask(bit)
    }
    const crc = crc16(chosen.subarray(0, -2))
    chosen.set([crc >> 8, crc & 0xff], chosen.length - 2)
    return chosen
  }
  return null
}

/**
 * What became of a packet that was sent: of all that is reported, what was taken for another one counts most. What another sender has
 * sent is none of these.
 */
function outcome(
  receptions: readonly Reception[],
  sent: Uint8Array,
  otherPacket: Uint8Array | null,
): string {
  const messages = receptions.flatMap((reception) =>
    reception.kind === 'message' && !(otherPacket && isSame(reception.packet, otherPacket))
      ? [reception]
      : [],
  )
  if (messages.some(({ packet }) => !isSame(packet, sent))) return 'wrong'
  if (messages.length > 0) return 'right'
  const failed = receptions.find(({ kind }) => kind === 'bad-packet') ?? receptions[0]
  return (failed && failureOf(failed)) ?? 'nothing'
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1
}

/** Messages with one disturbance each: what arrives, what fails and why, and what is taken for another one. */
export function disturbances(): Section {
  const each = Math.round(MESSAGES / KINDS.length)
  const measured = KINDS.map((kind) => {
    const all: Record<string, number> = {
      right: 0,
      wrong: 0,
      uncertain: 0,
    }
    const hidden: Record<string, number> = { packets: 0, right: 0, wrong: 0, uncertain: 0 }
    for (let seed = FIRST; seed < FIRST + each; seed++) {
      progress(`disturbances: ${kind}, message ${seed}`)
      const { packet, otherPacket, seen } = disturbedMessage(kind, seed)
      const receptions = receive(seen(packet))
      count(all, outcome(receptions, packet, otherPacket))
      for (const reception of receptions) {
        if (reception.kind !== 'bad-packet') continue
        const chosen = withHiddenErrors(packet, reception.packet, new Dice(seed))
        if (!chosen) continue
        count(hidden, 'packets')
        count(hidden, outcome(receive(seen(chosen)), chosen, otherPacket))
      }
    }
    return { kind, all, hidden }
  })
  return {
    tables: {
      [`Messages with one disturbance each, ${each} of each kind`]: measured.map(
        ({ kind, all }) => ({ kind, ...all }),
      ),
      'The same with packets whose CRC does not see the bits that were wrong': measured.map(
        ({ kind, hidden }) => ({ kind, ...hidden }),
      ),
    },
  }
}
