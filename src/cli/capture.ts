import { type Command, Option } from 'commander'
import { playAndSee } from '../bench/play-and-see.js'
import type { SampleBlock } from '../receiver/index.js'
import { CSV_HEADER, csvLines } from '../recording/csv.js'
import type { Rig } from '../rig/rig.js'
import { addCredentialOptions, loadCredentials } from './credentials.js'
import { CommandError, EXIT } from './errors.js'
import { checkOutput, isReadableByOthers, STANDARD_OUTPUT } from './files.js'
import { interruptible } from './interrupt.js'
import { type Message, makeMessage, tellDuration } from './message.js'
import { LONGEST_TIMER_MS, readSeconds } from './numbers.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { createSecretFile } from './secret-file.js'
import { addSymbolOptions } from './symbol-options.js'
import { formatGap, print, tell, warn } from './terminal.js'
import { withRig } from './with-rig.js'

/** First line of a file of edges, which is no capture of light. */
const EDGES_HEADER = 'time_s,high\n'

type Write = (text: string) => Promise<void>

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
    const message = options.send
      ? makeMessage(await loadCredentials(options, settings.dialect), settings)
      : undefined
    if (file === undefined && message?.isSecret !== false && isReadableByOthers(STANDARD_OUTPUT)) {
      warn('other users may read this capture, which is a secret: name its file as the argument')
    }
    const output = file === undefined ? undefined : await createSecretFile(file, options.force)
    try {
      await interruptible(async (signal) => {
        const write: Write = async (text) => {
          await (output ? output.write(text, signal) : print(text, signal))
        }
        await withRig(settings.rig, signal, async (rig) => {
          const seconds = options.seconds ?? Number.POSITIVE_INFINITY
          await write(options.edges ? EDGES_HEADER : CSV_HEADER)
          tell(
            options.edges
              ? `${await recordEdges(rig, seconds, signal, write)} edges`
              : `${await recordSamples(rig, { seconds, signal, write, message, symbolRateHz: settings.symbolRateHz })} samples`,
          )
          signal.throwIfAborted()
        })
      })
    } finally {
      await output?.close()
    }
  })
}

interface Recording {
  readonly seconds: number
  readonly signal: AbortSignal
  readonly write: Write
  /** Played meanwhile. */
  readonly message: Message | undefined
  readonly symbolRateHz: number
}

async function recordSamples(
  rig: Rig,
  { seconds, signal, write, message, symbolRateHz }: Recording,
): Promise<number> {
  if (!rig.photodiode) throw new CommandError(EXIT.usage, 'this rig has no photodiode')
  const enough = new AbortController()
  const end = AbortSignal.any([signal, enough.signal])
  let count = 0
  let endS: number | undefined
  const onSamples = async (block: SampleBlock): Promise<void> => {
    if (block.gap) warn(formatGap(block.gap))
    await write(csvLines(block))
    count += block.timesS.length
    endS ??= (block.timesS[0] ?? 0) + seconds
    if ((block.timesS.at(-1) ?? 0) >= endS) enough.abort()
  }
  if (message) {
    for (const warning of message.warnings) warn(warning)
    tellDuration(message, symbolRateHz)
    try {
      const { untimely } = await playAndSee(rig, message.sequence, {
        symbolRateHz,
        signal: end,
        onSamples,
      })
      if (untimely) throw untimely // all samples of it are kept
    } catch (error) {
      if (error !== enough.signal.reason) throw error
    }
  } else for await (const block of rig.photodiode.samples({ signal: end })) await onSamples(block)
  return count
}

async function recordEdges(
  { edgeInput }: Rig,
  seconds: number,
  signal: AbortSignal,
  write: Write,
): Promise<number> {
  if (!edgeInput) throw new CommandError(EXIT.usage, 'this rig has no edge input')
  const enough = new AbortController()
  // By this computer's clock, as there may be no edge that tells the time.
  const timer =
    seconds < Number.POSITIVE_INFINITY
      ? setTimeout(() => enough.abort(), Math.min(1000 * seconds, LONGEST_TIMER_MS))
      : undefined
  let count = 0
  try {
    for await (const edge of edgeInput.edges({
      signal: AbortSignal.any([signal, enough.signal]),
    })) {
      if (edge.afterLoss)
        warn(`edges before ${edge.timeS.toFixed(6)} s came too fast and were lost`)
      await write(`${edge.timeS.toFixed(7)},${Number(edge.high)}\n`)
      count++
    }
  } finally {
    clearTimeout(timer)
  }
  return count
}
