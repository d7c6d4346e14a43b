import { type Command, Option } from 'commander'
import { type LoopbackReport, loopback } from '../bench/loopback.js'
import { CSV_HEADER, csvLines } from '../recording/csv.js'
import { runSoak } from './bench-soak.js'
import { addCredentialOptions } from './credentials.js'
import { type Made, printDocument } from './document.js'
import { addEnrollmentOptions, loadSourceFor, type TokenSource, withToken } from './enrollment.js'
import { CommandError, EXIT, explain } from './errors.js'
import { checkOutput } from './files.js'
import { interruptible } from './interrupt.js'
import { loadMessage, type Message, tellDuration } from './message.js'
import { readCount } from './numbers.js'
import {
  formatFailure,
  formatRows,
  formatSettings,
  lightFigures,
  receptionRows,
} from './reception.js'
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
    .option('--force', 'overwrite the file of --capture if it is there')
    .addOption(
      new Option('--repeat <n>', 'so many times, as blinkup bench soak, which has more options')
        .argParser(readCount)
        .conflicts('capture'),
    )
  addCredentialOptions(command)
  addEnrollmentOptions(command)
  addRigOptions(addSymbolOptions(command)).action(async (options) => {
    const { capture, config, fixture, enrollmentKeyFile, force } = options
    checkOutput(capture, [config, fixture, enrollmentKeyFile], force)
    const settings = await loadLightSettings(options)
    const lacking = await loadMessage(options, settings, settings.enrollment !== null)
    if (options.repeat !== undefined) return runSoak(lacking, settings, options)
    const source = await loadSourceFor(lacking, settings.enrollment, options)
    const { message, ...report } = await roundTrip(lacking, source, settings, options)
    const { json, showSecrets = false } = options
    await (json
      ? printDocument(verdictDocument(message, settings, report, showSecrets))
      : print(verdictText(message, settings, report, showSecrets)))
    if (report.verdict === 'fail') process.exitCode = EXIT.checkFailed
  })
}

async function roundTrip(
  lacking: Message,
  source: TokenSource | null,
  settings: LightSettings,
  { capture: captureFile, force }: { readonly capture?: string; readonly force?: true },
): Promise<LoopbackReport & { readonly message: Message }> {
  const { symbolRateHz } = settings
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
            await capture?.write(csvLines(block), signal)
          },
        })
        return { ...seen, message }
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
  { verdict, reason, play, gaps, seenClock, reception, advice, light, differences }: LoopbackReport,
  showSecrets: boolean,
): Made<'blinkup.verify/1'> {
  return {
    schema: 'blinkup.verify/1',
    verdict,
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
    ...lightFigures({ ...reception, advice }, showSecrets),
    // A bridge beside another emitter has a clock of its own: see `light`.
    startS: {
      played: play.clock === seenClock ? play.startS : null,
      seen: reception.startS,
    },
    light,
    differences,
    pacing: play.pacing ?? null,
    gaps,
    error: reason && explain(new CommandError(EXIT.checkFailed, formatFailure(reason))),
  }
}

function verdictText(
  { config, packet }: Message,
  { symbolRateHz }: LightSettings,
  { reason, play, reception, advice, differences }: LoopbackReport,
  showSecrets: boolean,
): (string | Coloured)[] {
  const grey = play.greyRatio?.toFixed(3) ?? 'as the parts make it'
  const lines = [
    reason
      ? `  ${formatFailure(reason)}`
      : `  ${packet.length} bytes came back as they were sent; that proves the light, not that a device has read it`,
    ...formatRows([
      ['settings', formatSettings(config, showSecrets)],
      [
        'played',
        `${play.symbolRateHz.toFixed(3)} Hz, ${symbolRateHz} Hz wanted; grey ratio ${grey}`,
      ],
      ['differs', differences.length > 0 ? differences.join('; ') : null],
      ['pacing', play.pacing ? formatPacing(play.pacing) : null],
      ...receptionRows({ ...reception, advice }, showSecrets, reason),
    ]),
  ]
  const verdict: Coloured = reason
    ? { colour: 'red', text: 'FAIL' }
    : { colour: 'green', text: 'PASS' }
  return [verdict, `${lines.join('\n')}\n`]
}
