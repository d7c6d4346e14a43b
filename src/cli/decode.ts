import type { Command } from 'commander'
import { packetLengthBytes } from '../modulation/index.js'
import type { BadPacket, ReceiverOptions, ReceptionFailure } from '../receiver/index.js'
import { type Decoded, FileDecoder } from '../recording/file-decoder.js'
import { receptionToVcd } from '../recording/vcd.js'
import type { BenchReport } from '../report/bench-report.js'
import type { Failure } from '../report/documents.js'
import { machineRows } from '../report/fingerprint.js'
import { LightKeeper } from '../report/light-keeper.js'
import { isSecretReception, placeInLight, receptionReport } from '../report/reception-report.js'
import type { ReceptionDocument } from '../report/reception-schema.js'
import { printDocument } from './document.js'
import { CommandError, EXIT, explain } from './errors.js'
import { nameOf, readChunks } from './files.js'
import { lightPicture } from './picture.js'
import {
  failureOfDecoded,
  formatFailure,
  formatRows,
  formatSettings,
  isMeasured,
  lightFigures,
  receptionRows,
  traceRows,
} from './reception.js'
import {
  addReportOptions,
  checkReportOutputs,
  wantsReport,
  writeReports,
} from './report-options.js'
import { createSecretFile } from './secret-file.js'
import { shownHex, shownSettings } from './secrets.js'
import { print, tell } from './terminal.js'

export function addDecode(program: Command): void {
  const command = program
    .command('decode')
    .argument(
      '<file>',
      'a capture (CSV, JSON pairs or a sigrok session), or symbols as encode prints them; - for standard input',
    )
    .description('find the messages in a capture of light, or in symbols')
    .option(
      '--json',
      'print the receptions as JSON, at the end: none of them on a broken line or Ctrl-C',
    )
    .option('--show-secrets', 'do not mask passwords and tokens')
    .option(
      '--vcd <file>',
      'keep the symbols of the first good message, or where none is good of the first failed one with a whole packet; they are as secret as the password',
    )
    .option('--trace', 'say how else the same light was read, and why that did not count')
  addReportOptions(command).action(async (file: string, options) => {
    const { json, vcd, force, trace, showSecrets = false } = options
    checkReportOutputs(options, [file], [vcd])
    const madeAt = new Date()
    const receptions: ReceptionDocument[] = []
    const decoded: Decoded[] = []
    const isPictured = process.stdout.isTTY && !json
    const kept = wantsReport(options) || isPictured ? new LightKeeper() : null
    let separator = ''
    let isVcdPending = vcd !== undefined
    let unwritten: Failure | null = null
    let failed: BadPacket | null = null
    const reasons: ReceptionFailure[] = []
    for await (const reception of receptionsIn(file, kept, { trace })) {
      if (kept) decoded.push(reception)
      if (isVcdPending && reception.kind === 'message') {
        isVcdPending = false
        unwritten = await writeVcd(vcd, force, receptionToVcd(reception))
      }
      if (reception.kind === 'bad-packet' && isWhole(reception)) failed ??= reception
      const reason = failureOfDecoded(reception)
      if (reason) reasons.push(reason)
      if (json) receptions.push(receptionDocument(reception, showSecrets))
      else await print(separator + receptionText(reception, showSecrets))
      separator = '\n'
    }
    let error = unwritten ?? (reasons.length > 0 ? checkFailure(reasons) : null)
    if (isVcdPending && failed) {
      tell(
        `there is no good message: keeping the one that failed${placeOf(failed)} (${failed.reason})`,
      )
      error = (await writeVcd(vcd, force, receptionToVcd(failed))) ?? error
    } else if (isVcdPending) {
      const fault = `there is no good message from a capture to keep: ${vcd} was not written`
      tell(fault)
      error ??= explain(new CommandError(EXIT.badData, fault, { code: 'nothing-to-keep' }))
    }
    if (kept && wantsReport(options)) {
      const report = reportOf(file, madeAt, decoded, kept)
      error = (await writeReports(report, options)) ?? error
    }
    if (kept && isPictured && !decoded.some(isSecretReception)) {
      const lines = lightPicture({ ...kept.light(), message: placeInLight(decoded) })
      await print(lines.map((line) => `${line}\n`).join(''))
    }
    if (json) await printDocument({ schema: 'blinkup.decode/1', receptions, error })
    if (error) process.exitCode = error.exitCode
  })
}

function checkFailure(reasons: readonly ReceptionFailure[]): Failure {
  const message = `not every message could be read: ${[...new Set(reasons)].join(', ')}`
  return explain(new CommandError(EXIT.checkFailed, message))
}

const reportOf = (
  file: string,
  madeAt: Date,
  receptions: readonly Decoded[],
  kept: LightKeeper,
): BenchReport =>
  receptionReport({
    title: 'decode',
    madeAt,
    verdict: receptions.some(failureOfDecoded) ? 'fail' : 'pass',
    findings: findingsOf(receptions),
    settings: [['file', nameOf(file)], ...machineRows(null)],
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

/** The receptions of a file, each as soon as it can be told; its samples are kept. */
async function* receptionsIn(
  path: string,
  kept: LightKeeper | null,
  options: ReceiverOptions,
): AsyncGenerator<Decoded> {
  const decoder = new FileDecoder(nameOf(path), (block) => kept?.push(block), options)
  for await (const chunk of readChunks(path)) yield* decoder.push(chunk)
  yield* decoder.end()
}

/** Whether all bytes of a packet came, right or wrong: its length, as many, and the CRC. */
function isWhole({ packet }: BadPacket): boolean {
  return packet[0] !== undefined && packetLengthBytes(packet[0]) === packet.length
}

/** Tells of a fault, and does not throw it: the messages are still to be told. */
async function writeVcd(
  path: string,
  force: true | undefined,
  dump: string,
): Promise<Failure | null> {
  try {
    const output = await createSecretFile(path, force)
    try {
      await output.write(dump)
    } finally {
      await output.close()
    }
    return null
  } catch (error) {
    const failure = explain(error)
    tell(failure.message)
    return failure
  }
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
    ...('scaleV' in reception && reception.scaleV && { scaleV: reception.scaleV }),
    startS: 'startS' in reception ? reception.startS : null,
    endS: 'endS' in reception ? reception.endS : null,
    reason,
    ...('trace' in reception && { trace: reception.trace }),
  }
}

/** Symbols are not measured. */
const NO_LIGHT = { levels: null, timingSpread: null, quality: null, advice: null }

function placeOf(reception: Decoded): string {
  return 'startS' in reception ? ` at ${reception.startS.toFixed(3)} s` : ''
}

function receptionText(reception: Decoded, showSecrets: boolean): string {
  const at = placeOf(reception)
  const rows = formatRows([
    ['settings', 'config' in reception ? formatSettings(reception.config, showSecrets) : null],
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
