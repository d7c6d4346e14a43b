import { type Channel, seededRandom, simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { crc16 } from '../../src/packet/index.js'
import {
  failureOf,
  type ReceivedMessage,
  Receiver,
  type ReceiverOptions,
  type Reception,
  type SampleBlock,
} from '../../src/receiver/index.js'

/** A packet around the given TLV bytes, right or wrong, with the right length and CRC. */
export function packetOf(...tlvs: number[]): Uint8Array {
  const body = Uint8Array.of(tlvs.length, ...tlvs)
  const crc = crc16(body)
  return Uint8Array.of(...body, crc >> 8, crc & 0xff)
}

/** The same packet with one wrong bit, so that its CRC is. */
export const damaged = (packet: Uint8Array): Uint8Array =>
  packet.with(5, (packet[5] as number) ^ 0x10)

/** A packet of one TLV of an unknown type with random bytes. */
export function randomPacket(seed: number, valueBytes = 24): Uint8Array {
  const random = seededRandom(seed)
  const value = Array.from({ length: valueBytes }, () => Math.floor(256 * random()))
  return packetOf(200, valueBytes, ...value)
}

/** Everything that a receiver makes of one capture. */
export function receive(block: SampleBlock, options?: ReceiverOptions): Reception[] {
  const receiver = new Receiver(options)
  return [...receiver.push(block), ...receiver.end()]
}

/** The one reception of a capture, which is a message. */
export function receivedMessage(block: SampleBlock): ReceivedMessage {
  const [reception, ...others] = receive(block)
  if (reception?.kind !== 'message' || others.length > 0) throw new Error('there is no message')
  return reception
}

/** The light of one message. */
export const message = (packet: Uint8Array, path?: Partial<Channel>): SampleBlock =>
  simulateChannel(modulate(packet).levels, path)

/** 'ok' or the reason of each reception. */
export const outcomes = (block: SampleBlock): string[] =>
  receive(block).map((reception) => failureOf(reception) ?? 'ok')

/** The packets of the good receptions. */
export const packets = (block: SampleBlock): Uint8Array[] =>
  receive(block)
    .filter((reception) => reception.kind === 'message')
    .map(({ packet }) => packet)
