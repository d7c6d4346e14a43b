import { type Command, Option } from 'commander'
import { type JudgedFigure, judgeFigures } from '../bench/figures.js'
import { type LoopbackReport, loopback } from '../bench/loopback.js'
import { messageFigures } from '../bench/soak-tally.js'
import { CSV_HEADER, csvLines } from '../recording/csv.js'
import type { ReportRow } from '../report/bench-report.js'
import { figureFindings, figureRows } from '../report/bench-rows.js'
import { machineRows } from '../report/fingerprint.js'
import { LightKeeper } from '../report/light-keeper.js'
import { placeInLight, receptionReport } from '../report/reception-report.js'
import type { RigInfo } from '../rig/rig.js'
import { addCredentialOptions } from './credentials.js'
import { type Made, printDocument } from './document.js'
import { addEnrollmentOptions, loadSourceFor, type TokenSource, withToken } from './enrollment.js'
import { CommandError, EXIT, explain } from './errors.js'
import { interruptible } from './interrupt.js'
import { addLimitOptions, type LimitOptions, limitsOf } from './limit-options.js'
import { loadMessage, type Message, tellDuration } from './message.js'
import { readCount } from './numbers.js'
import { lightPicture } from './picture.js'
import {
  formatFailure,
  formatRows,
  formatSettings,
  lightFigures,
  type Row,
  receptionRows,
} from './reception.js'
import {
  addReportOptions,
  checkReportOutputs,
  wantsReport,
  writeReports,
} from './report-options.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { createSecretFile } from './secret-file.js'
import { shownHex, shownSettings } from './secrets.js'
import { checkSight } from './sight.js'
import { addSymbolOptions } from './symbol-options.js'
import {
  type Coloured,
  formatGap,
  formatPacing,
  LightDisplay,
  print,
  tell,
  warn,
} from './terminal.js'
import { withRig } from './with-rig.js'

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description(
      'play a message, see it with the photodiode, and compare the bytes: proves the light, not that a device has read it',
    )
    .option('--json', 'print the verdict as JSON')
    .option('--show-secrets', 'do not mask passwords and tokens')
    .option(
      '--capture <file>',
      'keep the samples in a CSV file; they are as secret as the password',
    )
    .addOption(
      new Option('--repeat <n>', 'so many times, as blinkup bench soak, which has more options')
        .argParser(readCount)
        .conflicts('capture'),
    )
  addReportOptions(addLimitOptions(command))
  addCredentialOptions(command)
  addEnrollmentOptions(command)
  addRigOptions(addSymbolOptions(command)).action(async (options) => {
    const { capture, config, fixture, enrollmentKeyFile } = options
    checkReportOutputs(options, [config, fixture, enrollmentKeyFile], [capture])
    const settings = await loadLightSettings(options)
    const lacking = await loadMessage(options, settings, settings.enrollment !== null)
    if (options.repeat !== undefined) {
      const { runSoak } = await import('./bench-soak.js')
      return runSoak(lacking, settings, options)
    }
    const source = await loadSourceFor(lacking, settings.enrollment, options)
    const kept = wantsReport(options) || process.stdout.isTTY ? new LightKeeper() : null
    const trip = await roundTrip(lacking, source, settings, options, kept)
    const { json, showSecrets = false } = options
    const unwritten =
      kept && wantsReport(options)
        ? await writeReports(reportOf(trip, settings, kept, showSecrets), options)
        : null
    const document = verdictDocument(trip.message, settings, trip, showSecrets)
    await (json
      ? printDocument({ ...document, error: unwritten ?? document.error })
      : print([...verdictText(trip, settings, showSecrets), pictureOf(trip, kept)]))
    if (document.verdict === 'fail') process.exitCode ??= EXIT.checkFailed
  })
}

type Judged = LoopbackReport & { readonly figures: readonly JudgedFigure[] }

/** A loopback, and what it was made with. */
type Trip = Judged & {
  readonly message: Message
  readonly rig: RigInfo
  readonly startedAt: Date
}

async function roundTrip(
  lacking: Message,
  source: TokenSource | null,
  settings: LightSettings,
  options: LimitOptions & { readonly capture?: string; readonly force?: true },
  kept: LightKeeper | null,
): Promise<Trip> {
  const { capture: captureFile, force } = options
  const { symbolRateHz } = settings
  const startedAt = new Date()
  const display = new LightDisplay(lacking.sequence, symbolRateHz, lacking.isSecret)
  const capture = captureFile === undefined ? undefined : await createSecretFile(captureFile, force)
  try {
    await capture?.write(CSV_HEADER)
    const report = await interruptible(async (signal) => {
      tellDuration(lacking, symbolRateHz)
      for (const warning of lacking.warnings) warn(warning)
      return withRig(settings.rig, signal, async (rig) => {
        checkSight(rig.info, symbolRateHz)
        const message = await withToken(lacking, source, signal)
        const seen = await loopback(rig, message.packet, message.sequence, {
          symbolRateHz,
          signal,
          onProgress: (played) => display.update(played),
          onSamples: async (block) => {
            kept?.push(block)
            await capture?.write(csvLines(block), signal)
          },
        })
        const figures = judgeFigures(messageFigures(seen), limitsOf(options, settings))
        return { ...seen, figures, message, rig: rig.info, startedAt }
      }).finally(() => display.end())
    })
    for (const gap of report.gaps) warn(formatGap(gap))
    for (const refusal of report.play.pacing?.scheduling.refusals ?? []) warn(refusal)
    if (captureFile !== undefined) tell(`${captureFile} holds the light and with it the password`)
    return report
  } finally {
    await capture?.close()
  }
}

export function verdictDocument(
  { config, packet, sequence }: Message,
  { symbolRateHz, rig }: LightSettings,
  judged: Judged,
  showSecrets: boolean,
): Made<'blinkup.verify/1'> {
  const { reason, play, gaps, seenClock, reception, advice, light, differences, figures } = judged
  const failure = failureOf(judged)
  return {
    schema: 'blinkup.verify/1',
    verdict: failure === null ? 'pass' : 'fail',
    reason,
    sentHex: shownHex(packet, showSecrets),
    receivedHex: 'packet' in reception ? shownHex(reception.packet, showSecrets) : null,
    config: shownSettings(config, showSecrets),
    rig: rig.kind,
    symbols: sequence.levels.length,
    durationS: sequence.levels.length / play.symbolRateHz,
    symbolRateHz: {
      wanted: symbolRateHz,
      played: play.symbolRateHz,
      seen: 'symbolRateHz' in reception ? reception.symbolRateHz : null,
    },
    greyRatio: {
      played: play.greyRatio,
      seen: 'greyRatio' in reception ? reception.greyRatio : null,
    },
    ...lightFigures({ ...reception, advice }),
    // A bridge beside another emitter has a clock of its own: see `light`.
    startS: {
      played: play.clock === seenClock ? play.startS : null,
      seen: reception.startS,
    },
    light,
    differences,
    pacing: play.pacing ?? null,
    gaps,
    figures,
    error: failure === null ? null : explain(new CommandError(EXIT.checkFailed, failure)),
  }
}

/** Why it failed, in a sentence; null for a pass. */
function failureOf({ reason, figures }: Judged): string | null {
  if (reason) return formatFailure(reason)
  const findings = figureFindings(figures)
  return findings.length > 0 ? findings.join('; ') : null
}

function reportOf(trip: Trip, settings: LightSettings, kept: LightKeeper, showSecrets: boolean) {
  const { message, startedAt, reception, rig, gaps, figures } = trip
  return receptionReport({
    title: 'verify',
    madeAt: startedAt,
    verdict: failureOf(trip) === null ? 'pass' : 'fail',
    findings: [
      verdictSentence(trip),
      ...(trip.reason ? figureFindings(figures) : []),
      ...trip.differences,
      ...gaps.map(formatGap),
    ],
    settings: [
      ...verdictRows(message, settings, trip, showSecrets).flatMap(([label, text]): ReportRow[] =>
        text === null ? [] : [[label, text]],
      ),
      ...machineRows(rig),
    ],
    receptions: [reception],
    figures,
    kept,
    isSecret: message.isSecret,
  })
}

/** The light of what is no secret, on a terminal. */
function pictureOf({ message, reception }: Trip, kept: LightKeeper | null): string {
  if (!process.stdout.isTTY || !kept || message.isSecret) return ''
  return lightPicture({ ...kept.light(), message: placeInLight([reception]) })
    .map((line) => `  ${line}\n`)
    .join('')
}

const verdictSentence = (trip: Trip): string =>
  failureOf(trip) ??
  `${trip.message.packet.length} bytes came back as they were sent; that proves the light, not that a device has read it`

function verdictRows(
  { config }: Message,
  { symbolRateHz }: LightSettings,
  { reason, play, reception, advice, differences }: LoopbackReport,
  showSecrets: boolean,
): Row[] {
  const grey = play.greyRatio?.toFixed(3) ?? 'as the parts make it'
  return [
    ['settings', formatSettings(config, showSecrets)],
    ['played', `${play.symbolRateHz.toFixed(3)} Hz, ${symbolRateHz} Hz wanted; grey ratio ${grey}`],
    ['differs', differences.length > 0 ? differences.join('; ') : null],
    ['pacing', play.pacing ? formatPacing(play.pacing) : null],
    ...receptionRows({ ...reception, advice }, reason),
  ]
}

function verdictText(
  trip: Trip,
  settings: LightSettings,
  showSecrets: boolean,
): (string | Coloured)[] {
  const rows = formatRows([
    ...verdictRows(trip.message, settings, trip, showSecrets),
    ...figureRows(trip.figures.filter(({ limit }) => limit !== null)),
  ])
  const verdict: Coloured =
    failureOf(trip) === null ? { colour: 'green', text: 'PASS' } : { colour: 'red', text: 'FAIL' }
  return [verdict, `  ${verdictSentence(trip)}\n${rows.join('\n')}\n`]
}
