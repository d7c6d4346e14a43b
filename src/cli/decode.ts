import type { Command } from 'commander'
import { maskPacketHex, maskSecrets, toHex } from '../packet/index.js'
import { RECEPTION_FAILURES, type Reception, type SignalQuality } from '../receiver/index.js'
import { CommandError, EXIT } from './errors.js'
import { type Decoded, FileDecoder } from './file-decoder.js'
import { createSecretFile, readChunks, refuseInputAsOutput } from './files.js'
import { formatLevels, print, printJson } from './terminal.js'
import { receptionToVcd } from './vcd.js'

export function addDecode(program: Command): void {
  program
    .command('decode')
    .argument(
      '<file>',
      'a capture (CSV, JSON pairs or a sigrok session), or symbols as encode prints them; - for standard input',
    )
    .description('find the messages in a capture of light, or in symbols')
    .option('--json', 'print the receptions as JSON')
    .option('--show-secrets', 'do not mask passwords and tokens')
    .option(
      '--vcd <file>',
      'keep the symbols of the first good message; they are as secret as the password',
    )
    .action(async (file: string, { json, vcd, showSecrets = false }) => {
      refuseInputAsOutput(vcd, [file])
      const documents: object[] = []
      let separator = ''
      let isKept = vcd === undefined
      for await (const reception of receptionsIn(file)) {
        if (json) documents.push(receptionDocument(reception, showSecrets))
        else await print(separator + receptionText(reception, showSecrets))
        separator = '\n'
        if (!reception.ok) process.exitCode = EXIT.checkFailed
        else if (!isKept) isKept = await writeVcd(vcd, reception)
      }
      if (json) await printJson({ schema: 'blinkup.decode/1', receptions: documents })
      if (!isKept) {
        throw new CommandError(EXIT.badData, 'there is no good message in a capture to keep')
      }
    })
}

/** The receptions of a file, each as soon as it can be told. */
async function* receptionsIn(path: string): AsyncGenerator<Decoded> {
  const decoder = new FileDecoder(path)
  for await (const chunk of readChunks(path)) yield* decoder.push(chunk)
  yield* decoder.end()
}

/** Whether the message was measured, so that there was something to keep. */
async function writeVcd(path: string, message: Decoded): Promise<boolean> {
  const dump = message.symbolRateHz ? receptionToVcd(message as Reception) : null
  if (!dump) return false
  const output = await createSecretFile(path)
  try {
    await output.write(dump)
  } finally {
    await output.close()
  }
  return true
}

function receptionDocument(reception: Decoded, showSecrets: boolean) {
  const { packet, config, levels = null, symbolRateHz = null } = reception
  const hex = showSecrets ? toHex : maskPacketHex
  return {
    ok: reception.ok,
    packetHex: packet && hex(packet),
    config: config && (showSecrets ? config : maskSecrets(config)),
    symbolRateHz,
    levels,
    greyRatio: reception.greyRatio ?? null,
    timingSpread: reception.timingSpread ?? null,
    quality: reception.quality ?? null,
    repaired: repairedDocument(reception.repaired ?? null, showSecrets),
    advice: reception.advice ?? null,
    startS: reception.startS ?? null,
    endS: reception.endS ?? null,
    reason: reception.reason,
  }
}

function repairedDocument(repaired: Reception['repaired'], showSecrets: boolean) {
  return (
    repaired && {
      bits: repaired.bits,
      packetHex: (showSecrets ? toHex : maskPacketHex)(repaired.packet),
      config: showSecrets ? repaired.config : maskSecrets(repaired.config),
    }
  )
}

function qualityLines(quality: SignalQuality): string[] {
  const { snrDb, eyeHeight, eyeWidth, leastCertainBit, flicker, timeConstantS, clipped } = quality
  const percent = (part: number): string => `${(100 * part).toFixed(0)} %`
  return [
    ...(snrDb === null ? [] : [`  noise        ${snrDb.toFixed(1)} dB below half a step`]),
    ...(eyeWidth === null
      ? []
      : [
          `  eye          ${eyeHeight === null ? '' : `${percent(eyeHeight)} high, `}${percent(eyeWidth)} wide`,
        ]),
    ...(leastCertainBit
      ? [`  weakest bit  ${leastCertainBit.bit}, ${percent(leastCertainBit.margin)} of its margin`]
      : []),
    ...(flicker
      ? [`  flicker      ${flicker.frequencyHz} Hz, peak ${flicker.peak.toFixed(3)} of full scale`]
      : []),
    ...(timeConstantS
      ? [`  sensor       time constant about ${(1000 * timeConstantS).toFixed(2)} ms`]
      : []),
    ...(clipped.low || clipped.high
      ? [
          `  clipped      ${[clipped.low && 'low', clipped.high && 'high'].filter(Boolean).join(' and ')}`,
        ]
      : []),
  ]
}

function receptionText(reception: Decoded, showSecrets: boolean): string {
  const { ok, reason, advice, packet, config, levels, symbolRateHz, startS } = reception
  const failure = reason && RECEPTION_FAILURES[reason]
  const at = startS === undefined ? '' : ` at ${startS.toFixed(3)} s`
  const lines = [
    ok ? `message${at}: ${packet?.length} bytes, CRC right` : `failed${at}: ${reason}: ${failure}`,
  ]
  if (config)
    lines.push(`  settings     ${JSON.stringify(showSecrets ? config : maskSecrets(config))}`)
  if (levels) lines.push(`  levels       ${formatLevels(levels)}`)
  if (symbolRateHz) lines.push(`  symbol rate  ${symbolRateHz.toFixed(3)} Hz`)
  if (reception.quality) lines.push(...qualityLines(reception.quality))
  if (reception.repaired) {
    const { bits, config: guess } = reception.repaired
    lines.push(
      `  repaired     with ${bits} bits changed it would be ${JSON.stringify(showSecrets ? guess : maskSecrets(guess))}; that is a guess, no pass`,
    )
  }
  if (advice && advice !== failure) lines.push(`  advice       ${advice}`)
  return `${lines.join('\n')}\n`
}
