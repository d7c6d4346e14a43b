import type { Dialect } from '../../light/dialects.js'
import { SYMBOLS_PER_BYTE } from '../../modulation/index.js'
import type { CompleteConfig } from '../../rig/config.js'
import type { PointSettings } from './axes.js'
import type { Lattice } from './lattice.js'
import type { Bound, Margins, Order, Played, Player, PlayFailure } from './player.js'
import { type Candidate, propose } from './proposal.js'
import { type Found, type Known, paint, search } from './search.js'
import { type Asked, fewestMessages, SequentialTest, type TestVerdict } from './sequential-test.js'

/** What came of a point. */
export interface PointResult {
  /** 'unplayable' is not a fault of the light: there was none. */
  readonly verdict: TestVerdict | 'unplayable'
  /** Of 'unplayable': what it is beyond. */
  readonly bound: Bound | null
  readonly messages: number
  readonly passes: number
  /** That the share of messages that pass is above what is asked, or below it, as the verdict says: 0 to 1. */
  readonly confidence: number
  /** How often messages failed for which reason. */
  readonly failures: Readonly<Partial<Record<PlayFailure, number>>>
  /** The least of all messages that passed; null where none did. */
  readonly margins: Margins | null
}

/** What is asked of a sweep: with the same question its results are the same but for chance. */
export interface SweepQuestion {
  /** Its settings are those of the points where no axis says another. */
  readonly rig: CompleteConfig
  readonly dialect: Dialect
  readonly syncSymbols: number | undefined
  readonly lattice: Lattice
  /** Of each point of the map. */
  readonly asked: Asked
  /** Of the proposed settings. */
  readonly confirmation: Asked
  /** How many steps of the axes the proposal is to be away from what does not pass. */
  readonly marginSteps: number
  /** All points instead of those that show the edge. */
  readonly paints: boolean
}

export interface SweepProgress {
  readonly stage: 'map' | 'confirmation'
  /** Of the map: decided, and known to be needed so far. */
  readonly points: number
  readonly pointsNeeded: number
  /** Played by this run. */
  readonly messages: number
  /** Of what is known to be needed; null until a message has ended. */
  readonly leftS: number | null
}

export interface SweepOptions {
  readonly signal: AbortSignal
  /** What is known from an earlier run with the same question. */
  readonly known?: SweepKnown
  /** Gets each point as it is decided, by its number in the lattice. */
  readonly onPoint?: (number: number, result: PointResult) => void | Promise<void>
  /** Gets the confirmation of the proposed point. */
  readonly onConfirmation?: (number: number, result: PointResult) => void | Promise<void>
  readonly onProgress?: (progress: SweepProgress) => void
}

export interface SweepKnown {
  readonly points: ReadonlyMap<number, PointResult>
  /** By the numbers of the points that were proposed. */
  readonly confirmations: ReadonlyMap<number, PointResult>
}

export interface Proposal extends Candidate {
  readonly settings: PointSettings
  /** By messages of its own, none of the map's. */
  readonly confirmation: PointResult
}

export interface SweepResult {
  /** Those that were played or are unplayable, by their numbers. */
  readonly points: ReadonlyMap<number, PointResult>
  /** Of all points of the lattice by their numbers: as was seen, or else as what is around them; null for what is not known. */
  readonly passes: readonly (boolean | null)[]
  /** Null where nothing passes, or as long as nothing is proposed. */
  readonly proposal: Proposal | null
}

/** Of the seeds of a point: the map's messages come first. */
const SEEDS_OF_A_POINT = 1_000_000
const FIRST_CONFIRMING = SEEDS_OF_A_POINT / 2
/**
 * When a proposal is not confirmed, a slower one is tried. A test passes wrongly with half of the error that is allowed, so all of
 * them together with no more than that.
 */
const MOST_PROPOSALS = 2
/** What a loopback takes beside its symbols (`playAndSee`). */
const AROUND_MESSAGE_S = 0.75
/** Of a packet, beside its bytes: sync, marker and tail. */
const SYMBOLS_AROUND_PACKET = 70

/**
 * Finds where messages pass, and settings that are well inside, and confirms those. Each point is played by one player until its test
 * is decided; the confirmation by all of them.
 *
 * @param players one or more, each with a rig of its own
 * @throws RigError of a rig that cannot go on, the signal's reason, what the callbacks throw
 */
export async function sweep(
  players: readonly Player[],
  question: SweepQuestion,
  options: SweepOptions,
): Promise<SweepResult> {
  const { lattice, marginSteps } = question
  const { signal, known } = options
  const points = new Map(known?.points)
  const pace = new Pace(question, players.length)
  await employ(players, signal, mapJobs(question, points, pace, options))
  const { passes } = partialResult(question, points)
  const confirm = async (number: number): Promise<PointResult> => {
    const before = known?.confirmations.get(number)
    if (before) return before
    const tally = new PointTally(question.confirmation)
    await employ(players, signal, confirmingJobs(question, number, tally, pace, points, options))
    await options.onConfirmation?.(number, tally.result)
    return tally.result
  }
  let proposal: Proposal | null = null
  const rateOf = (number: number): number => lattice.settingsOf(number).symbolRateHz
  for (let tries = 0; tries < MOST_PROPOSALS; tries++) {
    const slower = proposal ? rateOf(proposal.number) : Number.POSITIVE_INFINITY
    const candidate = propose(lattice, passes, marginSteps, (number) => rateOf(number) < slower)
    if (!candidate) break
    const { number } = candidate
    const settings = lattice.settingsOf(number)
    proposal = { ...candidate, settings, confirmation: await confirm(number) }
    if (proposal.confirmation.verdict === 'pass') break
  }
  return { points, passes, proposal }
}

/** What is known when a sweep has not come to its end. */
export function partialResult(
  question: SweepQuestion,
  points: ReadonlyMap<number, PointResult>,
): SweepResult {
  return { points, passes: foundBy(question, points).passes, proposal: null }
}

/** The work of a player until its next. */
type Jobs = (player: Player, signal: AbortSignal) => Promise<void> | null

/** Gives each player one job after another, until there is none and all have ended. What fails ends all. */
async function employ(players: readonly Player[], signal: AbortSignal, jobs: Jobs): Promise<void> {
  const stop = new AbortController()
  const end = AbortSignal.any([signal, stop.signal])
  const running = new Map<Player, Promise<void>>()
  try {
    for (;;) {
      signal.throwIfAborted()
      for (const player of players) {
        if (running.has(player)) continue
        const job = jobs(player, end)
        if (job)
          running.set(
            player,
            job.finally(() => running.delete(player)),
          )
      }
      if (running.size === 0) return
      await Promise.race(running.values())
    }
  } catch (error) {
    stop.abort(error)
    await Promise.allSettled(running.values())
    throw error
  }
}

function mapJobs(
  question: SweepQuestion,
  points: Map<number, PointResult>,
  pace: Pace,
  { onPoint, onProgress }: SweepOptions,
): Jobs {
  const { lattice, asked } = question
  const taken = new Set<number>()
  const rigs = new Map<Player, string>()
  const rigOf = (number: number): string =>
    JSON.stringify({ ...lattice.settingsOf(number), symbolRateHz: null, messageBytes: null })
  const tell = (): void => {
    const { open } = foundBy(question, points)
    onProgress?.({
      stage: 'map',
      points: points.size,
      pointsNeeded: points.size + open.length,
      messages: pace.messages,
      leftS: pace.leftS(open),
    })
  }
  return (player, signal) => {
    const open = foundBy(question, points).open.filter((number) => !taken.has(number))
    // A rig stays open as long as there is something to do for it, and is not opened twice while there is another to do.
    const others = [...rigs].flatMap(([other, rig]) => (other === player ? [] : [rig]))
    const next =
      open.find((number) => rigOf(number) === rigs.get(player)) ??
      open.find((number) => !others.includes(rigOf(number))) ??
      open[0]
    if (next === undefined) return null
    taken.add(next)
    rigs.set(player, rigOf(next))
    const tally = new PointTally(asked)
    const play = async (): Promise<void> => {
      while (tally.verdict === null) {
        const order = orderOf(question, next, tally.messages)
        tally.push(await pace.timed(next, player.play(order, signal)))
        tell()
      }
      points.set(next, tally.result)
      await onPoint?.(next, tally.result)
      tell()
    }
    return play()
  }
}

function confirmingJobs(
  question: SweepQuestion,
  number: number,
  tally: PointTally,
  pace: Pace,
  points: ReadonlyMap<number, PointResult>,
  { onProgress }: SweepOptions,
): Jobs {
  let begun = 0
  /** Each counts after those that were begun before it: else quick ones would count first. */
  const ended = new Map<number, Played>()
  return (player, signal) => {
    if (tally.verdict !== null) return null
    const message = begun++
    const play = async (): Promise<void> => {
      const order = orderOf(question, number, FIRST_CONFIRMING + message)
      ended.set(message, await pace.timed(number, player.play(order, signal)))
      for (let next = ended.get(tally.messages); next; next = ended.get(tally.messages)) {
        if (tally.verdict !== null) break
        tally.push(next)
      }
      onProgress?.({
        stage: 'confirmation',
        points: points.size,
        pointsNeeded: points.size,
        messages: pace.messages,
        leftS: pace.confirmingLeftS(number, tally.messages),
      })
    }
    return play()
  }
}

const orderOf = (
  { rig, dialect, syncSymbols, lattice }: SweepQuestion,
  number: number,
  message: number,
): Order => ({
  rig,
  settings: lattice.settingsOf(number),
  dialect,
  syncSymbols,
  seed: number * SEEDS_OF_A_POINT + message,
})

function foundBy(
  { lattice, paints }: SweepQuestion,
  points: ReadonlyMap<number, PointResult>,
): Found {
  const known: Known = new Map(
    Array.from(points, ([number, { verdict }]) => [number, verdict === 'pass']),
  )
  return (paints ? paint : search)(lattice, known)
}

/** Counts the messages of a point. */
class PointTally {
  readonly #test: SequentialTest
  readonly #failures: Partial<Record<PlayFailure, number>> = {}
  #margins: Margins | null = null
  #bound: Bound | null = null

  constructor(asked: Asked) {
    this.#test = new SequentialTest(asked)
  }

  get messages(): number {
    const { passes, failures } = this.#test.tally
    return passes + failures
  }

  get verdict(): PointResult['verdict'] | null {
    return this.#bound ? 'unplayable' : this.#test.verdict
  }

  push(played: Played): void {
    if (played.kind === 'unplayable') {
      this.#bound = played.bound
      return
    }
    this.#test.push(played.kind === 'pass')
    if (played.kind === 'fail') {
      this.#failures[played.reason] = (this.#failures[played.reason] ?? 0) + 1
    } else this.#margins = least(this.#margins, played.margins)
  }

  /** When there is a verdict. */
  get result(): PointResult {
    const { confidence, tally } = this.#test
    return {
      verdict: this.verdict ?? 'undecided',
      bound: this.#bound,
      messages: this.messages,
      passes: tally.passes,
      confidence,
      failures: { ...this.#failures },
      margins: this.#margins,
    }
  }
}

function least(known: Margins | null, margins: Margins): Margins {
  if (!known) return margins
  const of = (name: keyof Margins): number | null => {
    const seen = [known[name], margins[name]].filter((margin) => margin !== null)
    return seen.length > 0 ? Math.min(...seen) : null
  }
  return {
    bit: of('bit'),
    eyeHeight: of('eyeHeight'),
    eyeWidth: of('eyeWidth'),
    snrDb: of('snrDb'),
  }
}

/** How fast light passes, as all messages of this run have shown. */
class Pace {
  messages = 0
  #lightS = 0
  #busyMs = 0

  constructor(
    private readonly question: SweepQuestion,
    private readonly players: number,
  ) {}

  async timed(number: number, playing: Promise<Played>): Promise<Played> {
    const startMs = performance.now()
    const played = await playing
    if (played.kind !== 'unplayable') {
      this.messages++
      this.#lightS += this.#messageS(number)
      this.#busyMs += performance.now() - startMs
    }
    return played
  }

  /** For points of the map, each as if it were clear, and the confirmation of one of them. */
  leftS(open: readonly number[]): number | null {
    const { asked, confirmation } = this.question
    const pointsS = open.map((number) => this.#messageS(number))
    const meanS = pointsS.reduce((sum, s) => sum + s, 0) / Math.max(1, pointsS.length)
    const messages = fewestMessages(asked) * pointsS.length + fewestMessages(confirmation)
    return this.#timeOf(messages * meanS)
  }

  confirmingLeftS(number: number, messages: number): number | null {
    const left = Math.max(1, fewestMessages(this.question.confirmation) - messages)
    return this.#timeOf(left * this.#messageS(number))
  }

  #timeOf(lightS: number): number | null {
    if (this.#lightS === 0) return null
    return (lightS * this.#busyMs) / this.#lightS / this.players / 1000
  }

  #messageS(number: number): number {
    const { symbolRateHz, messageBytes } = this.question.lattice.settingsOf(number)
    const { syncSymbols = 0 } = this.question
    const symbols = messageBytes * SYMBOLS_PER_BYTE + SYMBOLS_AROUND_PACKET + syncSymbols
    return AROUND_MESSAGE_S + symbols / symbolRateHz
  }
}
