import { setImmediate } from 'node:timers/promises'
import type { SampleBlock } from '../light/samples.js'
import type { Reception } from '../receiver/index.js'
import { RigError } from '../rig/errors.js'
import type { PlayOptions, Rig } from '../rig/rig.js'
import type { SupervisedRig } from '../rig/supervised.js'
import { machineTimebase } from '../rig/timebase.js'
import { captureSamples } from './capture.js'
import { type LoopbackReport, loopback } from './loopback.js'
import type { Message } from './message.js'
import { type SoakError, type SoakMessage, type SoakResult, SoakTally } from './soak-tally.js'

/** A board that is not back by then has to be looked after. */
const LONGEST_OUTAGE_S = 60
/** Of a rig that is there and fails at each message: it will not mend itself. */
const MOST_ERRORS_IN_A_ROW = 3

export interface SoakOptions extends Omit<PlayOptions, 'signal'> {
  readonly signal: AbortSignal
  /** Ends the soak after so many messages were judged; default after none. */
  readonly messages?: number
  /** Begins no message later than that, by the clock of what sees the light; default for as long as it takes. */
  readonly durationS?: number
  /** The LED is dark for so long between messages, by the same clock, and longer than the message takes by itself. */
  readonly pauseS?: number
  /** For how long a rig that is lost is waited for; default a minute. */
  readonly longestOutageS?: number
  /** Gets each block of samples of each message as it comes, those of a message that the rig breaks off too. */
  readonly onSamples?: (block: SampleBlock) => void | Promise<void>
  /** Is told each message that was judged, before the next begins. */
  readonly onMessage?: (message: SoakMessage, report: LoopbackReport) => void | Promise<void>
  /** Is told each failure of the rig, which is none of the light. */
  readonly onError?: (error: SoakError) => void | Promise<void>
}

/** What came of a soak, and what has stopped it before its end: a RigError, or the signal's reason; null for nothing. */
export type Soaked = SoakResult & { readonly stoppedBy: unknown }

/**
 * Sends one message again and again on one rig that stays open, and judges each as `loopback` does. A rig that fails or is lost
 * is waited for, and counted apart from the light.
 *
 * @throws what a callback throws; TypeError for a rig without a photodiode. What the rig and the signal do is in the result.
 */
export async function soak(
  rig: SupervisedRig,
  { packet, sequence }: Pick<Message, 'packet' | 'sequence'>,
  options: SoakOptions,
): Promise<Soaked> {
  const { messages = Infinity, durationS = Infinity, pauseS = 0, signal } = options
  const { longestOutageS = LONGEST_OUTAGE_S, onMessage, onError, ...play } = options
  const tally = new SoakTally()
  const clock = new SoakClock()
  let judged = 0
  let inARow = 0
  let lastError: RigError | undefined
  const end = (stoppedBy: unknown): Soaked => ({ ...tally.result, stoppedBy })
  while (judged < messages && tally.durationS < durationS) {
    const absence = await whyNotReady(rig, longestOutageS, signal)
    if (absence !== null) return end(absence)
    try {
      await rig.use(async (open, lost) => {
        const either = AbortSignal.any([signal, lost])
        if (judged > 0 && pauseS > 0) await pause(open, pauseS, either)
        const report = await loopback(open, packet, sequence, { ...play, signal: either })
        judged++
        inARow = 0
        const message = tally.add(report, clock.span(open, report.reception))
        await onMessage?.(message, report)
      })
    } catch (error) {
      if (signal.aborted) return end(signal.reason)
      if (!(error instanceof RigError)) throw error
      // Until it is seen to be lost, it says so again.
      if (error !== lastError) {
        inARow++
        await onError?.(tally.addError(error))
      }
      lastError = error
      if (inARow >= MOST_ERRORS_IN_A_ROW) return end(error)
      await setImmediate()
    }
  }
  return end(null)
}

/** Null once it is ready. */
async function whyNotReady(
  rig: SupervisedRig,
  withinS: number,
  signal: AbortSignal,
): Promise<unknown> {
  if (rig.state.state === 'ready') return null
  try {
    await rig.ready(AbortSignal.any([signal, AbortSignal.timeout(1000 * withinS)]))
    return null
  } catch (error) {
    if (signal.aborted) return signal.reason
    return rig.state.state === 'lost' ? rig.state.reason : error
  }
}

async function pause(rig: Rig, durationS: number, signal: AbortSignal): Promise<void> {
  await captureSamples(rig, { signal, durationS, onSamples: () => {} })
  signal.throwIfAborted()
}

/** Time since the first message, though a rig that was opened again has another clock. */
class SoakClock {
  #rig: Rig | undefined
  #offsetS = 0
  #endS = 0
  #endMs = 0

  span(rig: Rig, { startS, endS }: Pick<Reception, 'startS' | 'endS'>): [number, number] {
    const nowMs = machineTimebase.nowMs()
    if (!this.#rig) this.#offsetS = -startS
    // By this computer's clock meanwhile.
    else if (this.#rig !== rig) this.#offsetS = this.#endS + (nowMs - this.#endMs) / 1000 - endS
    this.#rig = rig
    this.#endMs = nowMs
    this.#endS = endS + this.#offsetS
    return [startS + this.#offsetS, this.#endS]
  }
}
