import {
  type Channel,
  GOOD_CHANNEL,
  seededRandom,
  simulateChannel,
} from '../../src/channel/index.js'
import { BLACK, DEFAULT_GREY_RATIO, GREY, modulate } from '../../src/modulation/index.js'
import { crc16 } from '../../src/packet/index.js'
import { Receiver, type Reception, type SampleBlock } from '../../src/receiver/index.js'
import type { Tables } from '../report.js'
import type { Figure } from './plots.js'

/** What a section of the benchmark gives. */
export interface Section {
  readonly tables: Tables
  readonly figures?: readonly Figure[]
}

const TLV_BYTES = 26
export const PACKET_BITS = 8 * (TLV_BYTES + 3)

/** One TLV of an unknown type with random bytes. */
export function randomPacket(seed: number, tlvBytes = TLV_BYTES): Uint8Array {
  const random = seededRandom(seed)
  const value = Array.from({ length: tlvBytes - 2 }, () => Math.floor(256 * random()))
  const body = Uint8Array.of(tlvBytes, 200, value.length, ...value)
  const crc = crc16(body)
  return Uint8Array.of(...body, crc >> 8, crc & 0xff)
}

export function receive(block: SampleBlock): Reception[] {
  const receiver = new Receiver()
  return [...receiver.push(block), ...receiver.end()]
}

/** Whether this message arrives; the sampling phase is another for each seed. `neighbour` is another sender's white beside the own one. */
export function arrives(
  channel: Partial<Channel>,
  seed: number,
  syncSymbols = 48,
  neighbour = 0,
): boolean {
  const packet = randomPacket(seed)
  const beforeS = 0.7 + seededRandom(seed)() / 60
  const { levels } = modulate(packet)
  const symbols = levels.subarray(48 - syncSymbols)
  const path = { ...GOOD_CHANNEL, seed, beforeS, ...channel }
  const block = simulateChannel(symbols, path)
  if (neighbour > 0) addNeighbour(block, path, neighbour, symbols.length)
  const good = receive(block).filter((reception) => reception.kind === 'message')
  return good.length === 1 && packet.every((byte, n) => good[0]?.packet[n] === byte)
}

/** The light of a sender by time, 1 being its white. */
export const senderLight =
  (symbols: Uint8Array, symbolRateHz: number, fromS: number, greyRatio = DEFAULT_GREY_RATIO) =>
  (timeS: number): number => {
    const symbol = symbols[Math.floor((timeS - fromS) * symbolRateHz)] ?? BLACK
    return symbol === BLACK ? 0 : symbol === GREY ? greyRatio : 1
  }

/** Adds the light of another message, at 0.3 to 3 times the rate, which begins or ends within the own one. */
function addNeighbour(
  { timesS, levels }: { readonly timesS: Float64Array; readonly levels: Float64Array },
  { seed, symbolRateHz, beforeS, swing, greyRatio, inverted }: Channel,
  neighbour: number,
  symbols: number,
): void {
  const random = seededRandom(seed + 1e6)
  const other = modulate(randomPacket(seed + 1e6)).levels
  const otherHz = symbolRateHz * 0.3 * 10 ** random()
  const [ownS, otherS] = [symbols / symbolRateHz, other.length / otherHz]
  const fromS = beforeS - otherS + (ownS + otherS) * random()
  const lightAt = senderLight(other, otherHz, fromS, greyRatio)
  for (const [n, timeS] of timesS.entries()) {
    const added = swing * neighbour * lightAt(timeS)
    levels[n] = (levels[n] as number) + (inverted ? -added : added)
  }
}
