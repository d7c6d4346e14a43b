import type { DecodedConfig } from '../../packet/index.js'
import type { BitLight } from '../cut/bit-light.js'
import { noiseOf, type PacketLight } from '../judge/disturbance.js'
import { EdgeGrid } from '../judge/edge-grid.js'
import { diagnose, greyFailure, type ReceptionFailure } from '../judge/failures.js'
import { logLikelihoodOf } from '../judge/log-likelihood.js'
import { CERTAIN_NATS, certaintyNats } from '../judge/packet-doubt.js'
import { greyRatio } from '../judge/quality.js'
import { SignalMeter } from '../judge/signal-meter.js'
import type { Finding } from '../reception.js'
import { decideWithGain, waysOf } from './gain-trellis.js'
import { LevelFollower, type LitSymbol, MARKER_BITS } from './level-follower.js'
import { decideBesideOther } from './other-sender.js'
import {
  BITS_PER_BYTE,
  check,
  decide,
  type LitLevels,
  MIN_TLV_BYTES,
  marginOf,
  packetBits,
} from './packet-bits.js'
import { type RightPacket, rightPacket } from './right-packet.js'
import { SlowSensor } from './slow-sensor.js'

// Of a sync so many bits are kept, until it is known which of them are the message's own; and as many after a marker, which may turn
// out to be another sender's.
const KEPT_SYNC_BITS = 64

/** Below this noise (rms), as a part of the step from grey to white, changes of the gain are told from it. */
const CLEAR_RMS = 0.12

/** Half the step from grey to white is as large as the noise. */
const LEAST_SEEN_DB = 0

/** A bit whose value is not decided yet: it may belong to the marker. */
interface Undecided {
  readonly symbol: LitSymbol
  readonly light: BitLight
}

/** One message, from the light of its bits: waits for the marker after a sync, decides bits and checks the packet. */
export class Message {
  readonly #edges = new EdgeGrid()
  #follower = new LevelFollower()
  readonly #sensor = new SlowSensor()
  #meter: SignalMeter
  #undecided: Undecided[] = []
  /** The newest bits of the sync, oldest first, and behind a marker all up to now, as long as the sync may go on. */
  #sync: Undecided[] = []
  /** The bits after the marker, to be decided again when more is known, and the margins that they were decided with. */
  #received: Undecided[] = []
  #margins: number[] = []
  /** Levels of the marker. */
  #marker: LitLevels = { grey: 0, white: 0 }
  /** Bits that the packet has by its length byte. */
  #expectedBits = 0
  /** A lit symbol was missing; the next bit tells whether the light has ended. */
  #isLost = false
  #lastRiseS = 0
  #lastFallS = 0
  /** The failure of the first marker that an empty packet followed: noise may have made it, so that the sync goes on. */
  #empty: Finding | null = null
  /** When the last bit of the marker rose; null without one. */
  markerS: number | null = null
  /** How many of the newest bits after the marker were decided alike. */
  alike = 0

  /** @param lightAt how much brighter the symbol from a time on is than those beside it; NaN where that is not known */
  constructor(
    private readonly polarity: 1 | -1,
    private readonly lightAt: (timeS: number, symbolS: number) => number,
    private readonly isFullScaleKnown: boolean,
  ) {
    this.#meter = new SignalMeter(polarity)
  }

  get hasMarker(): boolean {
    return this.markerS !== null
  }

  /** Whether there is a marker that no chance makes of a sync: white is well above grey. */
  get hasClearMarker(): boolean {
    return this.hasMarker && !this.#follower.isGreyNearWhite
  }

  /** Takes the next bit; returns what it ends: a message, or 'nothing' when a sync ends without a marker. */
  push(seen: BitLight): Finding | 'nothing' | null {
    const light = this.#sensor.sharpen(seen)
    // After one missing symbol, a second one means that the light has ended.
    if (this.#isLost) return this.end(!this.#follower.isLit(light))
    if (Number.isNaN(light.lit)) return this.#end('lost-symbol')
    const symbol = this.#follower.follow(light)
    const fault = this.#follower.faultOf(symbol)
    if (fault === 'lit-black') return this.#end('lost-symbol')
    if (fault === 'dark') {
      if (!this.#follower.knowsGrey) return 'nothing'
      this.#isLost = true
      return null
    }
    this.#edges.add(light.riseS, symbol.swing)
    this.#lastRiseS = light.riseS
    this.#lastFallS = light.fallS
    const undecided = { symbol, light }
    return this.hasMarker ? this.#addBit(undecided) : this.#addSync(undecided)
  }

  /** Ends the message because its light, or else the samples, have ended. */
  end(isDark: boolean): Finding | 'nothing' {
    const bits = this.#received.length
    const endedOnByte = bits > 0 && bits % BITS_PER_BYTE === 0
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
      this.#beginPacket()
    } else {
      this.#addZero(this.#undecided.shift() as Undecided)
    }
    return null
  }

  /** The newest bits are a marker: so it is known what else was the message's own. */
  #beginPacket(): void {
    const greys = this.#undecided.filter((_, n) => MARKER_BITS[n] === 0)
    const grey = greys.reduce((sum, { symbol }) => sum + symbol.swing / greys.length, 0)
    this.#edges.addMarker(MARKER_BITS.length, grey, this.lightAt)
    this.#meterSync(this.#meter)
    this.#sync.push(...this.#undecided)
    for (const [n, { light }] of this.#undecided.entries()) {
      this.#meter.add(light)
      this.#meter.addLit(light, MARKER_BITS[n] === 1)
    }
    this.markerS = this.#lastRiseS
    this.#marker = this.#follower.settle([])
    this.#undecided = []
  }

  #addZero(bit: Undecided): void {
    this.#follower.learnGrey(bit.symbol)
    this.#sync.push(bit)
    if (this.#sync.length > KEPT_SYNC_BITS) this.#sync.shift()
  }

  /** Meters the bits of the sync that are the message's own, but for those not decided yet. */
  #meterSync(meter: SignalMeter): void {
    const own = this.#edges.own - this.#undecided.length
    for (const { light } of this.#sync.slice(Math.max(0, this.#sync.length - own))) {
      meter.add(light)
      meter.addLit(light, false)
    }
  }

  #addBit(bit: Undecided): Finding | null {
    const { symbol, light } = bit
    if (this.#received.length < KEPT_SYNC_BITS) {
      this.#sync.push(bit)
      if (this.#isOutshone) return this.#beginAgain()
    }
    const margin = this.#follower.decide(symbol)
    this.#meter.add(light)
    this.#meter.addLit(light, margin > 0)
    this.#received.push(bit)
    this.alike = margin > 0 === (this.#margins.at(-1) ?? 0) > 0 ? this.alike + 1 : 1
    const bits = this.#margins.push(margin)
    if (bits === BITS_PER_BYTE) return this.#addLength()
    return bits === this.#expectedBits ? this.#complete() : null
  }

  /**
   * Whether the newest bits are a marker in whose light all before, the first marker with them, is a sync that went on: then that
   * was the one of another sender nearby, whose light is added to each bit.
   */
  get #isOutshone(): boolean {
    const { grey, white } = this.#marker
    const first = this.#sync.length - MARKER_BITS.length
    const ones = this.#sync.slice(first).filter((_, n) => MARKER_BITS[n])
    const middle =
      (grey + ones.reduce((sum, { symbol }) => sum + symbol.swing / ones.length, 0)) / 2
    return (
      white < middle &&
      this.#sync.every(({ symbol }, n) => symbol.swing > middle === (MARKER_BITS[n - first] === 1))
    )
  }

  /** The marker was another sender's, and now there is the message's own. */
  #beginAgain(): null {
    const bits = this.#sync
    this.#forgetMarker()
    this.#sync = []
    this.#follower = new LevelFollower()
    this.#meter = new SignalMeter(this.polarity)
    for (const [n, { light }] of bits.entries()) {
      const bit = { symbol: this.#follower.follow(light), light }
      if (n < bits.length - MARKER_BITS.length) this.#addZero(bit)
      else this.#addSync(bit)
    }
    return null
  }

  #forgetMarker(): void {
    this.markerS = null
    this.#received = []
    this.#margins = []
    this.alike = 0
  }

  #addLength(): null {
    const length = decide(this.#margins)
    this.#expectedBits = packetBits(length)
    if ((length[0] as number) >= MIN_TLV_BYTES) return null
    this.#empty ??= this.#badPacket('length', length)
    this.#forgetMarker()
    this.#follower.forgetWhite()
    this.#meter.forgetWhite()
    return null
  }

  #complete(): Finding | null {
    const packet = decide(this.#margins)
    const config = check(packet)
    if (typeof config !== 'string') return this.#right({ packet, config })
    const lights = this.#packetLights
    const right = rightPacket(lights)
    if (right) return this.#right(right)
    const bits = Math.max(...lights.map(({ margins }) => packetBits(decide(margins))))
    if (bits <= this.#received.length) return this.#inHindsight(config, lights)
    // The length byte was decided wrong, and there is more to come.
    this.#expectedBits = bits
    return null
  }

  #end(reason: ReceptionFailure): Finding | 'nothing' {
    return this.hasMarker
      ? this.#inHindsight(reason, this.#packetLights)
      : (this.#empty ?? 'nothing')
  }

  /** The packet by what all bits show, when what was decided bit by bit is none. */
  #inHindsight(reason: ReceptionFailure, lights: readonly PacketLight[]): Finding {
    // What broke off is no packet beside another sender either.
    const right = rightPacket(lights) ?? (reason === 'lost-symbol' ? null : this.#besideOther)
    if (right) return this.#right(right)
    return this.#badPacket(reason, decide((lights[0] as PacketLight).margins))
  }

  /**
   * A packet with a right CRC, which noise or a disturbance may have made: in whatever way it was decided, by the light as it was.
   * Its levels are those that all bits show, or, as they may have moved for good, those of the marker.
   */
  #right({ packet, config }: RightPacket): Finding {
    const settled = this.#packetLight
    const first = { ...settled, ...this.#lightAt(this.#marker) }
    const isCertain = (light: PacketLight): boolean =>
      certaintyNats(packet, config, light) >= CERTAIN_NATS
    return [settled, first].some(isCertain)
      ? this.#rightPacket(packet, config)
      : this.#badPacket('uncertain', packet)
  }

  /** The bits after the marker by what all of them show: by two levels, and where noise is low by levels that gain may change. */
  get #packetLights(): PacketLight[] {
    const settled = this.#packetLight
    const rms = this.#follower.blackRms
    const { grey, white } = this.#marker
    if (!(rms < CLEAR_RMS * (white - grey))) return [settled]
    const ways = waysOf(decideWithGain(this.#bitLevels, this.#marker, rms)).map((margins) => ({
      margins,
      blackBelow: -marginOf(0, this.#marker),
      noiseRms: noiseOf(margins),
    }))
    const right = ways.filter((way) => rightPacket([way]))
    return [settled, (right.length === 1 ? right[0] : ways[0]) as PacketLight]
  }

  /** The packet by what all its bits show beside another sender. */
  get #besideOther(): RightPacket | null {
    const light = decideBesideOther(this.#received.map(({ light }) => light))
    return light && rightPacket([light])
  }

  get #packetLight(): PacketLight {
    const light = this.#lightAt(this.#follower.settle(this.#bitLevels))
    // Levels that have moved for good seem to be noise in hindsight; noise of the levels' own is left out of it.
    return { ...light, noiseRms: Math.min(noiseOf(light.margins), noiseOf(this.#margins)) }
  }

  #lightAt(levels: LitLevels): Omit<PacketLight, 'noiseRms'> {
    const margins = this.#bitLevels.map((level) => marginOf(level, levels))
    return { margins, blackBelow: -marginOf(0, levels) }
  }

  /** Of each bit after the marker, above black, by what is known of its neighbours' part by now. */
  get #bitLevels(): number[] {
    return this.#received.map(({ symbol }) => this.#follower.level(symbol))
  }

  /** Of the bits after the marker, as they are known by now; in nats. */
  get logLikelihood(): number {
    const levels = this.#bitLevels
    return logLikelihoodOf(levels, this.#follower.settle(levels))
  }

  /** Whether the packet, as far as it was read, is the beginning of this one. */
  hasRead(packet: Uint8Array): boolean {
    return decide(this.#margins).every((byte, n) => byte === packet[n])
  }

  /** What there is to tell of a sync that ended without a marker; null when not even that was there. */
  get bareSync(): Finding | null {
    if (!this.#follower.knowsGrey || this.hasMarker) return null
    const meter = new SignalMeter(this.polarity)
    this.#meterSync(meter)
    const light = this.#lightOf(meter)
    // In such noise not even the polarity is known, and so no end of the range.
    const isSeen = (light.quality.snrDb ?? Infinity) > LEAST_SEEN_DB
    const reason = isSeen ? diagnose('no-marker', light.levels, this.isFullScaleKnown) : 'no-marker'
    return { kind: 'bare-sync', reason, ...light }
  }

  /** A message, unless its levels can hardly be told apart. */
  #rightPacket(packet: Uint8Array, config: DecodedConfig): Finding {
    const light = this.#lightOf(this.#meter)
    const ratio = greyRatio(light.levels)
    const fault = greyFailure(ratio)
    if (fault) return this.#badPacket(fault, packet)
    return { kind: 'message', packet, config, greyRatio: ratio, ...light }
  }

  #badPacket(fault: ReceptionFailure, packet: Uint8Array): Finding {
    const light = this.#lightOf(this.#meter)
    return {
      kind: 'bad-packet',
      reason: diagnose(fault, light.levels, this.isFullScaleKnown),
      packet,
      packetBits: this.#received.length,
      greyRatio: greyRatio(light.levels),
      ...light,
    }
  }

  /** What was seen of its light. */
  #lightOf(meter: SignalMeter) {
    const { levels } = meter
    const { symbolRateErrorHz, ...clocking } = this.#edges.fit()
    const bits = this.#bitLevels
    return {
      ...clocking,
      endS: this.#lastFallS,
      levels,
      quality: meter.measure({
        levels,
        symbolRateErrorHz,
        ...clocking,
        bits,
        decided: this.#follower.settle(bits),
        noiseRms: this.#follower.blackRms,
        lightSwitches: this.#follower.switches,
      }),
    }
  }
}
