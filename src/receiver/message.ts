import { DEFAULT_GREY_RATIO, MARKER } from '../modulation/index.js'
import type { DecodedConfig } from '../packet/index.js'
import type { BitLight } from './bit-light.js'
import { EdgeGrid } from './edge-grid.js'
import { Equaliser, type Neighbours } from './equaliser.js'
import { diagnose, greyFailure, MAX_GREY_RATIO, type ReceptionFailure } from './failures.js'
import {
  check,
  decide,
  type LitLevels,
  MAX_PACKET_BYTES,
  MIN_TLV_BYTES,
  packetBits,
  repair,
  settle,
} from './packet-bits.js'
import { greyRatio } from './quality.js'
import type { Finding } from './reception.js'
import { SignalMeter } from './signal-meter.js'

// Zero bits that show the grey level before a marker is looked for.
const MIN_SYNC_BITS = 8
const BITS_PER_BYTE = 8

const MARKER_BITS = [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (MARKER >> bit) & 1)
const MARKER_ONES = MARKER_BITS.filter((bit) => bit === 1).length
const MARKER_ZEROS = MARKER_BITS.length - MARKER_ONES

// Averages begin as means of all that was seen, and then follow slowly.
const LEVEL_GAIN = 1 / 32
const SETTLED_GAIN = 1 / 64
// Where noise allows, they follow faster: with the square of the step from grey to white over the noise.
const FASTEST_GAIN = 1 / 4
const CLEAR_STEP = 2000

// White is above grey by more than this many times a bit's noise (rms), which is known from few bits.
const CLEAR_MARKER = 3.5
// The same for a white so near that the message will fail for it.
const CLEAR_NEAR_MARKER = 6
// A sync this much darker than what follows is no grey but the flicker before a message.
const FLICKER_RATIO = 0.15
// Above this ratio there is no white, whatever the noise.
const SAME_RATIO = 0.97

// A lit symbol is missing below half of grey, or lower where noise alone would make it seem so: 4.5 rms.
const LOST_BELOW = 0.5
const LOST_RMS = 4.5
const LOST_AT_LEAST = 0.1
// The same before the noise is known.
const LOST_EARLY = 0.25
// A black symbol brighter than this part of grey is none, so that the clock is lost.
const LIT_BLACK = 0.9

/** A bit whose value is not decided yet: it may belong to the marker. */
interface Undecided {
  readonly swing: number
  readonly neighbours: Neighbours
  readonly settled: number
}

/** The mean of all that was added, or nearly so: of late it follows slowly. */
class Mean {
  value = 0
  #count = 0

  add(value: number): void {
    this.value += Math.max(SETTLED_GAIN, 1 / ++this.#count) * (value - this.value)
  }
}

/**
 * One message, from the light of its bits: learns its levels from the sync, finds the marker, decides bits and
 * checks the packet. All levels are in the sense that makes lit brighter than black.
 */
export class Message {
  readonly #edges = new EdgeGrid()
  readonly #equaliser = new Equaliser()
  readonly #meter = new SignalMeter()
  /** Each bit after the marker, to be decided again when more is known. */
  readonly #received: Undecided[] = []
  #bits = 0
  #black = 0
  /** Grey and white are swings above black; white is null as long as it was not seen. */
  #grey = 0
  #white: number | null = null
  #greys = 0
  #whites = 0
  /** Of a bit's deviation from its level. */
  #variance = 0
  /** Mean square of the noise of a symbol, as black symbols show it. */
  #blackNoise = 0
  #litBefore = 0
  /** What the sensor settles at, for the report; grey and white as swings. */
  readonly #settledBlack = new Mean()
  readonly #settledGrey = new Mean()
  readonly #settledWhite = new Mean()
  #undecided: Undecided[] = []
  /** Of each bit as it was decided when it came, packed. */
  #packet = new Uint8Array(MAX_PACKET_BYTES)
  /** Bits that the packet has by its length byte. */
  #expectedBits = 0
  /** Bits read after the marker; null before it. */
  #packetBits: number | null = null
  /** A lit symbol was missing; the next bit tells whether the light has ended. */
  #isLost = false
  #firstRiseS = 0
  #lastRiseS = 0
  #lastFallS = 0
  /** What ended as an empty packet may have been a marker that noise made. */
  #empty: Finding | null = null

  constructor(private readonly polarity: 1 | -1) {}

  get hasMarker(): boolean {
    return this.#packetBits !== null
  }

  /** When the last bit of the marker rose; null without one. */
  markerS: number | null = null

  /** Takes the next bit; returns what it ends: a message, or 'nothing' when a sync ends without a marker. */
  push(bit: BitLight): Finding | 'nothing' | null {
    // After one missing symbol, a second one means that the light has ended.
    if (this.#isLost) return this.end(!(bit.lit - this.#black >= this.#lostBelow))
    if (Number.isNaN(bit.lit)) return this.#end('lost-symbol')
    if (this.#bits++ === 0) {
      this.#firstRiseS = bit.riseS
      this.#black = Number.isNaN(bit.black) ? bit.blackAfter : bit.black
    }
    const neighbours = this.#neighbours(bit)
    const swing = bit.lit - this.#black
    if (this.#greys >= MIN_SYNC_BITS) {
      const level = swing - this.#equaliser.explain(neighbours)
      if (level < this.#lostBelow) {
        this.#isLost = true
        return null
      }
      if (neighbours[0] > LIT_BLACK * this.#grey && neighbours[0] > level) {
        return this.#end('lost-symbol')
      }
    } else if (this.#greys >= 2 && swing < LOST_EARLY * this.#grey) {
      return 'nothing'
    }
    this.#edges.add(bit.riseS)
    this.#lastRiseS = bit.riseS
    this.#lastFallS = bit.fallS
    this.#settledBlack.add(bit.settledBlack)
    this.#meter.add(bit)
    const undecided = { swing, neighbours, settled: bit.settledLit - bit.settledBlack }
    return this.#packetBits === null
      ? this.#addSync(undecided)
      : this.#addBit(undecided, this.#packetBits)
  }

  /** Ends the message because its light, or else the samples, have ended. */
  end(isDark: boolean): Finding | 'nothing' {
    const endedOnByte = this.#packetBits !== 0 && (this.#packetBits ?? 0) % BITS_PER_BYTE === 0
    return this.#end(isDark && endedOnByte ? 'length' : 'lost-symbol')
  }

  #neighbours(bit: BitLight): Neighbours {
    const black = Number.isNaN(bit.black) ? this.#black : bit.black
    this.#black += Math.max(LEVEL_GAIN, 1 / this.#bits) * (black - this.#black)
    const after = Number.isNaN(bit.blackAfter) ? this.#black : bit.blackAfter
    this.#blackNoise += LEVEL_GAIN * ((after - black) ** 2 / 2 - this.#blackNoise)
    return [black - this.#black, after - this.#black, this.#litBefore]
  }

  get #lostBelow(): number {
    const noise = this.#grey - LOST_RMS * Math.sqrt(this.#variance)
    return Math.max(Math.min(LOST_BELOW * this.#grey, noise), LOST_AT_LEAST * this.#grey)
  }

  #level({ swing, neighbours }: Undecided): number {
    return swing - this.#equaliser.explain(neighbours)
  }

  #addSync(bit: Undecided): null {
    this.#litBefore = 0
    if (this.#greys < MIN_SYNC_BITS) {
      this.#learnGrey(bit)
      return null
    }
    this.#undecided.push(bit)
    if (this.#undecided.length < MARKER_BITS.length) return null
    if (this.#learnMarker()) {
      for (const [n, { settled }] of this.#undecided.entries()) {
        if (MARKER_BITS[n]) this.#settledWhite.add(settled)
      }
      this.#packetBits = 0
      this.markerS = this.#lastRiseS
      this.#undecided = []
    } else {
      this.#learnGrey(this.#undecided.shift() as Undecided)
    }
    return null
  }

  #learnGrey(bit: Undecided): void {
    const error = this.#level(bit) - this.#grey
    this.#settledGrey.add(bit.settled)
    if (this.#white !== null) this.#white *= 1 + this.#commonGain * (error / this.#grey)
    this.#learn(bit, error)
    this.#grey += Math.max(this.#levelGain, 1 / ++this.#greys) * error
  }

  #learn({ neighbours }: Undecided, error: number): void {
    const seen = this.#greys + this.#whites
    if (seen === 0) return
    // The mean that the error is from was made of the same bits: 1 - 1/n of the variance is left.
    this.#variance +=
      Math.max(LEVEL_GAIN, 1 / seen) * (error ** 2 * (seen / (seen + 1)) - this.#variance)
    if (seen >= 2) this.#equaliser.learn(neighbours, error, this.#variance)
  }

  /** Levels follow the faster, the less noise there is: a hand in front of the sensor passes quickly. */
  get #levelGain(): number {
    const step = (this.#white ?? this.#grey) - this.#grey
    const clear = step ** 2 / this.#blackNoise || 0
    return Math.min(Math.max(LEVEL_GAIN, clear / CLEAR_STEP), FASTEST_GAIN)
  }

  /** What dims one level dims the other; not so noise. */
  get #commonGain(): number {
    return (this.#levelGain - LEVEL_GAIN) / (1 - LEVEL_GAIN / FASTEST_GAIN)
  }

  /**
   * Learns white if the newest bits are the marker. In the wrong polarity the marker is in the black symbols,
   * and what is left of it in the lit ones is less.
   */
  #learnMarker(): boolean {
    const levels = this.#undecided.map((bit) => this.#level(bit))
    const white =
      levels.reduce((sum, level, n) => sum + (MARKER_BITS[n] ? level : 0), 0) / MARKER_ONES
    // A one counts by what the others say of white: else a grey one that noise made brighter would lower its own bar.
    const middle = (level: number, one: number | undefined): number =>
      (this.#grey + (one ? (MARKER_ONES * white - level) / (MARKER_ONES - 1) : white)) / 2
    const contrast = (side: 0 | 1): number =>
      this.#undecided.reduce(
        (sum, { neighbours }, n) =>
          sum + neighbours[side] * (MARKER_BITS[n] ? 1 / MARKER_ONES : -1 / MARKER_ZEROS),
        0,
      )
    const step = white - this.#grey
    const clear = this.#grey > MAX_GREY_RATIO * white ? CLEAR_NEAR_MARKER : CLEAR_MARKER
    const isMarker =
      this.#grey > FLICKER_RATIO * white &&
      this.#grey < SAME_RATIO * white &&
      step > clear * Math.sqrt(this.#variance) &&
      step > Math.max(Math.abs(contrast(0)), Math.abs(contrast(1))) &&
      levels.every((level, n) => Number(level > middle(level, MARKER_BITS[n])) === MARKER_BITS[n])
    if (!isMarker) return false
    this.#white = white
    this.#whites = MARKER_ONES
    return true
  }

  #addBit(bit: Undecided, index: number): Finding | 'nothing' | null {
    const grey = this.#grey
    const white = this.#white as number
    const level = this.#level(bit)
    const isWhite = level > (grey + white) / 2
    if (isWhite) {
      this.#learn(bit, level - white)
      this.#settledWhite.add(bit.settled)
      this.#white = white + Math.max(this.#levelGain, 1 / ++this.#whites) * (level - white)
      this.#grey *= 1 + this.#commonGain * (level / white - 1)
    } else {
      this.#learnGrey(bit)
    }
    this.#litBefore = isWhite ? white - grey : 0

    this.#received[index] = bit
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
    this.#white = null
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
    const levels = this.#levels
    const settled = this.#settle(levels)
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
  get #levels(): number[] {
    return this.#received.slice(0, this.#packetBits ?? 0).map((bit) => this.#level(bit))
  }

  #settle(levels: readonly number[]): LitLevels {
    const white = this.#white ?? this.#grey / DEFAULT_GREY_RATIO
    return settle(levels, { grey: this.#grey, white })
  }

  #end(reason: ReceptionFailure): Finding | 'nothing' {
    if (this.#packetBits === null) return this.#empty ?? 'nothing'
    this.#expectedBits = -1
    return this.#inHindsight(reason) as Finding
  }

  /** What there is to tell of a sync that ended without a marker; null when not even that was there. */
  get bareSync(): Finding | null {
    return this.#greys < MIN_SYNC_BITS ? null : this.#finding('no-marker', null)
  }

  #finding(
    reason: ReceptionFailure | null,
    packet: Uint8Array | null,
    config: DecodedConfig | null = null,
    repaired: Finding['repaired'] = null,
  ): Finding {
    const absolute = (swing: number): number => this.polarity * (this.#settledBlack.value + swing)
    const levels = {
      black: absolute(0),
      grey: absolute(this.#settledGrey.value),
      white: this.#white === null ? null : absolute(this.#settledWhite.value || this.#white),
    }
    const ratio = greyRatio(levels)
    const failure = reason ?? greyFailure(ratio)
    const grid = this.#edges.fit()
    const bits = this.#levels
    const quality = this.#meter.measure({
      levels,
      ...grid,
      bits,
      decided: this.#settle(bits),
      noiseRms: Math.sqrt(this.#variance),
    })
    return {
      ok: failure === null,
      reason: failure && diagnose(failure, levels),
      startS: this.#firstRiseS,
      endS: this.#lastFallS,
      packetBits:
        packet && failure === null ? BITS_PER_BYTE * packet.length : (this.#packetBits ?? 0),
      packet,
      config: failure === null ? config : null,
      repaired: failure === 'crc' ? repaired : null,
      ...grid,
      levels,
      greyRatio: ratio,
      quality,
    }
  }
}
