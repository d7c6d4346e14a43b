import type { Command } from 'commander'
import { z } from 'zod'
import { type Channel, GOOD_CHANNEL, simulateChannel } from '../channel/index.js'
import { CSV_HEADER, csvLines } from '../recording/csv.js'
import { MODELLED_LIGHT, numberFrom, RIGS, wholeFrom } from '../rig/config.js'
import { writeCapture } from './capture-output.js'
import { addCredentialOptions } from './credentials.js'
import { CommandError, EXIT } from './errors.js'
import { checkOutput } from './files.js'
import { addSettings, LIGHT_FLAGS, settingsOf } from './light-options.js'
import { loadMessage } from './message.js'
import { addSymbolOptions, symbolSettings } from './symbol-options.js'
import { tell, warn } from './terminal.js'

/** Of what no rig of ours does by itself, what a bench meets. */
const FLAGS = {
  greyRatio: '--grey <ratio>',
  sampleRateHz: '--sample-rate <hz>',
  ...LIGHT_FLAGS,
  inverted: '--inverted',
  drift: '--drift <part>',
  symbolJitter: '--symbol-jitter <part>',
  rateChange: '--rate-change <part>',
  gaps: '--gaps <part>',
  gapSamples: '--gap-samples <n>',
} as const

const SETTINGS = MODELLED_LIGHT.safeExtend({
  greyRatio: RIGS.emulated.shape.greyRatio,
  sampleRateHz: numberFrom(50, 100_000).default(1000).describe('rate of the samples'),
  adcBits: wholeFrom(4, 16).default(10).describe('bits of the ADC'),
  inverted: z
    .boolean()
    .default(GOOD_CHANNEL.inverted)
    .describe("the sensor's level falls where the light rises"),
  drift: numberFrom(0, 100)
    .default(GOOD_CHANNEL.drift)
    .describe(
      'other light gets brighter by this part of the swing in a second, and darker in the next',
    ),
  symbolJitter: numberFrom(0, 1)
    .default(GOOD_CHANNEL.symbolJitter)
    .describe('each symbol begins late by up to this part of a symbol'),
  rateChange: numberFrom(-0.5, 1)
    .default(GOOD_CHANNEL.rateChange)
    .describe('the last symbols are longer than the first by this part'),
  gaps: numberFrom(0, 1)
    .default(GOOD_CHANNEL.gaps)
    .describe('probability that a gap begins at a sample'),
  gapSamples: wholeFrom(1, 100_000).default(10).describe('samples that a gap swallows'),
})

/** More are no message, and may be more than there is memory for. */
const MOST_SAMPLES = 1e7
const BLOCK_SAMPLES = 4096

export function addSimulate(program: Command): void {
  const command = program
    .command('simulate')
    .argument('[file]', 'CSV file to make, readable by you only; standard output without it')
    .description(
      'write a capture of a message as a model of LED, light and sensor has it, without any rig; it is as secret as its password',
    )
    .option('--force', 'overwrite the file if it is there')
  addSymbolOptions(addCredentialOptions(command)).optionsGroup('Its light:')
  const { shape } = SETTINGS
  addSettings(command, FLAGS, (field) => shape[field as keyof typeof shape])
  command.action(async (file: string | undefined, options) => {
    checkOutput(file, [options.config], options.force)
    const symbols = symbolSettings(options)
    const channel = channelOf(settingsOf(options, FLAGS, SETTINGS), symbols.symbolRateHz)
    const message = await loadMessage(options, symbols)
    const lengthS = message.durationS + GOOD_CHANNEL.beforeS + GOOD_CHANNEL.afterS
    if (lengthS * (1 + channel.rateChange) * channel.sampleRateHz > MOST_SAMPLES) {
      throw new CommandError(
        EXIT.usage,
        `that are more than ${MOST_SAMPLES} samples: use a lower --sample-rate, a shorter --sync or a higher --rate`,
      )
    }
    for (const warning of message.warnings) warn(warning)
    const { timesS, levels } = simulateChannel(message.sequence.levels, channel)
    const output = { file, force: options.force, isSecret: message.isSecret }
    await writeCapture(output, async (write, signal) => {
      await write(CSV_HEADER)
      for (let at = 0; at < timesS.length; at += BLOCK_SAMPLES) {
        signal.throwIfAborted()
        const end = at + BLOCK_SAMPLES
        await write(
          csvLines({ timesS: timesS.subarray(at, end), levels: levels.subarray(at, end) }),
        )
      }
      tell(`${timesS.length} samples`)
    })
  })
}

function channelOf(settings: z.output<typeof SETTINGS>, symbolRateHz: number) {
  const { sensorBandwidthHz, ledRiseUs, ledFallUs, ...ofChannel } = settings
  const sensorSymbols = symbolRateHz / (2 * Math.PI * sensorBandwidthHz)
  return {
    ...ofChannel,
    symbolRateHz,
    riseSymbols: sensorSymbols,
    fallSymbols: sensorSymbols,
    ledRiseS: ledRiseUs / 1e6,
    ledFallS: ledFallUs / 1e6,
  } satisfies Partial<Channel>
}
