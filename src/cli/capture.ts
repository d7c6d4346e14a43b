import { type Command, Option } from 'commander'
import { type CaptureOptions, captureEdges, captureSamples } from '../bench/capture.js'
import { CSV_HEADER, csvLines } from '../recording/csv.js'
import type { Rig } from '../rig/rig.js'
import { type Write, writeCapture } from './capture-output.js'
import { addCredentialOptions } from './credentials.js'
import { CommandError, EXIT } from './errors.js'
import { checkOutput } from './files.js'
import { loadMessage, type Message, tellDuration } from './message.js'
import { readSeconds } from './numbers.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { addSymbolOptions } from './symbol-options.js'
import { formatGap, tell, warn } from './terminal.js'
import { withRig } from './with-rig.js'

/** First line of a file of edges, which is no capture of light. */
const EDGES_HEADER = 'time_s,high\n'

export function addCapture(program: Command): void {
  const command = program
    .command('capture')
    .argument('[file]', 'CSV file to make, readable by you only; standard output without it')
    .description(
      'record what the photodiode sees; a capture of a message is as secret as its password',
    )
    .option(
      '--seconds <s>',
      'how long at most (default: until Ctrl-C, or with --send a little after the message)',
      readSeconds,
    )
    .option('--force', 'overwrite the file if it is there')
    .option('--edges', 'record the edges of the edge input (D8 of the bridge) instead')
    .addOption(new Option('--send', 'play a message meanwhile').conflicts('edges'))
  const own = command.options.length
  addSymbolOptions(addCredentialOptions(command))
  const optionsOfSend = command.options.slice(own)
  addRigOptions(command).action(async (file: string | undefined, options) => {
    const stray = optionsOfSend.find((option) => options[option.attributeName()] !== undefined)
    if (stray && !options.send) throw new CommandError(EXIT.usage, `${stray.long} needs --send`)
    checkOutput(file, [options.config, options.fixture], options.force)
    const settings = await loadLightSettings(options)
    const message = options.send ? await loadMessage(options, settings) : undefined
    const output = { file, force: options.force, isSecret: message?.isSecret !== false }
    await writeCapture(output, async (write, signal) => {
      const capture = { signal, durationS: options.seconds }
      await withRig(settings.rig, signal, async (rig) => {
        await write(options.edges ? EDGES_HEADER : CSV_HEADER)
        tell(
          options.edges
            ? `${await recordEdges(rig, capture, write)} edges`
            : `${await recordSamples(rig, capture, write, message, settings.symbolRateHz)} samples`,
        )
        signal.throwIfAborted()
      })
    })
  })
}

async function recordEdges({ edgeInput }: Rig, options: CaptureOptions, write: Write) {
  if (!edgeInput) throw new CommandError(EXIT.usage, 'this rig has no edge input')
  return captureEdges(edgeInput, {
    ...options,
    onEdge: async ({ timeS, high, afterLoss }) => {
      if (afterLoss) warn(`edges before ${timeS.toFixed(6)} s came too fast and were lost`)
      await write(`${timeS.toFixed(7)},${Number(high)}\n`)
    },
  })
}

async function recordSamples(
  rig: Rig,
  options: CaptureOptions,
  write: Write,
  message: Message | undefined,
  symbolRateHz: number,
) {
  if (!rig.photodiode) throw new CommandError(EXIT.usage, 'this rig has no photodiode')
  if (message) {
    for (const warning of message.warnings) warn(warning)
    tellDuration(message, symbolRateHz)
  }
  return captureSamples(rig, {
    ...options,
    play: message && { sequence: message.sequence, symbolRateHz },
    onSamples: async (block) => {
      if (block.gap) warn(formatGap(block.gap))
      await write(csvLines(block))
    },
  })
}
