import type { BitLight } from '../cut/bit-light.js'
import type { Finding, Way } from '../reception.js'
import type { Message } from './message.js'

/** Cuts the light of one message into bits. */
export interface Cutter {
  readonly periodS: number
  /** The next bit; null when there are not enough samples yet, 'dark' when there is no more. */
  next(ended: boolean): BitLight | 'dark' | null
}

/** One way to read a message: how its bits are cut, and which polarity its sensor has. */
export class Reading {
  /** What it ended with; null while it goes on. */
  end: Finding | 'nothing' | null = null

  constructor(
    readonly way: Way,
    readonly cutter: Cutter,
    readonly message: Message,
    /** When its first bit rises, as the acquisition has it. */
    readonly startS: number,
  ) {}

  /** Log-likelihood of its bits, in nats. */
  get logLikelihood(): number {
    return this.message.logLikelihood
  }

  /** Whether it goes on and has its marker. */
  get isInPacket(): boolean {
    return !this.end && this.message.hasMarker
  }

  /** Whether it reads the message with this marker. */
  hasMarkerAt(markerS: number): boolean {
    return Math.abs((this.message.markerS ?? NaN) - markerS) < this.cutter.periodS / 2
  }

  /** Reads on; afterwards `end` tells whether it has ended. */
  advance(ended: boolean): void {
    while (!this.end) {
      const bit = this.cutter.next(ended)
      if (bit === 'dark') this.end = this.message.end(true)
      else if (bit) this.end = this.message.push(bit)
      else {
        if (ended) this.end = this.message.end(false)
        return
      }
    }
  }
}
