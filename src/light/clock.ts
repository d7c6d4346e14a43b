declare const id: unique symbol

/** Whose clock a time is of. Times of two clocks are compared by a `ClockMap` only. */
export type ClockId = string & { readonly [id]: true }

export const clockId = (name: string): ClockId => name as ClockId

/** This computer's CLOCK_MONOTONIC. */
export const HOST_CLOCK = clockId('host')

/** One moment on two clocks, in seconds, and by how much that may be off. */
export interface SameMoment {
  readonly fromS: number
  readonly toS: number
  readonly uncertaintyS: number
}

/** Tells the times of one clock by another: between two moments, and beyond them at the same rate. */
export class ClockMap {
  constructor(
    readonly from: ClockId,
    readonly to: ClockId,
    private readonly earlier: SameMoment,
    private readonly later: SameMoment,
  ) {}

  /** A clock's times by itself. */
  static identity(clock: ClockId): ClockMap {
    const at = (timeS: number): SameMoment => ({ fromS: timeS, toS: timeS, uncertaintyS: 0 })
    return new ClockMap(clock, clock, at(0), at(1))
  }

  /** Seconds of the second clock in one of the first. */
  get rate(): number {
    return (this.later.toS - this.earlier.toS) / (this.later.fromS - this.earlier.fromS)
  }

  /** By how much `rate` may be off. */
  get rateUncertainty(): number {
    const { earlier, later } = this
    return (earlier.uncertaintyS + later.uncertaintyS) / (later.fromS - earlier.fromS)
  }

  /**
   * A time of the clock `of`, which must be the first, by the second.
   *
   * @throws TypeError for a time of any other clock
   */
  at(timeS: number, of: ClockId): number {
    if (of !== this.from) throw new TypeError(`this is a time of ${of}, not of ${this.from}`)
    return this.later.toS + (timeS - this.later.fromS) * this.rate
  }

  /** By how much what `at` gives for this time may be off. */
  uncertaintyS(timeS: number): number {
    const { earlier, later } = this
    const beyondS = Math.max(earlier.fromS - timeS, timeS - later.fromS, 0)
    const known = Math.max(earlier.uncertaintyS, later.uncertaintyS)
    return beyondS === 0 ? known : known + beyondS * this.rateUncertainty
  }

  /** The times of the second clock by the first. */
  get inverse(): ClockMap {
    const swapped = ({ fromS, toS, uncertaintyS }: SameMoment): SameMoment => ({
      fromS: toS,
      toS: fromS,
      uncertaintyS: uncertaintyS / this.rate,
    })
    return new ClockMap(this.to, this.from, swapped(this.earlier), swapped(this.later))
  }

  /**
   * The times of the first clock by the second of another map.
   *
   * @throws TypeError unless that begins where this one ends
   */
  through(next: ClockMap): ClockMap {
    if (this.from === this.to && this.to === next.from) return next
    if (next.from === next.to && this.to === next.from) return this
    const carried = ({ fromS, toS, uncertaintyS }: SameMoment): SameMoment => ({
      fromS,
      toS: next.at(toS, this.to),
      uncertaintyS: uncertaintyS * next.rate + next.uncertaintyS(toS),
    })
    return new ClockMap(this.from, next.to, carried(this.earlier), carried(this.later))
  }
}
