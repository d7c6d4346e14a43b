import { type Command, Option } from 'commander'
import { type JudgedFigure, judgeFigures, type Limits } from '../bench/figures.js'
import { type MeasuredTiming, measureTiming } from '../bench/timing/measure.js'
import { makePattern } from '../bench/timing/patterns.js'
import type { SymbolSequence } from '../light/symbols.js'
import { figureFindings, figureRows } from '../report/bench-rows.js'
import { TIMING_PATTERNS } from '../report/timing-document.js'
import { timingFindings, timingReport, timingVerdict } from '../report/timing-report.js'
import type { RigInfo } from '../rig/rig.js'
import { addCredentialOptions, type CredentialOptions } from './credentials.js'
import { type Made, printDocument } from './document.js'
import { CommandError, EXIT, explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { addLimitOptions, type LimitOptions, limitsOf } from './limit-options.js'
import { loadMessage } from './message.js'
import { readCount, readSeconds } from './numbers.js'
import { formatRows } from './reception.js'
import {
  addReportOptions,
  checkReportOutputs,
  type ReportOptions,
  writeReports,
} from './report-options.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { runSettings, settingRows } from './run-settings.js'
import { addSymbolOptions } from './symbol-options.js'
import { type Coloured, LightDisplay, print, tell, warn } from './terminal.js'
import { withRig } from './with-rig.js'

type PatternName = (typeof TIMING_PATTERNS)[number]

interface TimingOptions extends CredentialOptions, LimitOptions, ReportOptions {
  readonly pattern: PatternName
  readonly repeat?: number
  readonly duration?: number
  readonly fixture?: string
  readonly json?: true
}

/** Of a pattern that is no message: a thousand edges tell P99.9. */
const DEFAULT_SYMBOLS = 2001
/** What each rig can hold. */
const MOST_SYMBOLS = 4800
/** Light whose edges are not those that were made is never good. */
const DEFAULT_LIMITS: Limits = { 'missed-edges': [0, 0], 'extra-edges': [0, 0] }

export function addBenchTiming(bench: Command): void {
  const command = bench
    .command('timing')
    .description(
      'play a pattern, and time its edges by all that sees them: samples, edge input and what the emitter says',
    )
    .addOption(
      new Option(
        '--pattern <name>',
        'what to play: black and white in turn or at random, or a message',
      )
        .choices(TIMING_PATTERNS)
        .default('clock'),
    )
    .option('--repeat <n>', 'play it so often (default: once)', readCount)
    .addOption(
      new Option('--duration <s>', 'play it for so long')
        .argParser(readSeconds)
        .conflicts('repeat'),
    )
    .option('--json', 'print the figures as JSON')
  addReportOptions(addLimitOptions(command))
  addCredentialOptions(command)
  addRigOptions(addSymbolOptions(command)).action(async (options: TimingOptions) => {
    checkReportOutputs(options, [options.config, options.fixture])
    const settings = await loadLightSettings({ ...options })
    const played = await loadSequences(options, settings)
    const { measured, info } = await measure(played.sequences, played.isSecret, settings)
    const figures = judge(measured, limitsOf(options, settings))
    const run = { options, settings, measured, figures, info }
    const { symbols, durationS } = amountOf(measured)
    const unwritten = await writeReports(
      timingReport(measured, {
        madeAt: new Date(),
        figures,
        settings: [
          ['played', `${symbols} symbols in ${durationS.toFixed(3)} s`],
          ['played at', `${measured.symbolRateHz.toFixed(4)} Hz`],
          ...settingRows(settings, info, { pattern: options.pattern }),
        ],
        isMessage: options.pattern === 'message',
        isSecret: played.isSecret,
      }),
      options,
    )
    const isFailed = timingVerdict(figures) === 'fail'
    const error =
      unwritten ??
      (isFailed
        ? explain(new CommandError(EXIT.checkFailed, figureFindings(figures).join('; ')))
        : null)
    await (options.json ? printDocument(timingDocument(run, error)) : print(timingText(run)))
    if (isFailed) process.exitCode ??= EXIT.checkFailed
  })
}

interface TimingRun {
  readonly options: TimingOptions
  readonly settings: LightSettings
  readonly measured: MeasuredTiming
  readonly figures: readonly JudgedFigure[]
  readonly info: RigInfo
}

async function loadSequences(
  options: TimingOptions,
  settings: LightSettings,
): Promise<{ readonly sequences: readonly SymbolSequence[]; readonly isSecret: boolean }> {
  const { pattern, repeat, duration } = options
  const { symbolRateHz } = settings
  if (pattern === 'message') {
    const { sequence, isSecret, warnings } = await loadMessage(options, settings)
    for (const warning of warnings) warn(warning)
    const messageS = sequence.levels.length / symbolRateHz
    const times = repeat ?? (duration === undefined ? 1 : Math.ceil(duration / messageS))
    checkAmount(times * sequence.levels.length)
    return { sequences: Array<SymbolSequence>(times).fill(sequence), isSecret }
  }
  const { config, dummy, ssid, open, planId, token, staticAddress, proxy } = options
  const credentials = [config, dummy, ssid, open, planId, token, staticAddress, proxy]
  if (credentials.some((given) => given !== undefined)) {
    throw new CommandError(EXIT.usage, 'credentials are for --pattern message')
  }
  const wanted = duration === undefined ? DEFAULT_SYMBOLS : Math.ceil(duration * symbolRateHz)
  const times = repeat ?? Math.ceil(wanted / MOST_SYMBOLS)
  const symbols = Math.max(LEAST_SYMBOLS, repeat ? wanted : Math.ceil(wanted / times))
  checkAmount(times * symbols)
  const sequences = Array.from({ length: times }, (_, n) => makePattern(pattern, symbols, n + 1))
  return { sequences, isSecret: false }
}

/** All that is seen is kept until the end. */
const MOST_IN_ALL = 1_000_000

function checkAmount(symbols: number): void {
  if (symbols <= MOST_IN_ALL) return
  throw new CommandError(
    EXIT.usage,
    `that is ${symbols} symbols, and ${MOST_IN_ALL} can be timed at once: give a smaller --repeat or --duration`,
  )
}

/** Fewer have not the edges that a fit needs. */
const LEAST_SYMBOLS = 16

async function measure(
  sequences: readonly SymbolSequence[],
  isSecret: boolean,
  { rig: config, symbolRateHz }: LightSettings,
): Promise<{ readonly measured: MeasuredTiming; readonly info: RigInfo }> {
  const levels = sequences.flatMap((sequence) => [...sequence.levels])
  const display = new LightDisplay({ levels: Uint8Array.from(levels) }, symbolRateHz, isSecret)
  const lightS = levels.length / symbolRateHz
  return interruptible((signal) => {
    tell(`the light takes ${lightS.toFixed(1)} s: ${levels.length} symbols at ${symbolRateHz} Hz`)
    return withRig(config, signal, async (rig) => {
      const measured = await measureTiming(rig, {
        sequences,
        isSecret,
        symbolRateHz,
        signal,
        ...('brightness' in config && { brightness: config.brightness }),
        onProgress: (played) => display.update(played),
      })
      for (const { report } of measured.plays) {
        for (const refusal of report.pacing?.scheduling.refusals ?? []) warn(refusal)
      }
      return { measured, info: rig.info }
    }).finally(() => display.end())
  })
}

function judge({ figures }: MeasuredTiming, limits: Limits): JudgedFigure[] {
  const isSeen = figures.some(({ name }) => name === 'missed-edges')
  return judgeFigures(figures, { ...(isSeen && DEFAULT_LIMITS), ...limits })
}

function amountOf({ plays, symbolRateHz }: MeasuredTiming) {
  const symbols = plays.reduce((sum, { report }) => sum + report.symbols, 0)
  return { symbols, durationS: symbols / symbolRateHz }
}

function timingDocument(
  { options, settings, measured, figures, info }: TimingRun,
  error: Made<'blinkup.bench-timing/1'>['error'],
): Made<'blinkup.bench-timing/1'> {
  const { pattern } = options
  return {
    schema: 'blinkup.bench-timing/1',
    verdict: timingVerdict(figures),
    rig: settings.rig.kind,
    settings: runSettings(settings, info, { pattern }),
    pattern,
    sequences: measured.plays.length,
    ...amountOf(measured),
    symbolRateHz: { wanted: settings.symbolRateHz, played: measured.symbolRateHz },
    figures,
    faults: measured.faults.map(({ name, ...fault }) => ({ fault: name, ...fault })),
    notes: measured.notes,
    error,
  }
}

function timingText({ measured, figures }: TimingRun): (string | Coloured)[] {
  const verdict: Coloured =
    timingVerdict(figures) === 'fail'
      ? { colour: 'red', text: 'FAIL' }
      : { colour: 'green', text: 'PASS' }
  const { symbols, durationS } = amountOf(measured)
  const lines = [
    `  ${symbols} symbols in ${durationS.toFixed(3)} s, at ${measured.symbolRateHz.toFixed(4)} Hz; uncertainties with 95 % confidence`,
    ...formatRows(figureRows(figures)),
    ...timingFindings(measured, figures),
  ]
  return [verdict, `${lines.join('\n')}\n`]
}
