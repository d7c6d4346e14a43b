import type { Command } from 'commander'
import { maskPacketHex, maskSecrets, toHex } from '../packet/index.js'
import { RECEPTION_FAILURES, type Reception, type SignalQuality } from '../receiver/index.js'
import { EXIT, explain } from './errors.js'
import { type Decoded, FileDecoder } from './file-decoder.js'
import { createSecretFile, readChunks, refuseInputAsOutput } from './files.js'
import { formatLevels, print, printJson, tell } from './terminal.js'
import { receptionToVcd } from './vcd.js'

export function addDecode(program: Command): void {
  program
    .command('decode')
    .argument(
      '<file>',
      'a capture (CSV, JSON pairs or a sigrok session), or symbols as encode prints them; - for standard input',
    )
    .description('find the messages in a capture of light, or in symbols')
    .option(
      '--json',
      'print the receptions as JSON, at the end: nothing on a broken line or Ctrl-C',
    )
    .option('--show-secrets', 'do not mask passwords and tokens')
    .option(
      '--vcd <file>',
      'keep the symbols of the first good message, if there is one; they are as secret as the password',
    )
    .action(async (file: string, { json, vcd, showSecrets = false }) => {
      refuseInputAsOutput(vcd, [file])
      const documents: object[] = []
      let separator = ''
      let isVcdPending = vcd !== undefined
      for await (const reception of receptionsIn(file)) {
        const dump = isVcdPending && reception.ok ? toVcd(reception) : null
        if (dump) {
          isVcdPending = false
          await writeVcd(vcd, dump)
        }
        if (!reception.ok) process.exitCode ||= EXIT.checkFailed
        if (json) documents.push(receptionDocument(reception, showSecrets))
        else await print(separator + receptionText(reception, showSecrets))
        separator = '\n'
      }
      if (json) await printJson({ schema: 'blinkup.decode/1', receptions: documents })
      if (isVcdPending) {
        tell(`there is no good message of a capture to keep: ${vcd} is not written`)
        process.exitCode ||= EXIT.badData
      }
    })
}

/** The receptions of a file, each as soon as it can be told. */
async function* receptionsIn(path: string): AsyncGenerator<Decoded> {
  const decoder = new FileDecoder(path)
  for await (const chunk of readChunks(path)) yield* decoder.push(chunk)
  yield* decoder.end()
}

/** Null for a message that was not measured. */
function toVcd(message: Decoded): string | null {
  return message.symbolRateHz ? receptionToVcd(message as Reception) : null
}

/** Tells of a fault, and does not throw it: the messages are still to be told. */
async function writeVcd(path: string, dump: string): Promise<void> {
  try {
    const output = await createSecretFile(path)
    try {
      await output.write(dump)
    } finally {
      await output.close()
    }
  } catch (error) {
    const { exitCode, message } = explain(error)
    tell(message)
    process.exitCode = exitCode
  }
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
