import { MARKER, SYMBOLS_PER_BYTE } from '../../modulation/index.js'
import {
  maskPacketHex,
  PacketError,
  type PacketField,
  packetFields,
  toHex,
} from '../../packet/index.js'
import type { Waveform, WaveformMessage } from '../bench-report.js'
import { type PackedSamples, packSamples } from './packed.js'

/** What the script of the page draws. */
export interface WaveformData extends PackedSamples {
  readonly messages: readonly {
    /** Black-to-lit edge of the marker's first bit. */
    readonly startS: number
    readonly symbolRateHz: number
    readonly verdict: 'pass' | 'fail'
    /** Of marker and packet: their bytes follow the samples in `data`. */
    readonly hex: readonly string[]
    readonly fields: readonly PacketField[]
  }[]
}

export function waveformData(waveform: Waveform, showSecrets: boolean): WaveformData {
  const bytes = waveform.messages.map(({ packet }) => Uint8Array.of(MARKER, ...packet))
  return {
    ...packSamples(waveform, bytes),
    messages: waveform.messages.map((message) => messageData(message, showSecrets)),
  }
}

function messageData(
  { packetS, symbolRateHz, packet, verdict }: WaveformMessage,
  showSecrets: boolean,
): WaveformData['messages'][number] {
  const hex = showSecrets ? toHex(packet) : maskPacketHex(packet)
  const fields = fieldsOf(packet, showSecrets)
  return {
    startS: packetS - SYMBOLS_PER_BYTE / symbolRateHz,
    symbolRateHz,
    verdict,
    hex: [toHex(Uint8Array.of(MARKER)), ...(hex.match(/../g) ?? [])],
    fields: [
      { name: 'marker', start: 0, end: 1, text: '' },
      ...fields.map((field) => ({ ...field, start: field.start + 1, end: field.end + 1 })),
    ],
  }
}

/** Of a packet that is wrong nothing is sure. */
function fieldsOf(packet: Uint8Array, showSecrets: boolean): readonly PacketField[] {
  try {
    return packetFields(packet, showSecrets)
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    return [{ name: 'wrong packet', start: 0, end: packet.length, text: error.message }]
  }
}
