import { measureLightLevels } from '../../../../src/bench/light-levels.js'
import { loopback } from '../../../../src/bench/loopback.js'
import { formatSymbols, modulate } from '../../../../src/modulation/index.js'
import { encodePacket } from '../../../../src/packet/index.js'
import type { Bridge } from '../../../../src/rig/bridge/bridge.js'
import { openBridge } from '../../../../src/rig/bridge/open.js'
import { RigError } from '../../../../src/rig/errors.js'
import { HostileBench } from './bench.js'
import type { HostileBoard } from './board.js'
import type { Lie } from './lies.js'

export const SYMBOL_RATE_HZ = 142
const PACKET = encodePacket({ clear: true })
const SEQUENCE = modulate(PACKET)
const SYMBOLS = formatSymbols(SEQUENCE)
/** How long captures last. */
const CAPTURED_S = 1

/** What a program asks of a bridge. */
export const WORKS = ['verify', 'send', 'samples', 'edges', 'levels'] as const
export type Work = (typeof WORKS)[number]

/** How long each lasts when all goes well, at most. */
const LENGTH_MS: Readonly<Record<Work, number>> = {
  verify: 2500,
  send: 2000,
  samples: 1000 * CAPTURED_S + 500,
  edges: 1000 * CAPTURED_S + 500,
  levels: 4000,
}
/** What any fault may take beyond that. */
const PATIENCE_MS = 15_000
/** By how much the rate of the light may be off, and its length seem to be: more than two clocks and a slow wire make. */
const RATE_TOLERANCE = 0.06

export interface Conversation {
  readonly work: Work
  readonly lies: readonly Lie[]
  /** When the one who asked gives up; default never. */
  readonly abortMs?: number | undefined
  /** Default 1000. */
  readonly sampleRateHz?: number
}

export interface Outcome {
  /** `pass`, `fail: REASON`, `played`, `done`, the code of a RigError, `aborted`, `hang`, or `bug: …`. */
  readonly result: string
  /** What was said, where it ended with an error; the second is of closing. */
  readonly sentences: readonly string[]
  /** When it had ended, closing included. */
  readonly endMs: number
  /** Everything in it that must never happen. */
  readonly wrongs: readonly string[]
}

class Hang extends Error {}
const ABORT = new Error('given up')

/** Opens the bridge of a hostile board, works with it and closes it, on virtual time. */
export async function converse(conversation: Conversation): Promise<Outcome> {
  const { work, lies, abortMs, sampleRateHz = 1000 } = conversation
  const { time, device, cable } = new HostileBench(lies)
  const abort = new AbortController()
  if (abortMs !== undefined) time.after(abortMs, () => abort.abort(ABORT))
  const limitMs = LENGTH_MS[work] + PATIENCE_MS
  const hang = time.sleep(limitMs).then(() => {
    throw new Hang()
  })
  hang.catch(() => {})

  const errors: unknown[] = []
  let result = ''
  const wrongs: string[] = []
  let bridge: Bridge | undefined
  try {
    const options = { brightness: 1, greyRatio: 0.52, sampleRateHz, signal: abort.signal }
    const opening = openBridge('hostile', options, cable.binding, time)
    bridge = await Promise.race([opening, hang])
    result = await Promise.race([WORK[work](bridge, abort.signal), hang])
    wrongs.push(...wrongsOf(result, device))
  } catch (error) {
    errors.push(error)
  }
  try {
    if (bridge && !(errors[0] instanceof Hang)) await Promise.race([bridge.close(), hang])
  } catch (error) {
    errors.push(error)
  }
  const endMs = time.nowMs()
  const isLit = device.isLit
  time.stop()

  for (const error of errors) {
    const kind = kindOf(error, conversation)
    result ||= kind
    if (/^(hang|bug)/.test(kind)) wrongs.push(kind)
  }
  const sentences = errors.map((error) => (error instanceof Error ? error.message : ''))
  if (sentences.some((sentence) => /[\r\n]/.test(sentence))) wrongs.push('more than one sentence')
  if (bridge && isLit && !sentences.some((sentence) => /may be lit/.test(sentence))) {
    wrongs.push('lit, which was not said')
  }
  return { result, sentences, endMs, wrongs }
}

const WORK: Readonly<Record<Work, (bridge: Bridge, signal: AbortSignal) => Promise<string>>> = {
  verify: async (bridge, signal) => {
    const options = { symbolRateHz: SYMBOL_RATE_HZ, signal }
    const { verdict, reason } = await loopback(bridge, PACKET, SEQUENCE, options)
    return verdict === 'pass' ? 'pass' : `fail: ${reason}`
  },
  send: async (bridge, signal) => {
    const report = await bridge.play(SEQUENCE, { symbolRateHz: SYMBOL_RATE_HZ, signal })
    return report.symbols === SYMBOLS.length ? 'played' : `bug: played ${report.symbols} symbols`
  },
  samples: (bridge, signal) =>
    collect(
      (end) => bridge.samples({ signal: end }),
      ({ timesS }) => timesS,
      signal,
    ),
  edges: (bridge, signal) =>
    collect(
      (end) => bridge.edges({ signal: end }),
      ({ timeS }) => [timeS],
      signal,
    ),
  levels: async (bridge, signal) => {
    await measureLightLevels(bridge, signal)
    return 'done'
  },
}

/** Takes items until they have lasted for long enough. Their times must rise. */
async function collect<T>(
  from: (signal: AbortSignal) => AsyncIterable<T>,
  timesOf: (item: T) => Iterable<number>,
  signal: AbortSignal,
): Promise<string> {
  const enough = new AbortController()
  let firstS: number | undefined
  let lastS = -Infinity
  for await (const item of from(AbortSignal.any([signal, enough.signal]))) {
    for (const timeS of timesOf(item)) {
      if (!(timeS > lastS)) return `bug: ${timeS} s after ${lastS} s`
      lastS = timeS
      firstS ??= timeS
    }
    if (firstS !== undefined && lastS - firstS >= CAPTURED_S) enough.abort()
  }
  signal.throwIfAborted()
  return 'done'
}

function wrongsOf(result: string, device: HostileBoard): string[] {
  if (result.startsWith('bug')) return [result]
  const wrongs: string[] = []
  if (/^(pass|played)$/.test(result)) {
    const fault = faultOfLight(device)
    if (fault) wrongs.push(`${result}, but ${fault}`)
  }
  if (result === 'pass' && device.hasDeadLed) wrongs.push('pass, but the LED is dead')
  return wrongs
}

/** What is wrong with the light that the board has played, if it is not the message's. */
function faultOfLight({ light }: HostileBoard): string | undefined {
  if (!light) return 'nothing was played'
  const { levels, startMs, symbolMs, endedMs = Infinity } = light
  if (levels !== SYMBOLS) return 'other symbols were played'
  if (Math.abs((symbolMs * SYMBOL_RATE_HZ) / 1000 - 1) > RATE_TOLERANCE) {
    return `it was played at ${(1000 / symbolMs).toFixed(1)} Hz`
  }
  const shown = (endedMs - startMs) / symbolMs / levels.length
  // The last symbol of a message is black, so nobody misses the very end of it.
  return Math.abs(shown - 1) > RATE_TOLERANCE ? `${shown.toFixed(2)} of it was played` : undefined
}

function kindOf(error: unknown, { abortMs }: Conversation): string {
  if (error instanceof RigError) return error.code
  if (error instanceof Hang) return 'hang'
  if (error === ABORT && abortMs !== undefined) return 'aborted'
  return `bug: ${error instanceof Error ? error.stack?.split('\n').slice(0, 3).join(' ') : error}`
}
