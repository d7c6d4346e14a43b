import type { Command } from 'commander'
import { openRig } from '../rig/open.js'
import { CSV_HEADER, csvLines } from '../rig/recording/csv.js'
import type { Rig } from '../rig/rig.js'
import { CommandError, EXIT } from './errors.js'
import { createSecretFile, refuseInputAsOutput } from './files.js'
import { interruptible } from './interrupt.js'
import { readSeconds } from './numbers.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { formatGap, print, tell, warn } from './terminal.js'

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
    .option('--seconds <s>', 'how long (default: until Ctrl-C)', readSeconds)
    .option('--edges', 'record the edges of the edge input (D8 of the bridge) instead')
  addRigOptions(command).action(async (file: string | undefined, options) => {
    refuseInputAsOutput(file, [options.fixture])
    const settings = await loadLightSettings(options)
    const output = file === undefined ? undefined : await createSecretFile(file)
    try {
      await interruptible(async (signal) => {
        const write: Write = async (text) => {
          await (output ? output.write(text) : print(text, signal))
        }
        const rig = await openRig(settings.rig, signal)
        try {
          const seconds = options.seconds ?? Number.POSITIVE_INFINITY
          await write(options.edges ? EDGES_HEADER : CSV_HEADER)
          tell(
            options.edges
              ? `${await recordEdges(rig, seconds, signal, write)} edges`
              : `${await recordSamples(rig, seconds, signal, write)} samples`,
          )
        } finally {
          await rig.close()
        }
        signal.throwIfAborted()
      })
    } finally {
      await output?.close()
    }
  })
}

async function recordSamples(
  { photodiode }: Rig,
  seconds: number,
  signal: AbortSignal,
  write: Write,
): Promise<number> {
  if (!photodiode) throw new CommandError(EXIT.usage, 'this rig has no photodiode')
  const enough = new AbortController()
  let count = 0
  let endS: number | undefined
  for await (const block of photodiode.samples({
    signal: AbortSignal.any([signal, enough.signal]),
  })) {
    if (block.gap) warn(formatGap(block.gap))
    await write(csvLines(block))
    count += block.timesS.length
    endS ??= (block.timesS[0] ?? 0) + seconds
    if ((block.timesS.at(-1) ?? 0) >= endS) enough.abort()
  }
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
      ? setTimeout(() => enough.abort(), 1000 * seconds)
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
