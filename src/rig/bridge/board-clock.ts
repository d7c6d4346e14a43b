import type { Clock, ClockReading } from '../rig.js'
import type { Timebase } from '../timebase.js'
import type { Link } from './link.js'
import { CLOCK_HZ } from './protocol.js'

const WRAP_CYCLES = 2 ** 32
const READINGS = 5

/**
 * By how much the board's clock and this computer's may differ: by a part of the time that passes, four times the
 * usual tolerance of an Uno's ceramic resonator; and by the time for which an emulated board on a busy machine is late.
 */
const RATE_TOLERANCE = 0.02
const LATE_S = 0.25

/** The board's clock: seconds of it since the board was opened. */
export class BoardClock implements Clock {
  readonly #openedS: number

  /** `opened` is what the board said first: its time in cycles, and between which times of the host that was. */
  constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    private readonly opened: { readonly now: number; readonly fromS: number; readonly toS: number },
  ) {
    this.#openedS = opened.toS
  }

  /** A time of the board's clock, which wraps every 268 s, near this moment of the host's. */
  secondsAt(cycle: number): number {
    const sinceOpened = cycle - this.opened.now
    const elapsed = (this.timebase.nowMs() / 1000 - this.#openedS) * CLOCK_HZ
    return (
      (sinceOpened + Math.round((elapsed - sinceOpened) / WRAP_CYCLES) * WRAP_CYCLES) / CLOCK_HZ
    )
  }

  /** The time of opening. */
  get origin(): ClockReading {
    return { timeS: 0, fromS: this.opened.fromS, toS: this.opened.toS }
  }

  /** Errors: RigError. */
  async read(): Promise<ClockReading> {
    let best: ClockReading | undefined
    for (let i = 0; i < READINGS; i++) {
      const { now, fromS, toS } = await this.link.request('hello')
      if (!best || toS - fromS < best.toS - best.fromS) {
        best = { timeS: this.secondsAt(now), fromS, toS }
      }
    }
    return best as ClockReading
  }
}

/**
 * By how many seconds more, or less if negative, has passed on a clock between two of its times than can have passed
 * on this computer's; zero when they agree.
 */
export function disagreementS(earlier: ClockReading, later: ClockReading): number {
  const passedS = later.timeS - earlier.timeS
  const leastS = (later.fromS - earlier.toS) * (1 - RATE_TOLERANCE) - LATE_S
  const mostS = (later.toS - earlier.fromS) * (1 + RATE_TOLERANCE) + LATE_S
  if (passedS > mostS) return passedS - mostS
  return passedS < leastS ? passedS - leastS : 0
}
