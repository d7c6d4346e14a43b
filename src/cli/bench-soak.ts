import type { Command } from 'commander'
import { judgeFigures } from '../bench/figures.js'
import { type Soaked, soak } from '../bench/soak.js'
import { type SoakTrend, soakFigures, TREND_NAMES, type TrendName } from '../bench/soak-tally.js'
import { figureRows } from '../report/bench-rows.js'
import type { Failure } from '../report/documents.js'
import {
  type SoakRun,
  type SoakVerdict,
  soakFindings,
  soakReport,
  soakVerdict,
} from '../report/soak-report.js'
import type { RigInfo } from '../rig/rig.js'
import type { RigState } from '../rig/supervised.js'
import { addCredentialOptions, type CredentialOptions } from './credentials.js'
import { type Made, printDocument } from './document.js'
import { CommandError, EXIT, explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { KeptCaptures, MOST_CAPTURES } from './kept-captures.js'
import { addLimitOptions, type LimitOptions, limitsOf } from './limit-options.js'
import { loadMessage, type Message, tellDuration } from './message.js'
import { readCount, readSeconds } from './numbers.js'
import { formatRows, type Row } from './reception.js'
import {
  addReportOptions,
  checkReportOutputs,
  type ReportOptions,
  writeReports,
} from './report-options.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { type RunSettings, runSettings, settingRows } from './run-settings.js'
import { checkSight } from './sight.js'
import { addSymbolOptions } from './symbol-options.js'
import { type Coloured, print, tell, warn } from './terminal.js'
import { withSupervisedRig } from './with-rig.js'

const DEFAULT_MESSAGES = 100

export interface SoakOptions extends LimitOptions, ReportOptions {
  readonly repeat?: number
  readonly duration?: number
  readonly pause?: number
  readonly keep?: string
  readonly json?: true
}

export function addBenchSoak(bench: Command): void {
  const command = bench
    .command('soak')
    .description(
      'send one message again and again: how many pass, why others fail, and what margin, levels, other light and timing become over time',
    )
    .option(
      '--repeat <n>',
      `end after so many messages (default: ${DEFAULT_MESSAGES}, or with --duration none)`,
      readCount,
    )
    .option('--duration <s>', 'begin no message later than that', readSeconds)
    .option('--pause <s>', 'stay dark for so long between messages', readSeconds)
    .option(
      '--keep <folder>',
      `keep the capture of each failure there, ${MOST_CAPTURES} at most; they are as secret as the password`,
    )
    .option('--json', 'print the results as JSON')
  addReportOptions(addLimitOptions(command))
  addCredentialOptions(command)
  addRigOptions(addSymbolOptions(command)).action(
    async (options: SoakOptions & CredentialOptions & { readonly fixture?: string }) => {
      checkReportOutputs(options, [options.config, options.fixture])
      const settings = await loadLightSettings({ ...options })
      await runSoak(
        await loadMessage(options, settings, settings.enrollment !== null),
        settings,
        options,
      )
    },
  )
}

/**
 * Soaks a rig, writes the reports that are asked for, which have been checked, and prints what came of it, however it ends.
 *
 * @throws CommandError, Interrupted, RigError
 */
export async function runSoak(
  message: Message,
  settings: LightSettings,
  options: SoakOptions,
): Promise<void> {
  if (message.lacking) {
    throw new CommandError(
      EXIT.usage,
      'a soak sends one message again and again, and a token is for one device: use --dummy, or give a token with the credentials',
    )
  }
  const { keep, force, json } = options
  const startedAt = new Date()
  const captures = keep === undefined ? null : await KeptCaptures.open(keep, force)
  const run = await play(message, settings, options, captures)
  if (captures && captures.kept > 0) {
    tell(`${keep} holds the light of ${captures.kept} messages and with it the password`)
  }
  const { told, info } = run
  const unwritten = await writeReports(
    soakReport(run, settingRows(settings, info, told), startedAt),
    options,
  )
  const error = errorOf(run)
  const isCheckFailed = error instanceof CommandError && error.exitCode === EXIT.checkFailed
  const failure = error && explain(error)
  await (json
    ? printDocument(
        soakDocument(
          message,
          settings,
          run,
          isCheckFailed ? (unwritten ?? failure) : (failure ?? unwritten),
        ),
      )
    : print(soakText(run)))
  if (isCheckFailed) process.exitCode ??= EXIT.checkFailed
  else if (error !== null) throw error
}

/** What a soak was, and all that came of it. */
interface Run extends SoakRun {
  readonly info: RigInfo
  /** What the command itself was told. */
  readonly told: RunSettings
  readonly wanted: number | null
  /** Where the light of a message is kept, by its number. */
  readonly captures: ReadonlyMap<number, string>
  /** What ended it before its end, with what is known of the LED; null for nothing. */
  readonly end: Error | null
}

/** Until its end, or that of the rig, or a signal. */
async function play(
  message: Message,
  settings: LightSettings,
  options: SoakOptions,
  captures: KeptCaptures | null,
): Promise<Run> {
  const { repeat, duration, pause } = options
  const { symbolRateHz } = settings
  const wanted = repeat ?? (duration === undefined ? DEFAULT_MESSAGES : null)
  const display = new SoakDisplay(wanted, message.sequence.levels.length)
  const files = new Map<number, string>()
  let soaked: Soaked | undefined
  let info: RigInfo | undefined
  let end: Error | null = null
  try {
    await interruptible((signal) => {
      tellDuration(message, symbolRateHz)
      for (const warning of message.warnings) warn(warning)
      return withSupervisedRig(settings.rig, signal, tellOutages(), async (rig) => {
        await rig.ready(signal)
        if (rig.state.state === 'ready') info = rig.state.info
        if (info) checkSight(info, symbolRateHz)
        soaked = await soak(rig, message, {
          symbolRateHz,
          signal,
          ...(wanted !== null && { messages: wanted }),
          ...(duration !== undefined && { durationS: duration }),
          ...(pause !== undefined && { pauseS: pause }),
          onProgress: (played) => display.update(played),
          onSamples: (block) => captures?.take(block),
          onError: () => captures?.drop(),
          onMessage: async (judged) => {
            display.count(judged.reason !== null)
            if (judged.reason === null) return captures?.drop()
            tell(`message ${judged.number} failed: ${judged.reason}`)
            const file = await captures?.keep(judged)
            if (file) files.set(judged.number, file)
          },
        })
        if (soaked.stoppedBy !== null) throw soaked.stoppedBy
      }).finally(() => display.end())
    })
  } catch (error) {
    if (!soaked) throw error
    end = error as Error
  }
  if (!soaked || !info) throw new Error('a soak that has ended tells of itself and its rig')
  return {
    soaked,
    figures: judgeFigures(soakFigures(soaked), limitsOf(options, settings)),
    info,
    told: { symbols: message.sequence.levels.length, pauseS: pause ?? 0 },
    wanted,
    captures: files,
    end,
  }
}

/** Says when the rig is lost, and when it is back. */
function tellOutages(): (state: RigState) => void {
  let isLost = false
  return (state) => {
    if (state.state === 'lost' && !isLost) {
      tell(`${explain(state.reason).message}; the soak goes on when the rig is back`)
    }
    if (state.state === 'ready' && isLost) tell('the rig is back')
    isLost = state.state === 'lost' || (isLost && state.state === 'opening')
  }
}

/** What the command ends with; null for a pass. */
function errorOf(run: Run): Error | null {
  if (run.end) return run.end
  const verdict = soakVerdict(run)
  if (verdict === 'pass') return null
  const [first] = run.soaked.errors
  if (verdict === 'error' && first) return first.error
  return new CommandError(EXIT.checkFailed, soakFindings(run)[0] ?? 'it failed')
}

function soakDocument(
  { sequence }: Message,
  settings: LightSettings,
  run: Run,
  error: Failure | null,
): Made<'blinkup.bench-soak/1'> {
  const { soaked, figures, info, told, wanted, captures } = run
  const { messages, passed, passShare, reasons, failures, errors, durationS, trends } = soaked
  return {
    schema: 'blinkup.bench-soak/1',
    verdict: soakVerdict(run),
    rig: settings.rig.kind,
    settings: runSettings(settings, info, told),
    messages: { wanted, judged: messages, passed },
    passShare: passShare && { least: passShare[0], most: passShare[1] },
    symbols: sequence.levels.length,
    symbolRateHz: settings.symbolRateHz,
    durationS,
    reasons: Array.from(reasons, ([reason, count]) => ({ reason, messages: count })),
    failures: failures.flatMap(({ number, timeS, reason }) =>
      reason === null
        ? []
        : [{ message: number, timeS, reason, capture: captures.get(number) ?? null }],
    ),
    rigErrors: errors.map(({ afterMessages, timeS, error: { message } }) => ({
      afterMessages,
      timeS,
      message,
    })),
    trends: TREND_NAMES.map((name) => {
      const { trend, mean, perHour } = trends[name]
      return {
        name,
        messages: trend.all?.count ?? 0,
        mean: mean?.value ?? null,
        min: trend.all?.min ?? null,
        max: trend.all?.max ?? null,
        perHour: perHour?.value ?? null,
        perHourUncertainty: perHour?.uncertainty ?? null,
        bins: trend.bins.map(({ count, ...bin }) => ({ ...bin, messages: count })),
      }
    }),
    figures,
    error,
  }
}

const VERDICTS: Readonly<Record<SoakVerdict, Coloured>> = {
  pass: { colour: 'green', text: 'PASS' },
  fail: { colour: 'red', text: 'FAIL' },
  error: { colour: 'yellow', text: 'ERROR' },
  aborted: { colour: 'yellow', text: 'ABORTED' },
}

/** What is told on a terminal, and how its label and its unit are written. */
const ROWS: readonly (readonly [name: TrendName, label: string, unit: string, digits: number])[] = [
  ['margin-pct', 'weakest bit', '% of its margin', 0],
  ['eye-height-pct', 'eye', '% high', 0],
  ['snr-db', 'noise', 'dB below half the step from grey to white', 1],
  ['black-pct', 'black', '% of full scale', 2],
  ['swing-pct', 'swing', '% of full scale', 2],
  ['grey-ratio', 'grey ratio', '', 4],
  ['flicker-peak-pct', 'flicker', '% of full scale, peak', 2],
  ['rate-error-ppm', 'rate error', 'ppm', 1],
  ['timing-spread-us', 'edges', 'µs off their grid, rms', 1],
]

function soakText(run: Run): (string | Coloured)[] {
  const [first, ...findings] = soakFindings(run)
  const { trends, durationS } = run.soaked
  const lines = [
    `  ${first}`,
    ...findings,
    ...formatRows([
      ['duration', `${durationS.toFixed(1)} s`],
      ...ROWS.map(
        ([name, label, unit, digits]): Row => [
          label,
          trendText(trends[name], durationS, unit, digits),
        ],
      ),
      ...figureRows(run.figures.filter(({ limit }) => limit !== null)),
    ]),
  ]
  return [VERDICTS[soakVerdict(run)], `${lines.join('\n')}\n`]
}

function trendText(
  { trend, perHour }: SoakTrend,
  durationS: number,
  unit: string,
  digits: number,
): string | null {
  const { all } = trend
  if (!all) return null
  const [min, mean, max] = [all.min, all.mean, all.max].map((value) => value.toFixed(digits))
  const range = [`${min} to ${max}, mean ${mean}`, unit].filter(Boolean).join(' ')
  if (perHour?.uncertainty == null) return range
  // An hour of a soak of seconds would say nothing.
  const [change, off] = [perHour.value, perHour.uncertainty].map((one) => (one * durationS) / 3600)
  return `${range}; ${changeText(change as number, off as number)}`
}

/** A change that may be none is not told as one. */
function changeText(change: number, off: number): string {
  const short = (value: number): string => String(Number(value.toPrecision(2)))
  return Math.abs(change) > off
    ? `changed by ${short(change)} ± ${short(off)}`
    : `steady within ${short(Math.abs(change) + off)}`
}

/** Shows on one line of a terminal how far a soak is. */
class SoakDisplay {
  readonly #isShown = process.stderr.isTTY
  #judged = 0
  #failed = 0

  constructor(
    private readonly wanted: number | null,
    private readonly symbols: number,
  ) {}

  count(isFailure: boolean): void {
    this.#judged++
    if (isFailure) this.#failed++
    this.end() // what is told next begins a line
  }

  update(played: number): void {
    if (!this.#isShown || process.stderr.writableLength > 0) return
    const of = this.wanted === null ? '' : ` of ${this.wanted}`
    const percent = Math.floor((100 * played) / this.symbols)
    process.stderr.write(
      `\r${this.#judged}${of} messages, ${this.#failed} failed; the next: ${percent} %\x1b[K`,
    )
  }

  /** Clears the line. */
  end(): void {
    if (this.#isShown) process.stderr.write('\r\x1b[K')
  }
}
