import { measureLightLevels } from '../../../../src/bench/light-levels.js'
import { loopback } from '../../../../src/bench/loopback.js'
import { formatSymbols, modulate } from '../../../../src/modulation/index.js'
import { encodePacket } from '../../../../src/packet/index.js'
import type { Bridge } from '../../../../src/rig/bridge/bridge.js'
import { openBridge } from '../../../../src/rig/bridge/open.js'
import { RigError } from '../../../../src/rig/errors.js'
import { HostileBench } from './bench.js'
import type { HostileBoard } from './board.js'
import type { VirtualTime } from './clocks.js'
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

/** How long each lasts when all goes well, at most, beside the message. */
const LENGTH_MS: Readonly<Record<Work, number>> = {
  verify: 1500,
  send: 1000,
  samples: 1000 * CAPTURED_S + 500,
  edges: 1000 * CAPTURED_S + 500,
  levels: 4000,
}
/** What any fault may take beyond that. */
const PATIENCE_MS = 15_000
/**
 * By how much the length of a light may differ from what was asked for: two clocks are compared no better
 * (src/rig/bridge/board-clock.ts), and the board is asked five times a second whether it plays.
 */
const LENGTH_OFF_MS = 700
const LENGTH_OFF = 0.02
/** Of a message that is over. Its last symbols are black, so nobody misses the very end. */
const WHOLE = 0.94

export interface Conversation {
  readonly work: Work
  readonly lies: readonly Lie[]
  /** When the one who asked gives up; default never. */
  readonly abortMs?: number | undefined
  /** Default 1000. */
  readonly sampleRateHz?: number
  /** Default `SYMBOL_RATE_HZ`. */
  readonly symbolRateHz?: number
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
  const { work, lies, abortMs, sampleRateHz = 1000, symbolRateHz = SYMBOL_RATE_HZ } = conversation
  const { time, device, cable } = new HostileBench(lies)
  const abort = new AbortController()
  if (abortMs !== undefined) time.after(abortMs, () => abort.abort(ABORT))
  const messageMs = (1000 * SYMBOLS.length) / symbolRateHz
  const limitMs = messageMs + LENGTH_MS[work] + PATIENCE_MS
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
    result = await Promise.race([
      WORK[work]({ bridge, time, symbolRateHz, signal: abort.signal }),
      hang,
    ])
    wrongs.push(...wrongsOf(result, device, messageMs, time.nowMs()))
  } catch (error) {
    errors.push(error)
  }
  try {
    if (bridge && !(errors[0] instanceof Hang))
      await Promise.race([bridge[Symbol.asyncDispose](), hang])
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

interface Task {
  readonly bridge: Bridge
  readonly time: VirtualTime
  readonly symbolRateHz: number
  readonly signal: AbortSignal
}

const WORK: Readonly<Record<Work, (task: Task) => Promise<string>>> = {
  verify: async ({ bridge, symbolRateHz, signal }) => {
    const { verdict, reason } = await loopback(bridge, PACKET, SEQUENCE, { symbolRateHz, signal })
    return verdict === 'pass' ? 'pass' : `fail: ${reason}`
  },
  send: async ({ bridge, symbolRateHz, signal }) => {
    const report = await bridge.emitter.play(SEQUENCE, { symbolRateHz, signal })
    return report.symbols === SYMBOLS.length ? 'played' : `bug: played ${report.symbols} symbols`
  },
  samples: async ({ bridge, signal }) => {
    const enough = new AbortController()
    const rising = new RisingTimes()
    for await (const { timesS } of bridge.photodiode.samples({
      signal: either(signal, enough.signal),
    })) {
      for (const timeS of timesS) rising.add(timeS)
      if (rising.lengthS >= CAPTURED_S) enough.abort()
    }
    signal.throwIfAborted()
    return rising.result
  },
  edges: async ({ bridge, time, signal }) => {
    const enough = new AbortController()
    time.after(1000 * CAPTURED_S, () => enough.abort()) // there may be no edge
    const rising = new RisingTimes()
    for await (const { timeS } of bridge.edgeInput.edges({
      signal: either(signal, enough.signal),
    })) {
      rising.add(timeS)
    }
    signal.throwIfAborted()
    return rising.result
  },
  levels: async ({ bridge, signal }) => {
    await measureLightLevels(bridge, signal)
    return 'done'
  },
}

const either = (...signals: AbortSignal[]): AbortSignal => AbortSignal.any(signals)

/** Sees whether times rise. */
class RisingTimes {
  result = 'done'
  #firstS: number | undefined
  #lastS = -Infinity

  add(timeS: number): void {
    if (!(timeS > this.#lastS)) this.result = `bug: ${timeS} s after ${this.#lastS} s`
    this.#firstS ??= timeS
    this.#lastS = timeS
  }

  get lengthS(): number {
    return this.#lastS - (this.#firstS ?? this.#lastS)
  }
}

function wrongsOf(
  result: string,
  device: HostileBoard,
  messageMs: number,
  nowMs: number,
): string[] {
  if (result.startsWith('bug')) return [result]
  const wrongs: string[] = []
  if (/^(pass|played)$/.test(result)) {
    const fault = faultOfLight(device, messageMs, nowMs)
    if (fault) wrongs.push(`${result}, but ${fault}`)
  }
  if (result === 'pass' && device.hasDeadLed) wrongs.push('pass, but the LED is dead')
  return wrongs
}

/** What is wrong with the light that the board has played, if it is not the message's. */
function faultOfLight(
  { light }: HostileBoard,
  messageMs: number,
  nowMs: number,
): string | undefined {
  if (!light) return 'nothing was played'
  const { levels, startMs, symbolMs, endedMs = nowMs } = light
  if (levels !== SYMBOLS) return 'other symbols were played'
  const lengthMs = levels.length * symbolMs
  if (Math.abs(lengthMs - messageMs) > LENGTH_OFF_MS + LENGTH_OFF * messageMs) {
    return `it was played at ${(1000 / symbolMs).toFixed(1)} Hz`
  }
  const played = (endedMs - startMs) / lengthMs
  return played < WHOLE || played > 1 / WHOLE ? `${played.toFixed(2)} of it was played` : undefined
}

function kindOf(error: unknown, { abortMs }: Conversation): string {
  if (error instanceof RigError) return error.code
  if (error instanceof Hang) return 'hang'
  if (error === ABORT && abortMs !== undefined) return 'aborted'
  return `bug: ${error instanceof Error ? error.stack?.split('\n').slice(0, 3).join(' ') : error}`
}
