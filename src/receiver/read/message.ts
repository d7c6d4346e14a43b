import type { BitLight } from '../cut/bit-light.js'
import { EdgeGrid } from '../judge/edge-grid.js'
import { diagnose, greyFailure, type ReceptionFailure } from '../judge/failures.js'
import { greyRatio } from '../judge/quality.js'
import { SignalMeter } from '../judge/signal-meter.js'
import type { Finding } from '../reception.js'
import { Hindsight, type ReadBit } from './hindsight.js'
import { LevelFollower, MARKER_BITS } from './level-follower.js'
import {
  BITS_PER_BYTE,
  check,
  decide,
  type LitLevels,
  MIN_TLV_BYTES,
  packetBits,
} from './packet-bits.js'
import { type RightPacket, rightPacket } from './right-packet.js'
import { SlowSensor } from './slow-sensor.js'

// Of a sync so many bits are kept, until it is known which of them are the message's own; and as many after a marker, which may turn
// out to be another sender's.
const KEPT_SYNC_BITS = 64

/** Half the step from grey to white is as large as the noise. */
const LEAST_SEEN_DB = 0

/** One message, from the light of its bits: waits for the marker after a sync, decides bits and checks the packet. */
export class Message {
  readonly #edges = new EdgeGrid()
  #follower = new LevelFollower()
  readonly #sensor = new SlowSensor()
  #meter: SignalMeter
  /** Bits that may belong to the marker. */
  #undecided: ReadBit[] = []
  /** The newest bits of the sync, oldest first, and behind a marker all up to now, as long as the sync may go on. */
  #sync: ReadBit[] = []
  /** The bits after the marker, to be decided again when more is known, and the margins that they were decided with. */
  #received: ReadBit[] = []
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
    const bit = { symbol, light }
    return this.hasMarker ? this.#addBit(bit) : this.#addSync(bit)
  }

  /** Ends the message because its light, or else the samples, have ended. */
  end(isDark: boolean): Finding | 'nothing' {
    const bits = this.#received.length
    const endedOnByte = bits > 0 && bits % BITS_PER_BYTE === 0
    return this.#end(isDark && endedOnByte ? 'length' : 'lost-symbol')
  }

  #addSync(bit: ReadBit): null {
    if (!this.#follower.knowsGrey) {
      this.#addZero(bit)
      return null
    }
    this.#undecided.push(bit)
    if (this.#undecided.length < MARKER_BITS.length) return null
    if (this.#follower.learnMarker(this.#undecided.map(({ symbol }) => symbol))) {
      this.#beginPacket()
    } else {
      this.#addZero(this.#undecided.shift() as ReadBit)
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

  #addZero(bit: ReadBit): void {
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

  #addBit(bit: ReadBit): Finding | null {
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
    this.#empty ??= this.#badPacket('length', length, this.#hindsight)
    this.#forgetMarker()
    this.#follower.forgetWhite()
    this.#meter.forgetWhite()
    return null
  }

  #complete(): Finding | null {
    const packet = decide(this.#margins)
    const config = check(packet)
    const hindsight = this.#hindsight
    if (typeof config !== 'string') return this.#right({ packet, config }, hindsight)
    const { lights } = hindsight
    const right = rightPacket(lights)
    if (right) return this.#right(right, hindsight)
    const bits = Math.max(...lights.map(({ margins }) => packetBits(decide(margins))))
    if (bits <= this.#received.length) return this.#decideAgain(config, hindsight)
    // The length byte was decided wrong, and there is more to come.
    this.#expectedBits = bits
    return null
  }

  #end(reason: ReceptionFailure): Finding | 'nothing' {
    return this.hasMarker ? this.#decideAgain(reason, this.#hindsight) : (this.#empty ?? 'nothing')
  }

  /** The packet by what all bits show, when what was decided bit by bit is none. */
  #decideAgain(reason: ReceptionFailure, hindsight: Hindsight): Finding {
    const { lights } = hindsight
    // What broke off is no packet beside another sender either.
    const right = rightPacket(lights) ?? (reason === 'lost-symbol' ? null : hindsight.besideOther)
    if (right) return this.#right(right, hindsight)
    return this.#badPacket(reason, decide(lights[0].margins), hindsight)
  }

  get #hindsight(): Hindsight {
    return new Hindsight(this.#received, this.#margins, this.#marker, this.#follower)
  }

  /** Of the bits after the marker, as they are known by now; in nats. */
  get logLikelihood(): number {
    return this.#hindsight.logLikelihood
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
    const light = this.#lightOf(meter, this.#hindsight)
    // In such noise not even the polarity is known, and so no end of the range.
    const isSeen = (light.quality.snrDb ?? Infinity) > LEAST_SEEN_DB
    const reason = isSeen ? diagnose('no-marker', light.levels, this.isFullScaleKnown) : 'no-marker'
    return { kind: 'bare-sync', reason, ...light }
  }

  /** A message, unless noise or a disturbance may have made its CRC right, or its levels can hardly be told apart. */
  #right(right: RightPacket, hindsight: Hindsight): Finding {
    if (!hindsight.isCertain(right)) return this.#badPacket('uncertain', right.packet, hindsight)
    const light = this.#lightOf(this.#meter, hindsight)
    const ratio = greyRatio(light.levels)
    const fault = greyFailure(ratio)
    if (fault) return this.#badPacket(fault, right.packet, hindsight)
    return { kind: 'message', ...right, greyRatio: ratio, ...light }
  }

  #badPacket(fault: ReceptionFailure, packet: Uint8Array, hindsight: Hindsight): Finding {
    const light = this.#lightOf(this.#meter, hindsight)
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
  #lightOf(meter: SignalMeter, { levels: bits, settled: decided }: Hindsight) {
    const { levels } = meter
    const { symbolRateErrorHz, ...clocking } = this.#edges.fit()
    return {
      ...clocking,
      endS: this.#lastFallS,
      levels,
      quality: meter.measure({
        levels,
        symbolRateErrorHz,
        ...clocking,
        bits,
        decided,
        noiseRms: this.#follower.blackRms,
        lightSwitches: this.#follower.switches,
      }),
    }
  }
}
