import type { Dialect } from '../../light/dialects.js'
import { LIGHT_LIMITS } from '../../light/limits.js'
import type { CompleteConfig } from '../../rig/config.js'
import { LateLightError } from '../../rig/errors.js'
import { openRig } from '../../rig/open.js'
import type { Rig, RigInfo } from '../../rig/rig.js'
import { loopback } from '../loopback.js'
import { makeMessage } from '../message.js'
import type { VerdictFailure } from '../verdict.js'
import { type PointSettings, rigAt } from './axes.js'
import { randomSettings } from './random-message.js'

/** What a rig cannot play, or the receiver is not made to read: there is no light for it. */
export const BOUNDS = {
  'symbol-rate': 'The emitter does not play that symbol rate.',
  'samples-per-symbol':
    'The photodiode gives fewer samples a symbol than a message can be read by.',
  'too-long': 'The emitter does not hold so many symbols.',
} as const
export type Bound = keyof typeof BOUNDS

/** Why a message failed: as a loopback, or because the computer that times the light was late. */
export type PlayFailure = VerdictFailure | 'late-light'

/** One message to be played. All of it can be sent to another thread. */
export interface Order {
  readonly rig: CompleteConfig
  readonly settings: PointSettings
  readonly dialect: Dialect
  readonly syncSymbols: number | undefined
  /** Of the message: each has another. */
  readonly seed: number
}

/** How far a message that passed was from failing. Null for what its light did not show. */
export interface Margins {
  /** Of the least certain bit: 0 at the threshold, 1 as far as its level. */
  readonly bit: number | null
  readonly eyeHeight: number | null
  readonly eyeWidth: number | null
  readonly snrDb: number | null
}

/** What came of a message. */
export type Played =
  | { readonly kind: 'pass'; readonly margins: Margins }
  | { readonly kind: 'fail'; readonly reason: PlayFailure }
  | { readonly kind: 'unplayable'; readonly bound: Bound }

/** Plays one message after another, on a rig of its own that stays open from one to the next. Disposing leaves the LED dark. */
export interface Player extends AsyncDisposable {
  /** Rejects with RigError, or the signal's reason. What is played must have ended before the next. */
  play(order: Order, signal: AbortSignal): Promise<Played>
}

/** A player in this thread. The rig is opened anew only where its settings are others. */
export class RigPlayer implements Player {
  #open: { readonly rig: Rig; readonly config: string } | undefined
  #info: RigInfo | null = null

  /** Of the rig that was opened last; null before any. */
  get info(): RigInfo | null {
    return this.#info
  }

  async play(order: Order, signal: AbortSignal): Promise<Played> {
    const rig = await this.#rigFor(rigAt(order.rig, order.settings), signal)
    const { settings, dialect, syncSymbols, seed } = order
    const { symbolRateHz, messageBytes } = settings
    const { packet, sequence } = makeMessage(randomSettings(messageBytes, seed), {
      symbolRateHz,
      dialect,
      syncSymbols,
    })
    const bound = boundOf(rig, symbolRateHz, sequence.levels.length)
    if (bound) return { kind: 'unplayable', bound }
    try {
      const report = await loopback(rig, packet, sequence, { symbolRateHz, signal })
      if (report.verdict === 'fail') return { kind: 'fail', reason: report.reason }
      const { leastCertainBit, eyeHeight, eyeWidth, snrDb } = report.reception.quality
      const margins = { bit: leastCertainBit?.margin ?? null, eyeHeight, eyeWidth, snrDb }
      return { kind: 'pass', margins }
    } catch (error) {
      // It is a limit of the settings, not a fault of the rig, when only the pace was too high.
      if (error instanceof LateLightError && !rig.lost.aborted) {
        return { kind: 'fail', reason: 'late-light' }
      }
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#open
    this.#open = undefined
    await opened?.rig[Symbol.asyncDispose]()
  }

  async #rigFor(complete: CompleteConfig, signal: AbortSignal): Promise<Rig> {
    const config = JSON.stringify(complete)
    if (this.#open?.config !== config) {
      await this[Symbol.asyncDispose]()
      this.#open = { rig: await openRig(complete, signal), config }
      this.#info = this.#open.rig.info
    }
    return this.#open.rig
  }
}

const [LEAST_SAMPLES_A_SYMBOL] = LIGHT_LIMITS.samplesPerSymbol.marginal

function boundOf({ info, photodiode }: Rig, symbolRateHz: number, symbols: number): Bound | null {
  const [leastHz, mostHz] = info.symbolRatesHz
  if (symbolRateHz < leastHz || symbolRateHz > mostHz) return 'symbol-rate'
  if (info.maxSymbols !== null && symbols > info.maxSymbols) return 'too-long'
  const samplesPerSymbol = (photodiode?.sampleRateHz ?? 0) / symbolRateHz
  return samplesPerSymbol < LEAST_SAMPLES_A_SYMBOL ? 'samples-per-symbol' : null
}
