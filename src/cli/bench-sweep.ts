import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import { type JudgedFigure, judgeFigures } from '../bench/figures.js'
import { axesOf } from '../bench/sweep/axes.js'
import { RigPlayer } from '../bench/sweep/player.js'
import { fewestMessages } from '../bench/sweep/sequential-test.js'
import { SweepState, SweepStateError } from '../bench/sweep/state-file.js'
import {
  type PointResult,
  partialResult,
  type SweepQuestion,
  type SweepResult,
  sweep,
} from '../bench/sweep/sweep.js'
import { ThreadPlayer } from '../bench/sweep/thread-player.js'
import { figureRows } from '../report/bench-rows.js'
import { judgeSweep, sweepFigures, sweepReport } from '../report/sweep-report.js'
import type { RigInfo } from '../rig/rig.js'
import { type Made, printDocument } from './document.js'
import { CommandError, EXIT, explain, isSystemError, systemReason } from './errors.js'
import { type FixtureFile, fixtureFile } from './fixture-file.js'
import { interruptible } from './interrupt.js'
import { addLimitOptions, type LimitOptions, limitsOf } from './limit-options.js'
import { readNumber } from './numbers.js'
import { formatRows } from './reception.js'
import {
  addReportOptions,
  checkReportOutputs,
  type ReportOptions,
  writeReports,
} from './report-options.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { type RunSettings, runSettings, settingRows } from './run-settings.js'
import { AXIS_OPTIONS, addAxisOptions, readLattice } from './sweep-axes.js'
import { SweepDisplay } from './sweep-display.js'
import { mapText, sweepRows } from './sweep-text.js'
import { addSymbolOptions } from './symbol-options.js'
import { type Coloured, print, tell } from './terminal.js'
import type { TomlScalar } from './toml-edit.js'
import { thenClosed } from './with-rig.js'

/** The edge is where half of the messages pass. */
const DEFAULT_PASS_RATE = 0.5
const DEFAULT_CONFIRMED_RATE = 0.95
const DEFAULT_CONFIDENCE = 0.95
const DEFAULT_MOST_MESSAGES = 40
const DEFAULT_MARGIN_STEPS = 2
/** Of the messages that decide at the least: what the confirmation may take until it is undecided. */
const CONFIRMATION_PATIENCE = 4

interface SweepOptions extends LimitOptions, ReportOptions {
  readonly grid?: true
  readonly passRate: number
  readonly confirmRate: number
  readonly confidence: number
  readonly mostMessages: number
  readonly margin: number
  readonly state?: string
  readonly write?: string
  readonly fixture?: string
  readonly json?: true
}

export function addBenchSweep(program: Command): void {
  const command = program
    .command('sweep')
    .description(
      'find the settings with which messages pass: the edge of the region, and settings well inside',
    )
    .option('--grid', 'play all points instead of those that show the edge')
    .option(
      '--pass-rate <part>',
      'of the messages, which must pass at a point',
      readPart,
      DEFAULT_PASS_RATE,
    )
    .option(
      '--confirm-rate <part>',
      'the same of the proposed settings, which are played once more',
      readPart,
      DEFAULT_CONFIRMED_RATE,
    )
    .option('--confidence <part>', 'of each answer', readPart, DEFAULT_CONFIDENCE)
    .option(
      '--most-messages <n>',
      'after which a point is undecided',
      readWhole,
      DEFAULT_MOST_MESSAGES,
    )
    .option(
      '--margin <steps>',
      'of the axes, from the proposed settings to the nearest point that does not pass',
      readWhole,
      DEFAULT_MARGIN_STEPS,
    )
    .option(
      '--state <file>',
      'keep what is found there, and go on from there after an interruption',
    )
    .option('--write <file>', 'write the proposed settings into this fixture file')
    .option('--json', 'print the result as JSON')
  addReportOptions(addLimitOptions(command))
  addRigOptions(addSymbolOptions(addAxisOptions(command))).action(run)
}

async function run(options: SweepOptions & Readonly<Record<string, unknown>>): Promise<void> {
  checkReportOutputs(options, [options.fixture, options.state, options.write])
  const settings = await loadLightSettings(options)
  const question = questionOf(options, settings)
  const fixture = options.write === undefined ? null : fixtureFile(options.write)
  await using state = options.state === undefined ? null : await openState(options.state, question)
  const points = new Map(state?.known.points)
  if (points.size > 0) tell(`${options.state} has ${points.size} points of this sweep already`)
  const startedAt = new Date()
  const players = new Players(question)
  const sweptTo = (result: SweepResult): Swept => {
    return { question, settings, startedAt, result, info: players.info }
  }
  let result: SweepResult
  try {
    result = await measure(players, question, state, points, options)
  } catch (error) {
    if (points.size > 0) await show(sweptTo(partialResult(question, points)), options, error)
    throw error
  }
  await finish(sweptTo(result), fixture, options)
}

/** A sweep, and what it was made with. */
interface Swept {
  readonly question: SweepQuestion
  readonly settings: LightSettings
  readonly startedAt: Date
  readonly result: SweepResult
  /** Of a rig of it; null where none was opened. */
  readonly info: RigInfo | null
}

function questionOf(
  options: SweepOptions & Readonly<Record<string, unknown>>,
  settings: LightSettings,
): SweepQuestion {
  const { passRate, confirmRate, confidence, mostMessages, margin, grid = false } = options
  const { rig, dialect, syncSymbols } = settings
  const confirmation = { passRate: confirmRate, confidence }
  const mostConfirming = CONFIRMATION_PATIENCE * fewestMessages(confirmation)
  return {
    rig,
    dialect,
    syncSymbols,
    lattice: readLattice(options, settings),
    asked: { passRate, confidence, mostMessages },
    confirmation: { ...confirmation, mostMessages: mostConfirming },
    marginSteps: margin,
    paints: grid,
  }
}

/** Plays; each point that is decided is in `points` and, where it is kept, on the disk. */
function measure(
  players: Players,
  question: SweepQuestion,
  state: SweepState | null,
  points: Map<number, PointResult>,
  { state: file = '' }: SweepOptions,
): Promise<SweepResult> {
  const display = new SweepDisplay()
  const kept = (writing: Promise<void> | undefined): Promise<void> | undefined =>
    writing?.catch((error) => {
      throw cannotKeep(file, error)
    })
  return interruptible((signal) =>
    thenClosed(players, signal, ({ players }) =>
      sweep(players, question, {
        signal,
        ...(state && { known: state.known }),
        onPoint: async (number, result) => {
          points.set(number, result)
          await kept(state?.addPoint(number, result))
        },
        onConfirmation: async (number, result) => kept(state?.addConfirmation(number, result)),
        onProgress: (progress) => display.update(progress),
      }),
    ).finally(() => display.end()),
  )
}

/** An emulated rig is all computed: there is one for each core. Of others there is one. */
class Players implements AsyncDisposable {
  readonly players: readonly (RigPlayer | ThreadPlayer)[]

  constructor({ rig }: SweepQuestion) {
    this.players =
      rig.kind === 'emulated'
        ? Array.from({ length: availableParallelism() }, () => new ThreadPlayer())
        : [new RigPlayer()]
  }

  get info(): RigInfo | null {
    return this.players.find(({ info }) => info)?.info ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.players.map((player) => player[Symbol.asyncDispose]())
    const failed = (await Promise.allSettled(closed)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }
}

async function openState(path: string, question: SweepQuestion): Promise<SweepState> {
  try {
    return await SweepState.open(path, question)
  } catch (error) {
    if (error instanceof SweepStateError) {
      throw new CommandError(EXIT.usage, error.message, { cause: error })
    }
    throw cannotKeep(path, error)
  }
}

const cannotKeep = (path: string, error: unknown): unknown =>
  isSystemError(error)
    ? new CommandError(EXIT.inputOutput, `cannot write ${path}: ${systemReason(error)}`, {
        cause: error,
      })
    : error

async function finish(
  swept: Swept,
  fixture: FixtureFile | null,
  options: SweepOptions,
): Promise<void> {
  const { question, settings, result } = swept
  const failure = await show(swept, options)
  const { proposal } = result
  if (failure) {
    process.exitCode ??= EXIT.checkFailed
    if (fixture) tell(`${options.write} is as it was: there is nothing confirmed to write into it`)
    return
  }
  if (!fixture || !proposal) return
  const ofProposal = axesOf(question.rig).flatMap((name): [string, TomlScalar][] => {
    const { setting } = AXIS_OPTIONS[name]
    const value = proposal.settings[name]
    return setting === null || value === null ? [] : [[setting, value]]
  })
  await fixture.write({ ...scalarsOf(settings), ...Object.fromEntries(ofProposal) })
  tell(`${options.write} has the proposed settings`)
}

/** What the sweep was told of the rig, for a fixture file that says nothing of it. */
function scalarsOf({ rig, byName }: LightSettings): Record<string, TomlScalar> {
  const scalars = Object.entries(byName).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  )
  return { rig: rig.kind, ...Object.fromEntries(scalars as [string, TomlScalar][]) }
}

/** Writes the reports of a whole sweep, and prints what was found. Why it failed, or null; `brokenOff` is what has ended it before its end. */
async function show(
  swept: Swept,
  options: SweepOptions,
  brokenOff?: unknown,
): Promise<string | null> {
  const { question, settings, startedAt, result, info } = swept
  const isWhole = brokenOff === undefined
  const figures = isWhole
    ? judgeFigures(sweepFigures(question, result), limitsOf(options, settings))
    : []
  const { verdict, findings } = judgeSweep(question, result, figures)
  const failure = verdict === 'fail' ? findings.join('; ') : null
  const unwritten = isWhole
    ? await writeReports(
        sweepReport(
          question,
          result,
          figures,
          settingRows(settings, info, toldOf(question)),
          startedAt,
        ),
        options,
      )
    : null
  const error = isWhole
    ? (unwritten ?? (failure ? explain(new CommandError(EXIT.checkFailed, failure)) : null))
    : explain(brokenOff)
  if (options.json) {
    await printDocument(sweepDocument(swept, figures, isWhole ? verdict : null, error))
  } else {
    const head: Coloured = !isWhole
      ? { colour: 'yellow', text: 'BROKEN OFF' }
      : failure
        ? { colour: 'red', text: 'FAIL' }
        : { colour: 'green', text: 'PASS' }
    const rows = formatRows([...sweepRows(question, result), ...figureRows(figures)])
    const why = isWhole
      ? (failure ?? 'the proposed settings are confirmed')
      : 'what is known so far'
    await print([head, `  ${why}\n\n${mapText(question, result)}\n\n${rows.join('\n')}\n`])
  }
  return failure
}

/** What was asked, as settings: values that were swept stand where others have one. */
const toldOf = ({
  lattice,
  asked,
  confirmation,
  marginSteps,
  paints,
}: SweepQuestion): RunSettings => ({
  ...Object.fromEntries(lattice.axes.map(({ name, values }) => [name, values.join(', ')])),
  passRate: asked.passRate,
  confirmRate: confirmation.passRate,
  confidence: asked.confidence,
  mostMessages: asked.mostMessages,
  marginSteps,
  grid: paints,
})

function sweepDocument(
  { question, settings, result, info }: Swept,
  figures: readonly JudgedFigure[],
  verdict: 'pass' | 'fail' | null,
  error: Made<'blinkup.bench-sweep/1'>['error'],
): Made<'blinkup.bench-sweep/1'> {
  const { lattice, rig, dialect, asked, confirmation } = question
  const { points, passes, proposal } = result
  return {
    schema: 'blinkup.bench-sweep/1',
    verdict,
    rig: rig.kind,
    settings: runSettings(settings, info, toldOf(question)),
    dialect,
    axes: lattice.axes,
    asked,
    points: passes.map((pass, number) => {
      const point = points.get(number)
      return {
        ...lattice.settingsOf(number),
        passes: pass,
        played: point ? pointDocument(point) : null,
      }
    }),
    proposal: proposal && {
      ...proposal.settings,
      steps: proposal.steps,
      asked: confirmation,
      confirmation: pointDocument(proposal.confirmation),
    },
    figures,
    error,
  }
}

const pointDocument = ({ failures, ...result }: PointResult) => ({
  ...result,
  failures: (Object.entries(failures) as [keyof typeof failures, number][]).map(
    ([reason, messages]) => ({ reason, messages }),
  ),
})

function readPart(text: string): number {
  const part = readNumber(text)
  if (!(part > 0 && part < 1)) throw new InvalidArgumentError('Give a part above 0 and below 1.')
  return part
}

function readWhole(text: string): number {
  const whole = readNumber(text)
  if (!(Number.isInteger(whole) && whole >= 1)) {
    throw new InvalidArgumentError('Give a whole number above 0.')
  }
  return whole
}
