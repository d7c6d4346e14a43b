import type { Command } from 'commander'
import { demodulate, parseSymbols } from '../modulation/index.js'
import { decodePacket, maskPacketHex, maskSecrets, PacketError, toHex } from '../packet/index.js'
import {
  RECEPTION_FAILURES,
  Receiver,
  type Reception,
  type ReceptionFailure,
} from '../receiver/index.js'
import { parseCsv } from '../rig/recording/csv.js'
import { EXIT } from './errors.js'
import { readText } from './files.js'
import { formatLevels, print, printJson } from './terminal.js'

/** What a file held: a reception, or bytes without a measurement when it held symbols. */
type Decoded = Pick<Reception, 'ok' | 'reason' | 'packet' | 'config'> & Partial<Reception>

export function addDecode(program: Command): void {
  program
    .command('decode')
    .argument('<file>', 'a capture in CSV, or symbols as encode prints them; - for standard input')
    .description('find the messages in a capture of light, or in symbols')
    .option('--json', 'print the receptions as JSON')
    .option('--show-secrets', 'do not mask passwords and tokens')
    .action(async (file: string, { json, showSecrets = false }) => {
      const text = await readText(file)
      const receptions = /^[012\s]+$/.test(text) ? [decodeSymbols(text)] : decodeCapture(text)
      await (json
        ? printJson({
            schema: 'blinkup.decode/1',
            receptions: receptions.map((reception) => receptionDocument(reception, showSecrets)),
          })
        : print(receptions.map((reception) => receptionText(reception, showSecrets)).join('\n')))
      if (!receptions.every(({ ok }) => ok)) process.exitCode = EXIT.checkFailed
    })
}

function decodeCapture(text: string): Reception[] {
  const receiver = new Receiver()
  return [...receiver.push(parseCsv(text)), ...receiver.end()]
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
    startS: reception.startS ?? null,
    endS: reception.endS ?? null,
    reason: reception.reason,
  }
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
  return `${lines.join('\n')}\n`
}
