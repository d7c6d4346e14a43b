import { packetLengthBytes } from '../modulation/index.js'
import { type DecodedConfig, decodePacket, PacketError } from '../packet/index.js'
import { EdgeGrid } from './edge-grid.js'
import { MessageLevels } from './levels.js'
import { diagnose, greyRatio, type Reception, type ReceptionFailure } from './reception.js'
import type { KnownSignal, Pulse } from './slicer.js'

// Bits at 250 Hz and at 10 Hz last 8 ms and 200 ms; the rest is for edges that jitter.
const SHORTEST_BIT_S = 0.006
const LONGEST_BIT_S = 0.25

// In bits: a missing edge makes an interval of 2, the shortest tail one of 1.5, an extra edge at most 0.5.
const INTERVAL_TOLERANCE = 0.3
// In bits: with no pulse for so long, none belongs to the message any more.
const SILENCE = 2.5
const PERIOD_GAIN = 1 / 8

// The lit part of a bit, nominally a half.
const MIN_LIT_PART = 0.25
const MAX_LIT_PART = 0.75

// Of two syncs without a marker, flicker is the darker one.
const CLEARLY_BRIGHTER = 1.5

const BITS_PER_BYTE = 8
const MAX_PACKET_BYTES = packetLengthBytes(255)
// No TLV is shorter; and an empty packet, 24 zero bits, would pass its CRC.
const MIN_TLV_BYTES = 2

/** Puts pulses together to messages, one pulse a bit: sync, marker, packet. */
export class Framer {
  readonly #edges = new EdgeGrid()
  readonly #packet = new Uint8Array(MAX_PACKET_BYTES)
  #levels: MessageLevels | null = null
  #firstRiseS = 0
  #lastRiseS = 0
  #lastFallS = 0
  /** 0 as long as only one pulse was seen. */
  #periodS = 0
  /** Bits read after the marker; null before it. */
  #packetBits: number | null = null
  #bareSync: Reception | null = null
  #bareSyncSwing = 0

  /** Null as long as no sync is in progress. */
  get knownSignal(): KnownSignal | null {
    if (!this.#levels?.areKnown) return null
    const { black, grey } = this.#levels
    return { black, grey, shortestPulseS: MIN_LIT_PART * this.#periodS }
  }

  /** When the message in progress is over if no pulse has come by then. */
  get deadlineS(): number {
    return this.#periodS > 0 ? this.#lastRiseS + SILENCE * this.#periodS : Infinity
  }

  /** The brightest sync that ended before any marker: no message, but all there was if there is none. */
  get bareSync(): Reception | null {
    return this.#bareSync
  }

  /** Takes the next pulse; returns the message that it completes or breaks. */
  pulse(pulse: Pulse): Reception | null {
    const levels = this.#levels
    if (!levels || !this.#isRegular(pulse)) return this.#restart(pulse)
    const intervalS = pulse.riseS - this.#lastRiseS
    this.#periodS += (this.#periodS > 0 ? PERIOD_GAIN : 1) * (intervalS - this.#periodS)
    const swing = levels.swing(pulse, intervalS)
    if (this.#packetBits !== null) {
      this.#addEdge(pulse)
      return this.#addBit(levels, levels.bit(swing), this.#packetBits)
    }
    const found = levels.sync(swing)
    if (found === 'misfit') return this.#restart(pulse)
    this.#addEdge(pulse)
    if (found === 'marker') this.#packetBits = 0
    return null
  }

  /** Ends the message in progress because its light has ended. */
  silence(): Reception | null {
    const endedOnByte = this.#packetBits !== null && this.#packetBits % BITS_PER_BYTE === 0
    return this.#break(endedOnByte && this.#packetBits !== 0 ? 'length' : 'lost-symbol')
  }

  /** Ends the message in progress because the samples have ended. */
  end(): Reception | null {
    return this.#break('lost-symbol')
  }

  #isRegular({ riseS, fallS }: Pulse): boolean {
    const intervalS = riseS - this.#lastRiseS
    const litPart = (fallS - riseS) / (this.#periodS || intervalS)
    if (litPart < MIN_LIT_PART || litPart > MAX_LIT_PART) return false
    return this.#periodS > 0
      ? Math.abs(intervalS / this.#periodS - 1) <= INTERVAL_TOLERANCE
      : intervalS >= SHORTEST_BIT_S && intervalS <= LONGEST_BIT_S
  }

  #restart(pulse: Pulse): Reception | null {
    const broken = this.#break('lost-symbol')
    this.#levels = new MessageLevels(pulse)
    this.#firstRiseS = pulse.riseS
    this.#addEdge(pulse)
    return broken
  }

  #addEdge({ riseS, fallS }: Pulse): void {
    this.#edges.add(riseS)
    this.#lastRiseS = riseS
    this.#lastFallS = fallS
  }

  #addBit(levels: MessageLevels, bit: 0 | 1, index: number): Reception | null {
    const byteIndex = Math.floor(index / BITS_PER_BYTE)
    this.#packet[byteIndex] = ((this.#packet[byteIndex] ?? 0) << 1) | bit
    this.#packetBits = index + 1
    if (this.#packetBits < BITS_PER_BYTE) return null
    const tlvBytes = this.#packet[0] ?? 0
    if (tlvBytes < MIN_TLV_BYTES) return this.#finish(levels, 'length')
    const packetBytes = packetLengthBytes(tlvBytes)
    if (this.#packetBits < packetBytes * BITS_PER_BYTE) return null
    try {
      return this.#finish(levels, null, decodePacket(this.#packet.slice(0, packetBytes)))
    } catch (error) {
      if (!(error instanceof PacketError)) throw error
      return this.#finish(levels, error.code === 'crc' ? 'crc' : 'tlv')
    }
  }

  #break(reason: 'lost-symbol' | 'length'): Reception | null {
    const levels = this.#levels
    if (!levels) return null
    if (this.#packetBits !== null) return this.#finish(levels, reason)
    const brightest = levels.white ?? levels.grey
    if (levels.areKnown && brightest > CLEARLY_BRIGHTER * this.#bareSyncSwing) {
      this.#bareSyncSwing = brightest
      this.#bareSync = this.#finish(levels, 'no-marker')
    }
    this.#reset()
    return null
  }

  #finish(
    messageLevels: MessageLevels,
    reason: ReceptionFailure | null,
    config: DecodedConfig | null = null,
  ): Reception {
    const packetBits = this.#packetBits ?? 0
    const levels = messageLevels.received
    const reception = {
      ok: reason === null,
      reason: reason && diagnose(reason, levels),
      startS: this.#firstRiseS,
      endS: this.#lastFallS,
      packetBits,
      packet:
        this.#packetBits === null
          ? null
          : this.#packet.slice(0, Math.floor(packetBits / BITS_PER_BYTE)),
      config,
      ...this.#edges.fit(),
      levels,
      greyRatio: greyRatio(levels),
    }
    this.#reset()
    return reception
  }

  #reset(): void {
    this.#levels = null
    this.#packetBits = null
    this.#periodS = 0
    this.#edges.clear()
  }
}
