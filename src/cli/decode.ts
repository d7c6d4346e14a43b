import type { Command } from 'commander'
import { demodulate, parseSymbols } from '../modulation/index.js'
import { decodePacket, maskPacketHex, maskSecrets, PacketError, toHex } from '../packet/index.js'
import {
  RECEPTION_FAILURES,
  Receiver,
  type Reception,
  type ReceptionFailure,
  type SampleBlock,
  type SignalQuality,
} from '../receiver/index.js'
import { parseCsv } from '../rig/recording/csv.js'
import { parseJsonPairs } from '../rig/recording/json.js'
import { isZip, parseSigrok } from '../rig/recording/sigrok.js'
import { CommandError, EXIT } from './errors.js'
import { createSecretFile, readBytes, toText } from './files.js'
import { formatLevels, print, printJson } from './terminal.js'
import { receptionToVcd } from './vcd.js'

/** What a file held: a reception, or bytes without a measurement when it held symbols. */
type Decoded = Pick<Reception, 'ok' | 'reason' | 'packet' | 'config'> & Partial<Reception>

// A longer text of digits is no message, with whatever spaces.
const MOST_SYMBOLS = 1 << 20

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
      const receptions = decodeFile(await readBytes(file), file)
      await (json
        ? printJson({
            schema: 'blinkup.decode/1',
            receptions: receptions.map((reception) => receptionDocument(reception, showSecrets)),
          })
        : print(receptions.map((reception) => receptionText(reception, showSecrets)).join('\n')))
      if (vcd !== undefined) await writeVcd(vcd, receptions)
      if (!receptions.every(({ ok }) => ok)) process.exitCode = EXIT.checkFailed
    })
}

async function writeVcd(path: string, receptions: readonly Decoded[]): Promise<void> {
  const seen = receptions.find(({ ok, symbolRateHz }) => ok && symbolRateHz)
  const dump = seen && receptionToVcd(seen as Reception)
  if (!dump) throw new CommandError(EXIT.badData, 'there is no good message in a capture to keep')
  const output = await createSecretFile(path)
  try {
    await output.write(dump)
  } finally {
    await output.close()
  }
}

/**
 * What a file holds: receptions of a capture, or one message as symbols.
 *
 * @param path names the file in errors
 * @throws RecordingError, ModulationError and CommandError
 */
export function decodeFile(bytes: Uint8Array, path: string): Decoded[] {
  if (isZip(bytes)) return decodeCapture(parseSigrok(bytes))
  const text = toText(bytes, path)
  if (text.length <= MOST_SYMBOLS && /^[012\s]+$/.test(text)) return [decodeSymbols(text)]
  return decodeCapture(text.trimStart().startsWith('[') ? parseJsonPairs(text) : parseCsv(text))
}

function decodeCapture(samples: SampleBlock): Reception[] {
  const receiver = new Receiver()
  return [...receiver.push(samples), ...receiver.end()]
}

/** Throws ModulationError when the symbols are no message at all. */
function decodeSymbols(text: string): Decoded {
  const { packet } = demodulate(parseSymbols(text))
  try {
    return { ok: true, reason: null, packet, config: decodePacket(packet) }
  } catch (error) {
    if (!(error instanceof PacketError)) throw error
    return { ok: false, reason: failureOf(error), packet, config: null }
  }
}

function failureOf({ code }: PacketError): ReceptionFailure {
  return code === 'length' || code === 'crc' ? code : 'tlv'
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
  const { ok, reason, packet, config, levels, symbolRateHz, startS } = reception
  const at = startS === undefined ? '' : ` at ${startS.toFixed(3)} s`
  const lines = [
    ok
      ? `message${at}: ${packet?.length} bytes, CRC right`
      : `failed${at}: ${reason}: ${reason && RECEPTION_FAILURES[reason]}`,
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
  if (reception.advice) lines.push(`  advice       ${reception.advice}`)
  return `${lines.join('\n')}\n`
}
