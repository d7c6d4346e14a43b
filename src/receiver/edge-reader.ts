import { PulseFollower } from './acquire/pulses.js'
import type { Scale } from './acquire/scale.js'
import { lightAt } from './attempt.js'
import { EdgeCutter } from './cut/edge-cutter.js'
import { MARKER_BITS, MARKER_ONES, MIN_SYNC_BITS } from './read/level-follower.js'
import { Message } from './read/message.js'
import { Reading } from './read/reading.js'
import type { ChainKind, Way } from './reception.js'

// Zero bits before a marker are as high as their mean but for this part of it.
const ALIKE = 0.5

// The least step from the brightest zero of a marker to its darkest one, as a part of the mean one.
const LEAST_EYE = 0.4

// A marker among the data of a message begins another one, which mostly fails before the true one ends.
const MOST_READINGS = 3

/** A message is read by its edges where no clock reads it: until it is known that one does not, its bits are cut only. */
class EdgeReading extends Reading {
  /** What reads the same message with a clock. */
  #clocked: Reading | undefined

  constructor(
    way: Way,
    override readonly cutter: EdgeCutter,
    message: Message,
    startS: number,
  ) {
    super(way, cutter, message, startS)
  }

  /** Reads on, unless a clock does; `clockedAt` tells which reading does that. */
  advanceBeside(clockedAt: ClockedAt, ended: boolean): void {
    const markerS = this.message.markerS as number
    if (!this.#isRead(markerS)) this.#clocked = clockedAt(markerS, this.way.lit)
    if (this.#isRead(markerS)) this.cutter.cut(ended)
    else this.advance(ended)
  }

  #isRead(markerS: number): boolean {
    const clocked = this.#clocked
    if (!clocked?.hasMarkerAt(markerS)) return false
    return !clocked.end || (clocked.end !== 'nothing' && clocked.end.kind === 'message')
  }
}

/** The reading that goes on with a clock, of a polarity, and has this marker, if there is one. */
export type ClockedAt = (markerS: number, lit: Way['lit']) => Reading | undefined

/**
 * Reads messages whose clock does not matter, or is none: as soon as stretches of light are like the end of a sync with its
 * marker, of either polarity, their bits and all that follow are read.
 */
export class EdgeReader {
  readonly #pulses: PulseFollower
  /** All have their marker. */
  readings: EdgeReading[] = []
  /** Stretches before this were looked at. */
  #looked = 0

  constructor(
    scale: Scale,
    private readonly kind: ChainKind,
  ) {
    this.#pulses = new PulseFollower(scale)
  }

  /** Whether it is time to `read`. */
  get isDue(): boolean {
    return this.#pulses.isDue
  }

  /** Whether the message with this marker is being read. */
  reads(markerS: number): boolean {
    return this.readings.some((reading) => reading.hasMarkerAt(markerS))
  }

  /**
   * Reads on with the samples that the scale has got, and adds the readings that end by it to `ended`.
   *
   * @param isRead whether a message with this marker is read by other edges
   */
  read(
    isEnd: boolean,
    isRead: (markerS: number) => boolean,
    clockedAt: ClockedAt,
    ended: Reading[],
  ): void {
    const pulses = this.#pulses
    pulses.read()
    for (; this.#looked < pulses.count - 2; this.#looked++) {
      const first = this.#firstOf(this.#looked)
      if (first !== null) this.#begin(first, isRead)
    }
    let hasEnded = false
    for (const reading of this.readings) {
      reading.advanceBeside(clockedAt, isEnd)
      // An empty packet: noise made the marker.
      if (!reading.message.hasMarker) reading.end ??= reading.message.end(true)
      if (!reading.end) continue
      ended.push(reading)
      hasEnded = true
    }
    if (isEnd) this.readings = []
    else if (hasEnded) this.readings = this.readings.filter(({ end }) => !end)
  }

  #begin(firstLit: number, isRead: (markerS: number) => boolean): void {
    if (this.readings.length === MOST_READINGS) return
    const pulses = this.#pulses
    const isBright = pulses.isHigh(firstLit)
    const polarity = isBright ? 1 : -1
    const way: Way = {
      cutBy: 'edges',
      lit: isBright ? 'brighter' : 'darker',
      lessFlicker: this.kind.lessFlicker,
    }
    const reading = new EdgeReading(
      way,
      new EdgeCutter(pulses, polarity, firstLit),
      new Message(
        polarity,
        (timeS, symbolS) => lightAt(pulses.scale, polarity, timeS, symbolS),
        this.kind.isFullScaleKnown,
      ),
      pulses.startS(firstLit),
    )
    reading.advance(false)
    const { markerS } = reading.message
    if (!reading.end && markerS !== null && !isRead(markerS)) this.readings.push(reading)
  }

  /** The first lit stretch of the sync whose marker ends with a stretch; null where that is none. */
  #firstOf(last: number): number | null {
    const pulses = this.#pulses
    const oldest = pulses.oldest + 1
    const sync = last - 2 * MARKER_BITS.length
    if (sync - 2 * MIN_SYNC_BITS < oldest) return null
    const polarity = pulses.isHigh(last) ? 1 : -1
    // The last bit is grey, the one before is white; and no array: nearly all stretches end no marker.
    if (!(polarity * (pulses.height(last - 2) - pulses.height(last)) > 0)) return null
    let grey = 0
    let white = 0
    let brightest = -Infinity
    let darkest = Infinity
    for (let n = 0; n < MARKER_BITS.length; n++) {
      const height = polarity * pulses.height(sync + 2 * (n + 1))
      if (MARKER_BITS[n]) {
        white += height / MARKER_ONES
        darkest = Math.min(darkest, height)
      } else {
        grey += height / (MARKER_BITS.length - MARKER_ONES)
        brightest = Math.max(brightest, height)
      }
    }
    if (!(darkest - brightest > LEAST_EYE * (white - grey))) return null
    const first = this.#firstAlike(sync + 2, polarity * grey, oldest)
    return first > sync - 2 * (MIN_SYNC_BITS - 1) ? null : first
  }

  /** The first of the lit stretches before one, without a break, that are about as high as grey. */
  #firstAlike(lit: number, grey: number, oldest: number): number {
    let first = lit
    while (first - 2 >= oldest && Math.abs(this.#pulses.height(first - 2) / grey - 1) < ALIKE) {
      first -= 2
    }
    return first
  }
}
