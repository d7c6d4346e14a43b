import type { BitLight } from '../cut/bit-light.js'
import { noiseOf, type PacketLight } from '../judge/disturbance.js'
import { logLikelihoodOf } from '../judge/log-likelihood.js'
import { CERTAIN_NATS, certaintyNats } from '../judge/packet-doubt.js'
import { decideWithGain, waysOf } from './gain-trellis.js'
import type { LevelFollower, LitSymbol } from './level-follower.js'
import { decideBesideOther } from './other-sender.js'
import { type LitLevels, marginOf } from './packet-bits.js'
import { type RightPacket, rightPacket } from './right-packet.js'

/** Below this noise (rms), as a part of the step from grey to white, changes of the gain are told from it. */
const CLEAR_RMS = 0.12

/** A bit as it was cut, and its lit symbol above black. */
export interface ReadBit {
  readonly symbol: LitSymbol
  readonly light: BitLight
}

/** What the bits of a message after its marker show together, by what is known of its levels now: more than each did when it came. */
export class Hindsight {
  /** Of each bit, above black, less what its neighbours add to it. */
  readonly levels: readonly number[]
  /** Grey and white as all bits show them. */
  readonly settled: LitLevels

  /**
   * @param margins that the bits were decided with as they came
   * @param marker levels of the marker
   */
  constructor(
    private readonly bits: readonly ReadBit[],
    private readonly margins: readonly number[],
    private readonly marker: LitLevels,
    private readonly follower: LevelFollower,
  ) {
    this.levels = bits.map(({ symbol }) => follower.level(symbol))
    this.settled = follower.settle(this.levels)
  }

  /** In nats. */
  get logLikelihood(): number {
    return logLikelihoodOf(this.levels, this.settled)
  }

  /** The bits decided once more: by two levels, and where noise is low by levels that gain may change. */
  get lights(): readonly [PacketLight, ...PacketLight[]] {
    const settled = this.#settledLight
    const rms = this.follower.blackRms
    const { grey, white } = this.marker
    if (!(rms < CLEAR_RMS * (white - grey))) return [settled]
    const ways = waysOf(decideWithGain(this.levels, this.marker, rms)).map((margins) => ({
      margins,
      blackBelow: -marginOf(0, this.marker),
      noiseRms: noiseOf(margins),
    }))
    const right = ways.filter((way) => rightPacket([way]))
    return [settled, (right.length === 1 ? right[0] : ways[0]) as PacketLight]
  }

  /** The packet by what the bits show beside another sender. */
  get besideOther(): RightPacket | null {
    const light = decideBesideOther(this.bits.map(({ light }) => light))
    return light && rightPacket([light])
  }

  /**
   * Whether a packet with a right CRC was not made by noise or a disturbance: in whatever way it was decided, by the light as it was.
   * Its levels are those that all bits show, or, as they may have moved for good, those of the marker.
   */
  isCertain({ packet, config }: RightPacket): boolean {
    const isCertainIn = (light: PacketLight): boolean =>
      certaintyNats(packet, config, light) >= CERTAIN_NATS
    const settled = this.#settledLight
    return isCertainIn(settled) || isCertainIn({ ...settled, ...this.#lightAt(this.marker) })
  }

  get #settledLight(): PacketLight {
    const light = this.#lightAt(this.settled)
    // Levels that have moved for good seem to be noise in hindsight; noise of the levels' own is left out of it.
    return { ...light, noiseRms: Math.min(noiseOf(light.margins), noiseOf(this.margins)) }
  }

  #lightAt(levels: LitLevels): Omit<PacketLight, 'noiseRms'> {
    const margins = this.levels.map((level) => marginOf(level, levels))
    return { margins, blackBelow: -marginOf(0, levels) }
  }
}
