import { type ClockId, ClockMap, clockId, HOST_CLOCK, type SameMoment } from '../../light/clock.js'
import { RigError } from '../errors.js'
import type { Clock } from '../rig.js'
import type { Answer, Between, Link } from './link.js'
import { CLOCK_HZ } from './protocol.js'

/** The clock wraps every 268 s; a time is known whole from one that is less than half of that away. */
const HALF_ROUND_S = 2 ** 31 / CLOCK_HZ

/** By how much of the time that passes the clocks may differ: four times the usual tolerance of an Uno's ceramic resonator. */
const RATE_TOLERANCE = 0.02
/** A sample's period at the lowest rate, and what rounding may do. */
const SLACK_S = 0.005

/** Asked for each map, of which the quickest tells most. */
const READINGS = 5
/** One reading a second is kept, the quickest, for a minute: the rate of a resonator changes with its temperature. */
const KEPT_EVERY_S = 1
const MOST_KEPT = 60

/** A time of the board's clock, and between which times of this computer's it was. All in seconds. */
export interface ClockReading extends Between {
  readonly timeS: number
}

type Reading = ClockReading & { readonly cycles: number }

let openings = 0

/**
 * The board's clock: seconds of it since the board was opened. Its 32 bits are counted on from one reading to the next,
 * which follow one another in less than half of their round: by itself, whatever this computer's clock says.
 */
export class BoardClock implements Clock {
  readonly id: ClockId
  /** Is told what the board says of itself at each reading. */
  onStatus: (status: Answer<'status'>) => void = () => {}
  readonly #first: Reading
  #newest: Reading
  readonly #kept: Reading[]

  /** `opened` is what the board said first: its time in cycles, and when that was. */
  constructor(
    private readonly link: Link,
    opened: Between & { readonly now: number },
  ) {
    this.id = clockId(`${link.path}#${++openings}`)
    this.#zeroCycle = opened.now
    this.#first = { cycles: 0, timeS: 0, fromS: opened.fromS, toS: opened.toS }
    this.#newest = this.#first
    this.#kept = [this.#first]
  }

  readonly #zeroCycle: number

  /** When the board has told its time last, by this computer's clock. */
  get readS(): number {
    return this.#newest.toS
  }

  /** A time of the board's clock within 134 s of its last reading. */
  secondsAt(cycle: number): number {
    return this.#cyclesAt(cycle) / CLOCK_HZ
  }

  /**
   * Asks the board for its status, and with it for its time.
   *
   * @throws RigError 'damaged' when it tells a time that it cannot have, or has not been asked for too long
   */
  async ask(): Promise<Answer<'status'>> {
    const status = await this.link.request('status')
    this.#hear(status)
    this.onStatus(status)
    return status
  }

  /** By how much a time of the board is later, or earlier if negative, than it can be; zero for one that can be. */
  offS(reading: ClockReading): number {
    return disagreementS(this.#newest, reading)
  }

  /** Refuses a time of the board that cannot be. */
  check(reading: ClockReading): void {
    refuse(this.offS(reading))
  }

  /** Errors: RigError. */
  async toHost(): Promise<ClockMap> {
    for (let i = 0; i < READINGS; i++) await this.ask()
    const later = momentOf(this.#kept.at(-1) as Reading)
    const earlier = this.#kept.slice(0, -1).map(momentOf)
    const maps = earlier.map((moment) => new ClockMap(this.id, HOST_CLOCK, moment, later))
    // By one moment and the nominal rate, until two are so far apart that they tell it better.
    const nominal = {
      fromS: later.fromS - 1,
      toS: later.toS - 1,
      uncertaintyS: later.uncertaintyS + RATE_TOLERANCE,
    }
    return maps.reduce(
      (best, map) => (map.rateUncertainty < best.rateUncertainty ? map : best),
      new ClockMap(this.id, HOST_CLOCK, nominal, later),
    )
  }

  #hear({ now, fromS, toS }: Answer<'status'>): void {
    const newest = this.#newest
    if ((toS - newest.fromS) * (1 + RATE_TOLERANCE) >= HALF_ROUND_S) {
      const sentence =
        "the board's clock has not been read for too long, as this computer was busy or asleep: open it again"
      throw new RigError('damaged', sentence)
    }
    const cycles = this.#cyclesAt(now)
    const reading = { cycles, timeS: cycles / CLOCK_HZ, fromS, toS }
    // Since the last one, so that no leap is lost in hours; and since the first, so that no creep is.
    for (const earlier of [newest, this.#first]) refuse(disagreementS(earlier, reading))
    this.#newest = reading
    this.#keep(reading)
  }

  #cyclesAt(cycle: number): number {
    const { cycles } = this.#newest
    return cycles + ((cycle - this.#zeroCycle - cycles) | 0)
  }

  #keep(reading: Reading): void {
    const kept = this.#kept
    const last = kept.at(-1) as Reading
    const before = kept.at(-2)
    if (before && reading.timeS - before.timeS < KEPT_EVERY_S) {
      if (widthS(reading) < widthS(last)) kept[kept.length - 1] = reading
      return
    }
    kept.push(reading)
    if (kept.length > MOST_KEPT) kept.shift()
  }
}

/**
 * By how many seconds more, or less if negative, has passed on a clock between two of its times than can have passed
 * on this computer's; zero when they agree. The later one may also have been the earlier.
 */
export function disagreementS(earlier: ClockReading, later: ClockReading): number {
  const passedS = later.timeS - earlier.timeS
  const leastS = later.fromS - earlier.toS
  const mostS = later.toS - earlier.fromS
  const toleranceS = (hostS: number): number => Math.abs(hostS) * RATE_TOLERANCE + SLACK_S
  if (passedS > mostS + toleranceS(mostS)) return passedS - mostS - toleranceS(mostS)
  const shortS = leastS === Number.NEGATIVE_INFINITY ? 0 : leastS - toleranceS(leastS) - passedS
  return shortS > 0 ? -shortS : 0
}

function refuse(offS: number): void {
  if (offS === 0) return
  throw new RigError(
    'damaged',
    `the board's clock is ${Math.abs(offS).toFixed(1)} s ${offS > 0 ? 'ahead of' : 'behind'} this computer's: its crystal has the wrong frequency, it has hung, or this computer was asleep; open it again, or use another board`,
  )
}

const widthS = ({ fromS, toS }: Between): number => toS - fromS

const momentOf = ({ timeS, fromS, toS }: ClockReading): SameMoment => ({
  fromS: timeS,
  toS: (fromS + toS) / 2,
  uncertaintyS: (toS - fromS) / 2,
})
