import { type Command, Option } from 'commander'
import { formatSymbols } from '../modulation/index.js'
import { toHex } from '../packet/index.js'
import { symbolsToVcd } from '../recording/vcd.js'
import { addCredentialOptions } from './credentials.js'
import { type Made, printDocument } from './document.js'
import { isReadableByOthers, STANDARD_OUTPUT } from './files.js'
import { loadMessage, type Message } from './message.js'
import { shownHex, shownSettings } from './secrets.js'
import { addSymbolOptions, type SymbolSettings, symbolSettings } from './symbol-options.js'
import { print, warn } from './terminal.js'

type Format = 'symbols' | 'json' | 'hex' | 'csv' | 'vcd'

export function addEncode(program: Command): void {
  const command = program
    .command('encode')
    .description(
      'print a message as symbols, bytes or a waveform; whoever has them has the password',
    )
    .addOption(
      new Option('--format <name>', 'what to print')
        .choices(['symbols', 'json', 'hex', 'csv', 'vcd'])
        .default('symbols'),
    )
    .option('--show-secrets', 'do not mask the settings and bytes beside the symbols in JSON')
  addSymbolOptions(addCredentialOptions(command)).action(async (options) => {
    const settings = symbolSettings(options)
    const message = await loadMessage(options, settings)
    for (const warning of message.warnings) warn(warning)
    if (message.isSecret && isReadableByOthers(STANDARD_OUTPUT)) {
      warn('other users may read this message, which is a secret: write it with umask 077')
    }
    await printMessage(message, settings, options.format, options.showSecrets ?? false)
  })
}

async function printMessage(
  message: Message,
  settings: SymbolSettings,
  format: Format,
  showSecrets: boolean,
): Promise<void> {
  const { packet, sequence } = message
  const { symbolRateHz } = settings
  switch (format) {
    case 'symbols':
      return print(`${formatSymbols(sequence)}\n`)
    case 'hex':
      return print(`${toHex(packet)}\n`)
    case 'csv': {
      const rows = Array.from(
        sequence.levels,
        (level, i) => `${(i / symbolRateHz).toFixed(6)},${level}`,
      )
      return print(`time_s,symbol\n${rows.join('\n')}\n`)
    }
    case 'vcd':
      return print(symbolsToVcd(sequence, symbolRateHz))
    case 'json':
      return printDocument(encodeDocument(message, settings, showSecrets))
  }
}

export function encodeDocument(
  { config, packet, sequence, durationS }: Message,
  { symbolRateHz, dialect }: SymbolSettings,
  showSecrets: boolean,
): Made<'blinkup.encode/1'> {
  return {
    schema: 'blinkup.encode/1',
    dialect,
    symbolRateHz,
    durationS,
    config: shownSettings(config, showSecrets),
    packetHex: shownHex(packet, showSecrets),
    symbols: formatSymbols(sequence),
    error: null,
  }
}
