import type { DecodedConfig } from '../packet/index.js'
import type { BitLight } from './bit-light.js'
import { EdgeGrid } from './edge-grid.js'
import { diagnose, greyFailure, type ReceptionFailure } from './failures.js'
import { LevelFollower, type LitSymbol, MARKER_BITS } from './level-follower.js'
import {
  check,
  decide,
  MAX_PACKET_BYTES,
  MIN_TLV_BYTES,
  packetBits,
  repair,
} from './packet-bits.js'
import { greyRatio } from './quality.js'
import type { Finding } from './reception.js'
import { SignalMeter } from './signal-meter.js'

const BITS_PER_BYTE = 8

/** A bit whose value is not decided yet: it may belong to the marker. */
interface Undecided {
  readonly symbol: LitSymbol
  readonly light: BitLight
}

/** One message, from the light of its bits: waits for the marker after a sync, decides bits and checks the packet. */
export class Message {
  readonly #edges = new EdgeGrid()
  readonly #follower = new LevelFollower()
  readonly #meter: SignalMeter
  #undecided: Undecided[] = []
  /** Each bit after the marker, to be decided again when more is known. */
  readonly #received: LitSymbol[] = []
  /** Of each bit as it was decided when it came, packed. */
  #packet = new Uint8Array(MAX_PACKET_BYTES)
  /** Bits that the packet has by its length byte. */
  #expectedBits = 0
  /** Bits read after the marker; null before it. */
  #packetBits: number | null = null
  /** A lit symbol was missing; the next bit tells whether the light has ended. */
  #isLost = false
  #firstRiseS: number | null = null
  #lastRiseS = 0
  #lastFallS = 0
  /** What ended as an empty packet may have been a marker that noise made. */
  #empty: Finding | null = null

  constructor(polarity: 1 | -1) {
    this.#meter = new SignalMeter(polarity)
  }

  get hasMarker(): boolean {
    return this.#packetBits !== null
  }

  /** When the last bit of the marker rose; null without one. */
  markerS: number | null = null

  /** Takes the next bit; returns what it ends: a message, or 'nothing' when a sync ends without a marker. */
  push(light: BitLight): Finding | 'nothing' | null {
    // After one missing symbol, a second one means that the light has ended.
    if (this.#isLost) return this.end(!this.#follower.isLit(light))
    if (Number.isNaN(light.lit)) return this.#end('lost-symbol')
    this.#firstRiseS ??= light.riseS
    const symbol = this.#follower.follow(light)
    const fault = this.#follower.faultOf(symbol)
    if (fault === 'lit-black') return this.#end('lost-symbol')
    if (fault === 'dark') {
      if (!this.#follower.knowsGrey) return 'nothing'
      this.#isLost = true
      return null
    }
    this.#edges.add(light.riseS)
    this.#lastRiseS = light.riseS
    this.#lastFallS = light.fallS
    this.#meter.add(light)
    const undecided = { symbol, light }
    return this.#packetBits === null
      ? this.#addSync(undecided)
      : this.#addBit(undecided, this.#packetBits)
  }

  /** Ends the message because its light, or else the samples, have ended. */
  end(isDark: boolean): Finding | 'nothing' {
    const endedOnByte = this.#packetBits !== 0 && (this.#packetBits ?? 0) % BITS_PER_BYTE === 0
    return this.#end(isDark && endedOnByte ? 'length' : 'lost-symbol')
  }

  #addSync(bit: Undecided): null {
    if (!this.#follower.knowsGrey) {
      this.#addZero(bit)
      return null
    }
    this.#undecided.push(bit)
    if (this.#undecided.length < MARKER_BITS.length) return null
    if (this.#follower.learnMarker(this.#undecided.map(({ symbol }) => symbol))) {
      for (const [n, { light }] of this.#undecided.entries()) {
        this.#meter.addLit(light, MARKER_BITS[n] === 1)
      }
      this.#packetBits = 0
      this.markerS = this.#lastRiseS
      this.#undecided = []
    } else {
      this.#addZero(this.#undecided.shift() as Undecided)
    }
    return null
  }

  #addZero(bit: Undecided): void {
    this.#follower.learnGrey(bit.symbol)
    this.#meter.addLit(bit.light, false)
  }

  #addBit(bit: Undecided, index: number): Finding | null {
    const isWhite = this.#follower.decide(bit.symbol)
    this.#meter.addLit(bit.light, isWhite)
    this.#received[index] = bit.symbol
    const byte = Math.floor(index / BITS_PER_BYTE)
    this.#packet[byte] = ((this.#packet[byte] as number) << 1) | Number(isWhite)
    this.#packetBits = index + 1
    if (this.#packetBits === BITS_PER_BYTE) return this.#addLength()
    return this.#packetBits === this.#expectedBits ? this.#complete() : null
  }

  #addLength(): null {
    this.#expectedBits = packetBits(this.#packet)
    if ((this.#packet[0] as number) >= MIN_TLV_BYTES) return null
    this.#empty ??= this.#finding('length', this.#packet.slice(0, 1))
    this.#packetBits = null
    this.#follower.forgetWhite()
    this.#meter.forgetWhite()
    return null
  }

  #complete(): Finding | null {
    const packet = this.#packet.slice(0, this.#expectedBits / BITS_PER_BYTE)
    const config = check(packet)
    if (typeof config !== 'string') return this.#finding(null, packet, config)
    return this.#inHindsight(config)
  }

  /** Decides again by what all bits show, when what was decided bit by bit is no packet. */
  #inHindsight(reason: ReceptionFailure): Finding | null {
    const count = this.#packetBits ?? 0
    const levels = this.#bitLevels
    const settled = this.#follower.settle(levels)
    const bytes = decide(levels, settled)
    const bits = packetBits(bytes)
    if (bits > count && reason !== 'lost-symbol' && this.#expectedBits === count) {
      this.#expectedBits = bits
      return null
    }
    const packet = bytes.slice(0, bits / BITS_PER_BYTE)
    const config = bits <= count ? check(packet) : reason
    if (typeof config !== 'string') return this.#finding(null, packet, config)
    if (bits <= count && config === 'crc') {
      const repaired = repair(packet, levels, settled)
      return this.#finding(reason, packet, null, repaired)
    }
    return this.#finding(reason, bytes)
  }

  /** Of each bit after the marker, above black, by what is known of its neighbours' part by now. */
  get #bitLevels(): number[] {
    return this.#received.slice(0, this.#packetBits ?? 0).map((bit) => this.#follower.level(bit))
  }

  #end(reason: ReceptionFailure): Finding | 'nothing' {
    if (this.#packetBits === null) return this.#empty ?? 'nothing'
    this.#expectedBits = -1
    return this.#inHindsight(reason) as Finding
  }

  /** What there is to tell of a sync that ended without a marker; null when not even that was there. */
  get bareSync(): Finding | null {
    return this.#follower.knowsGrey ? this.#finding('no-marker', null) : null
  }

  #finding(
    reason: ReceptionFailure | null,
    packet: Uint8Array | null,
    config: DecodedConfig | null = null,
    repaired: Finding['repaired'] = null,
  ): Finding {
    const { levels } = this.#meter
    const ratio = greyRatio(levels)
    const fault = reason ?? greyFailure(ratio)
    const failure = fault && diagnose(fault, levels)
    const grid = this.#edges.fit()
    const bits = this.#bitLevels
    return {
      ok: failure === null,
      reason: failure,
      startS: this.#firstRiseS ?? 0,
      endS: this.#lastFallS,
      packetBits:
        packet && failure === null ? BITS_PER_BYTE * packet.length : (this.#packetBits ?? 0),
      packet,
      config: failure === null ? config : null,
      repaired: failure === 'crc' ? repaired : null,
      ...grid,
      levels,
      greyRatio: ratio,
      quality: this.#meter.measure({
        levels,
        ...grid,
        bits,
        decided: this.#follower.settle(bits),
        noiseRms: this.#follower.blackRms,
      }),
    }
  }
}
