import type { Command } from 'commander'
import type { ReceptionFailure } from '../receiver/index.js'
import { type Decoded, FileDecoder, type FoundChannel } from '../recording/file-decoder.js'
import type { Samples } from '../recording/kept-samples.js'
import { decodePieces } from '../recording/read-recording.js'
import type { BenchReport, ReportRow } from '../report/bench-report.js'
import type { Failure } from '../report/documents.js'
import { machineRows } from '../report/fingerprint.js'
import { LightKeeper } from '../report/light-keeper.js'
import { isSecretReception, placeInLight, receptionReport } from '../report/reception-report.js'
import type { ReceptionDocument } from '../report/reception-schema.js'
import { printDocument } from './document.js'
import { CommandError, EXIT, explain } from './errors.js'
import { nameOf, readChunks } from './files.js'
import { interruptible, untilAborted } from './interrupt.js'
import { type KeptFiles, KeptMessage } from './kept-message.js'
import { lightPicture } from './picture.js'
import {
  failureOfDecoded,
  formatFailure,
  formatRows,
  formatSettings,
  isMeasured,
  lightFigures,
  placeOf,
  receptionRows,
  traceRows,
} from './reception.js'
import {
  addAllRecordingOptions,
  type RecordingFlags,
  recordingOptions,
} from './recording-options.js'
import {
  addReportOptions,
  checkReportOutputs,
  type ReportOptions,
  wantsReport,
  writeReports,
} from './report-options.js'
import { shownHex, shownSettings } from './secrets.js'
import { print, tell, warn } from './terminal.js'

export function addDecode(program: Command): void {
  const command = program
    .command('decode')
    .argument(
      '<file>',
      'a recording of light as an instrument or a program writes it, or symbols as encode prints them; - for standard input',
    )
    .description('find the messages in a recording of light, or in symbols')
    .option(
      '--json',
      'print the receptions as JSON, at the end, on a fault in the file or Ctrl-C those before it',
    )
    .option('--show-secrets', 'do not mask passwords and tokens')
    .option(
      '--vcd <file>',
      'keep the symbols and the light of the first good message, or where none is good of the first failed one with a whole packet, for GTKWave or PulseView; they are as secret as the password',
    )
    .option('--sr <file>', 'keep the same as a sigrok session, for PulseView with the light')
    .option('--trace', 'say how else the same light was read, and why that did not count')
  addAllRecordingOptions(addReportOptions(command)).action((file: string, options: DecodeFlags) =>
    options.json
      ? interruptible((signal) => decode(file, options, signal))
      : decode(file, options, null),
  )
}

interface DecodeFlags extends RecordingFlags, ReportOptions, KeptFiles {
  readonly json?: true
  readonly showSecrets?: true
  readonly trace?: true
}

/** @param signal interrupts it, so that it still prints what was found */
async function decode(file: string, options: DecodeFlags, signal: AbortSignal | null) {
  const { json, vcd, sr, trace = false, showSecrets = false } = options
  const readAs = { ...recordingOptions(options), trace }
  checkReportOutputs(options, [file], [vcd, sr])
  const madeAt = new Date()
  const receptions: ReceptionDocument[] = []
  const decoded: Decoded[] = []
  const isPictured = process.stdout.isTTY && !json
  const kept = wantsReport(options) || isPictured ? new LightKeeper() : null
  const keptMessage = new KeptMessage(options)
  const onSamples = ({ timesS, values }: Samples): void => {
    kept?.push({ timesS, levels: values })
    keptMessage.push({ timesS, levels: values })
  }
  const isLightWanted = kept || vcd !== undefined || sr !== undefined
  const decoder = new FileDecoder(nameOf(file), isLightWanted ? onSamples : null, readAs)
  let separator = ''
  let unwritten: Failure | null = null
  let fault: unknown = null
  const reasons: ReceptionFailure[] = []
  const pieces = signal ? untilAborted(readChunks(file), signal) : readChunks(file)
  const found = untilFault(decodePieces(decoder, pieces), (error) => {
    fault = error
  })
  for await (const reception of found) {
    if (kept) decoded.push(reception)
    unwritten ??= await keptMessage.take(reception)
    const reason = failureOfDecoded(reception)
    if (reason) reasons.push(reason)
    if (json) receptions.push(receptionDocument(reception, showSecrets))
    else await print(separator + receptionText(reception, decoder.channels, showSecrets))
    separator = '\n'
  }
  if (isOneOfLines(decoder.channels) && reasons.includes('no-marker')) {
    warn(
      'a line has two levels only: give both, where one lights the LED white and another one grey (--white-line, --grey-line)',
    )
  }
  // Without anything found the fault is all that there is to tell.
  if (fault !== null && separator === '') throw fault
  const unread = reasons.length > 0 ? checkFailure(reasons) : null
  let error = await keptMessage.end((fault === null ? unwritten : told(fault)) ?? unread)
  if (kept && decoder.scale) kept.scale = decoder.scale
  if (kept && wantsReport(options)) {
    const channel = channelText(decoder.channels)
    const settings: ReportRow[] = [
      ['file', nameOf(file)],
      ...(channel === null ? [] : ([['channel', channel]] as const)),
      ...machineRows(null),
    ]
    const findings = [...findingsOf(decoded), ...(fault === null ? [] : [explain(fault).message])]
    const report = reportOf(madeAt, settings, findings, decoded, kept)
    error = (await writeReports(report, options)) ?? error
  }
  if (kept && isPictured && !decoded.some(isSecretReception)) {
    const lines = lightPicture({ ...kept.light(), message: placeInLight(decoded) })
    await print(lines.map((line) => `${line}\n`).join(''))
  }
  if (json) {
    const channels = decoder.channels.map(({ fullScale: _, ...channel }) => channel)
    await printDocument({ schema: 'blinkup.decode/2', channels, receptions, error })
  }
  if (error) process.exitCode = error.exitCode
}

/** What comes before a fault, and then the fault. */
async function* untilFault<T>(
  found: AsyncIterable<T>,
  onFault: (fault: unknown) => void,
): AsyncGenerator<T> {
  try {
    yield* found
  } catch (fault) {
    onFault(fault)
  }
}

function told(fault: unknown): Failure {
  const failure = explain(fault)
  tell(failure.message)
  return failure
}

function checkFailure(reasons: readonly ReceptionFailure[]): Failure {
  const message = `not every message could be read: ${[...new Set(reasons)].join(', ')}`
  return explain(new CommandError(EXIT.checkFailed, message))
}

const reportOf = (
  madeAt: Date,
  settings: readonly ReportRow[],
  findings: readonly string[],
  receptions: readonly Decoded[],
  kept: LightKeeper,
): BenchReport =>
  receptionReport({
    title: 'decode',
    madeAt,
    verdict: receptions.some(failureOfDecoded) ? 'fail' : 'pass',
    findings,
    settings,
    receptions,
    kept,
    isSecret: receptions.some(isSecretReception),
  })

/** How many failed, and why; the advice where there is but one reception. */
function findingsOf(receptions: readonly Decoded[]): string[] {
  const reasons = receptions.map(failureOfDecoded).filter((reason) => reason !== null)
  const all = receptions.length
  const [first] = receptions
  return [
    `${all - reasons.length} of ${all} ${all === 1 ? 'message' : 'messages'} could be read`,
    ...Array.from(new Set(reasons), (reason) => {
      const { length } = reasons.filter((other) => other === reason)
      return `${length} failed: ${formatFailure(reason)}`
    }),
    ...(all === 1 && first && isMeasured(first) ? [first.advice] : []),
  ]
}

export function receptionDocument(reception: Decoded, showSecrets: boolean): ReceptionDocument {
  const reason = failureOfDecoded(reception)
  return {
    kind: reception.kind,
    ok: reason === null,
    packetHex: 'packet' in reception ? shownHex(reception.packet, showSecrets) : null,
    config: 'config' in reception ? shownSettings(reception.config, showSecrets) : null,
    symbolRateHz: 'symbolRateHz' in reception ? reception.symbolRateHz : null,
    greyRatio: 'greyRatio' in reception ? reception.greyRatio : null,
    ...(isMeasured(reception) ? lightFigures(reception) : NO_LIGHT),
    ...('scale' in reception && reception.scale && { scale: reception.scale }),
    startS: 'startS' in reception ? reception.startS : null,
    endS: 'endS' in reception ? reception.endS : null,
    reason,
    ...('trace' in reception && { trace: reception.trace }),
  }
}

/** Symbols are not measured. */
const NO_LIGHT = { levels: null, timingSpread: null, quality: null, advice: null }

/** Whether one logic channel was read, and there are more. */
const isOneOfLines = (channels: readonly FoundChannel[]): boolean => {
  const lines = channels.filter(({ kind }) => kind === 'logic')
  return lines.length > 1 && lines.filter(({ isRead }) => isRead).length === 1
}

/** Which channel was read, of those that there are; null of symbols. */
function channelText(channels: readonly FoundChannel[]): string | null {
  const names = (of: readonly FoundChannel[]): string =>
    of.map(({ name, unit }) => (unit === null ? name : `${name} (${unit})`)).join(', ')
  const read = channels.filter(({ isRead }) => isRead)
  if (read.length === 0) return null
  return channels.length === 1 ? names(read) : `${names(read)}; of ${names(channels)}`
}

function receptionText(
  reception: Decoded,
  channels: readonly FoundChannel[],
  showSecrets: boolean,
): string {
  const at = placeOf(reception)
  const rows = formatRows([
    ['settings', 'config' in reception ? formatSettings(reception.config, showSecrets) : null],
    ['channel', channelText(channels)],
    ...receptionRows(reception),
    ...traceRows(reception),
  ])
  const lines = [
    'reason' in reception
      ? `failed${at}: ${formatFailure(reception.reason)}`
      : `message${at}: ${reception.packet.length} bytes, CRC right`,
    ...rows.map((row) => `  ${row}`),
  ]
  return `${lines.join('\n')}\n`
}
