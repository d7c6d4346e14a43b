import { MARKER } from '../modulation/index.js'
import { MAX_GREY_RATIO, MIN_GREY_RATIO, type ReceivedLevels } from './reception.js'
import type { Pulse } from './slicer.js'

// Zero bits that show the grey level before a marker is looked for.
const MIN_SYNC_BITS = 8

// Black moves with other light: slow drift is followed, mains flicker averaged where bits are short.
const BLACK_FOLLOWED_S = 0.04
const LIT_GAIN = 1 / 16

// What a sync pulse may be as a multiple of grey.
const DIMMEST_GREY = 0.6
const BRIGHTEST_GREY = 1.67

// A "sync" this much darker than what follows is no grey but the flicker before a message.
const FLICKER_RATIO = 0.15

// The marker's mean of three whites is above grey by more than this many times the spread (rms) of a grey
// bit, which is itself known from few bits.
const CLEAR_MARKER = 3

const MARKER_BITS = [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (MARKER >> bit) & 1)
const MARKER_ONES = MARKER_BITS.filter((bit) => bit === 1).length

/**
 * The three levels of one message, learnt from its pulses: black and grey in the sync, white in the
 * marker, all followed afterwards by what each bit was decided to be.
 */
export class MessageLevels {
  black: number
  /** Grey and white are swings above black; white is null as long as it was not seen. */
  grey: number
  white: number | null = null
  #greys = 0
  #greyVariance = 0
  #whites = MARKER_ONES
  // The newest swings, oldest first: they may be the marker, so grey is learnt only from what leaves here.
  readonly #undecided: number[] = []

  constructor(first: Pulse) {
    this.black = first.black
    this.grey = first.level - first.black
    this.#learnGrey(this.grey)
  }

  /** Follows black, `intervalS` after the last pulse; returns how far the pulse is above it. */
  swing(pulse: Pulse, intervalS: number): number {
    this.black += Math.min(intervalS / BLACK_FOLLOWED_S, 1) * (pulse.black - this.black)
    return pulse.level - this.black
  }

  /** Whether enough of the sync was seen to know grey. */
  get areKnown(): boolean {
    return this.#greys >= MIN_SYNC_BITS
  }

  /**
   * Takes one bit of the sync or the marker; 'misfit' when it can belong to neither. With grey too near
   * black or white no marker is found, but `white` is set, which tells why.
   */
  sync(swing: number): 'sync' | 'marker' | 'misfit' {
    if (swing < DIMMEST_GREY * this.grey) return 'misfit'
    if (!this.areKnown) {
      if (swing > BRIGHTEST_GREY * this.grey) return 'misfit'
      this.#learnGrey(swing)
      return 'sync'
    }
    if (this.grey < MIN_GREY_RATIO * swing) {
      if (this.grey > FLICKER_RATIO * swing) this.white = swing
      return 'misfit'
    }
    this.#undecided.push(swing)
    if (this.#undecided.length < MARKER_BITS.length) return 'sync'
    if (this.#learnMarker() && this.grey < MAX_GREY_RATIO * (this.white ?? 0)) return 'marker'
    this.#learnGrey(this.#undecided.shift() ?? 0)
    return 'sync'
  }

  /** Decides a bit after the marker. */
  bit(swing: number): 0 | 1 {
    const white = this.white ?? Infinity
    if (swing > (this.grey + white) / 2) {
      this.white = white + Math.max(LIT_GAIN, 1 / ++this.#whites) * (swing - white)
      return 1
    }
    this.#learnGrey(swing)
    return 0
  }

  get received(): ReceivedLevels {
    return {
      black: this.black,
      grey: this.black + this.grey,
      white: this.white === null ? null : this.black + this.white,
    }
  }

  #learnGrey(swing: number): void {
    const gain = Math.max(LIT_GAIN, 1 / ++this.#greys)
    const deviation = swing - this.grey
    this.grey += gain * deviation
    this.#greyVariance += gain * ((1 - gain) * deviation ** 2 - this.#greyVariance)
  }

  /** Learns white if the newest swings are the marker. */
  #learnMarker(): boolean {
    const ones = this.#undecided.filter((_, n) => MARKER_BITS[n] === 1)
    const white = ones.reduce((sum, swing) => sum + swing) / MARKER_ONES
    const middle = (this.grey + white) / 2
    const isMarker =
      white - this.grey > CLEAR_MARKER * Math.sqrt(this.#greyVariance) &&
      this.#undecided.every((swing, n) => Number(swing > middle) === MARKER_BITS[n])
    if (isMarker) this.white = white
    return isMarker
  }
}
