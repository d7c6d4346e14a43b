import type { SampleBlock } from '../light/samples.js'
import { acquire, type FoundClock } from './acquire/acquisition.js'
import { Scale } from './acquire/scale.js'
import { Attempt } from './attempt.js'
import { type ClockedAt, EdgeReader } from './edge-reader.js'
import type { Reading } from './read/reading.js'
import { type ChainKind, type Finding, isClearlyBrighter } from './reception.js'

// Two symbols at 2,500 and at 5 Hz, with some room.
const SHORTEST_BIT_S = 0.95 * (2 / 2500)
const LONGEST_BIT_S = 1.05 * (2 / 5)

// Each scale has half the sample rate of the one before: 5 Hz is found among 8 million samples a second.
const MOST_SCALES = 20
// A clock is found at 5 to 12 samples a bit, and bits are cut so many scales finer, at eight times as many, where there are.
const LEAST_SAMPLES = 5
const SCALES_FINER = 3
// Edges are looked for at each second scale: where a step is clear of the noise, and the shortest symbol is not blurred.
const EDGES_EACH = 2
// Newest samples that tell how far apart samples are at a scale: about a bit of them.
const NEWEST = 12

// Periods of light that blinks are the same to about this part.
const ABOUT = 0.2
// Power of the steps is unusual where it is so many times what it was.
const UNUSUAL = 2

// Attempts at the same time, most of which turn out to be at no message; and those of one period that have no marker yet.
const MOST_ATTEMPTS = 8
const MOST_ALIKE = 2

/** Whether there is another reason than a message why the light at a scale, by its number, blinks with about some period. */
type Explains = (periodS: number, scale: number) => boolean
const unexplained: Explains = () => false

/** From samples to what may be messages: looks for clocks at all scales, and reads what begins with one. */
export class Chain {
  readonly #finest = new Scale()
  readonly scales = [this.#finest]
  /** One for each second scale, finest first. */
  readonly #edges: EdgeReader[] = []
  #attempts: Attempt[] = []
  /** The period with which the newest samples of each scale blink, roughly; 0 where they do not. */
  readonly #blinksS: number[] = []
  /** Of the steps at each scale where something that blinked was given up for another reason. */
  #usualPower: number[] = []
  #ended: Reading[] = []
  /** The brightest sync that ended before any marker: no message, but all there was if there is none. */
  bareSync: Finding | null = null
  /** A bare sync that began before this is not kept. */
  #syncsFromS = -Infinity

  constructor(private readonly kind: ChainKind) {}

  /** Between two samples, roughly. */
  get sampleS(): number {
    return this.#finest.sampleSAround(this.#finest.count)
  }

  get newestS(): number {
    return this.#finest.newestS
  }

  /** Of the newest samples, as the finest scale that is looked at shows it: each has half the power of white noise. */
  get noiseRms(): number {
    const finest = this.scales.findIndex(({ noiseRms }) => noiseRms > 0)
    return (this.scales[finest]?.noiseRms ?? 0) * Math.SQRT2 ** finest
  }

  /** Whether a marker was read, and what follows it is being read. */
  get isReading(): boolean {
    return this.openReadings.length > 0
  }

  /** Since when the light may be that of a message whose marker was read; infinite without one. */
  get messageS(): number {
    return Math.min(...this.#attempts.map((attempt) => attempt.messageS))
  }

  /** Whether something that is still read may say more of the same light than a failure does. */
  mayBetter(failure: Finding): boolean {
    return (
      this.#attempts.some(
        (attempt) =>
          attempt.startS < failure.endS &&
          (attempt.hasMarker || (attempt.startS >= failure.startS && !attempt.isOverdue)),
      ) || this.#edges.some(({ readings }) => readings.some(({ startS }) => startS < failure.endS))
    )
  }

  /** Forgets what seemed a sync until now, as it was made of something else. */
  forgetSyncs(): void {
    this.bareSync = null
    this.#usualPower = []
    this.#syncsFromS = this.newestS
  }

  /**
   * Takes samples from one index of a block on, as many as can be read together.
   *
   * @returns the index behind the last one taken
   */
  push(block: SampleBlock, from: number): number {
    return this.#finest.push(block, from)
  }

  /** Whether there are enough new samples to `read`. */
  get hasNewBlock(): boolean {
    return this.#finest.hasNewBlock
  }

  /**
   * Reads on at each scale that has a new block, and begins to read what blinks there, unless another reason `explains` it.
   *
   * @returns the readings that have ended
   */
  read(explains: Explains = unexplained): readonly Reading[] {
    // Another one only when this one was used: in nearly all blocks nothing has ended.
    if (this.#ended.length > 0) this.#ended = []
    const ended = this.#ended
    for (let n = 0; n < MOST_SCALES; n++) {
      const scale = this.scales[n] as Scale
      this.#blinksS[n] = scale.correlate(SHORTEST_BIT_S) ? this.#look(scale, n, explains) : 0
      if (this.#attempts.length > 0) this.#advance(ended, scale)
      if (n % EDGES_EACH === 0) this.#readEdges(n, false, ended)
      const next = this.scales[n + 1] ?? this.#addScale()
      scale.passOnTo(next)
      if (!next.hasNewBlock) break
    }
    return ended
  }

  /** Reads everything to its end. */
  end(): Reading[] {
    const ended: Reading[] = []
    for (const [n, scale] of this.scales.entries()) {
      const next = this.scales[n + 1]
      if (next) scale.passOnTo(next)
    }
    this.#advance(ended)
    for (let n = 0; n < this.scales.length; n += EDGES_EACH) this.#readEdges(n, true, ended)
    return ended
  }

  /** Begins to read with a clock that is known from elsewhere. */
  readWith(clock: FoundClock): void {
    if (clock.periodS < SHORTEST_BIT_S || clock.periodS > LONGEST_BIT_S) return
    const finer = Math.floor(Math.log2(clock.periodS / this.sampleS / LEAST_SAMPLES)) - SCALES_FINER
    this.#makeRoom(clock.periodS)
    if (this.#attempts.length === MOST_ATTEMPTS) return
    const scale = this.scales[Math.max(0, finer)] as Scale
    this.#attempts.push(new Attempt(scale, clock, this.kind))
  }

  /** Gives up what should have had its marker long since, where another reason `explains` that the light blinks so. */
  dropOverdue(explains: Explains): void {
    if (this.#attempts.length === 0) return
    this.#attempts = this.#attempts.filter((attempt) => {
      if (attempt.hasMarker || !attempt.isOverdue) return true
      const foundAt = this.scales.indexOf(attempt.scale) + SCALES_FINER
      if (!explains(attempt.periodS, foundAt)) return true
      this.#usualPower[foundAt] = this.scales[foundAt]?.power ?? 0
      this.#keepBareSync(attempt)
      return false
    })
  }

  /** Whether a scale does not blink with about this period, or only as it did when that was given up. */
  isQuiet(periodS: number, scale: number): boolean {
    const isOther = Math.abs((this.#blinksS[scale] ?? 0) / periodS - 1) > ABOUT
    const power = this.scales[scale]?.power ?? 0
    return isOther || power < UNUSUAL * (this.#usualPower[scale] ?? 0)
  }

  /** What is being read with a marker. */
  get openReadings(): Reading[] {
    return [...this.#attempts, ...this.#edges].flatMap(({ readings }) =>
      readings.filter(({ isInPacket }) => isInPacket),
    )
  }

  /** Gives up what began before a time; returns what of that was being read with a marker. */
  dropUpTo(endS: number): Reading[] {
    const isLater = ({ startS }: { readonly startS: number }): boolean => startS >= endS
    const dropped = this.openReadings.filter((open) => !isLater(open))
    this.#attempts = this.#attempts.filter(isLater)
    for (const edges of this.#edges) edges.readings = edges.readings.filter(isLater)
    return dropped
  }

  #readEdges(n: number, isEnd: boolean, ended: Reading[]): void {
    const place = n / EDGES_EACH
    let edges = this.#edges[place]
    if (!edges) {
      edges = new EdgeReader(this.scales[n] as Scale, this.kind)
      this.#edges[place] = edges
    }
    if (isEnd || edges.isDue) edges.read(isEnd, this.#isReadByEdges, this.#clockedAt, ended)
  }

  readonly #isReadByEdges = (markerS: number): boolean =>
    this.#edges.some((edges) => edges.reads(markerS))

  readonly #clockedAt: ClockedAt = (markerS, lit) => {
    for (const { readings } of this.#attempts) {
      const found = readings.find(
        (reading) => !reading.end && reading.way.lit === lit && reading.hasMarkerAt(markerS),
      )
      if (found) return found
    }
    return undefined
  }

  /** Reads on where this scale has new samples; without a scale, everything to its end. */
  #advance(ended: Reading[], scale?: Scale): void {
    let hasRead = false
    for (const attempt of this.#attempts) {
      if (scale && attempt.scale !== scale) continue
      attempt.advance(!scale, ended)
      hasRead = true
      if (attempt.isOver) this.#finish(attempt)
    }
    if (hasRead && this.#attempts.length > 1) this.#dropRepeats()
  }

  #finish(over: Attempt): void {
    this.#attempts = this.#attempts.filter((attempt) => attempt !== over)
    if (over.readings.every(({ end }) => end === 'nothing')) this.#keepBareSync(over)
  }

  #addScale(): Scale {
    const scale = new Scale()
    this.scales.push(scale)
    return scale
  }

  /** The period with which a scale blinks, roughly, 0 where it does not; begins to read when nothing reads that yet. */
  #look(scale: Scale, n: number, explains: Explains): number {
    const period = scale.period
    if (period === 0) return 0
    const roughlyS = (period * (scale.newestS - scale.timeS(scale.count - 1 - NEWEST))) / NEWEST
    const isRead = this.#attempts.some(
      (attempt) => attempt.expects(roughlyS) || attempt.isAmongData(roughlyS),
    )
    if (!isRead && !explains(roughlyS, n)) this.#begin(scale, n, period)
    return roughlyS
  }

  #begin(scale: Scale, n: number, period: number): void {
    // With twice the samples a bit, the edges of one are clear of those of the next.
    const finer = this.scales[n - 1]
    const clock = finer ? acquire(finer, 2 * period) : acquire(scale, period)
    if (!clock || clock.periodS < SHORTEST_BIT_S || clock.periodS > LONGEST_BIT_S) return
    // A period just above the longest that a scale tells seems to be that.
    if (this.#attempts.some((attempt) => attempt.expects(clock.periodS))) return
    this.#makeRoom(clock.periodS)
    if (this.#attempts.length === MOST_ATTEMPTS) return
    this.#attempts.push(
      new Attempt(this.scales[Math.max(0, n - SCALES_FINER)] as Scale, clock, this.kind),
    )
  }

  /** Gives up the oldest attempt without a marker: of those with this period where these are enough, of all where all are. */
  #makeRoom(periodS: number): void {
    const waiting = this.#attempts.filter(({ hasMarker }) => !hasMarker)
    const alike = waiting.filter((attempt) => attempt.hasPeriod(periodS))
    let oldest: Attempt | undefined
    if (alike.length >= MOST_ALIKE) oldest = alike[0]
    else if (this.#attempts.length === MOST_ATTEMPTS) oldest = waiting[0]
    if (!oldest) return
    this.#attempts.splice(this.#attempts.indexOf(oldest), 1)
    this.#keepBareSync(oldest)
  }

  /** Keeps one of all attempts at a message that has its marker: each reads it in all ways. */
  #dropRepeats(): void {
    const found = this.#attempts.find(({ hasMarker }) => hasMarker)
    if (!found) return
    this.#attempts = this.#attempts.filter(
      (attempt) => attempt === found || !attempt.repeats(found),
    )
  }

  #keepBareSync({ bareSync }: Attempt): void {
    if (
      bareSync &&
      bareSync.startS > this.#syncsFromS &&
      isClearlyBrighter(bareSync, this.bareSync)
    )
      this.bareSync = bareSync
  }
}
