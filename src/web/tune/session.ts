import { z } from 'zod'
import { AIM_ADVICE } from '../../bench/aiming.js'
import { type HoldOptions, holdLevel } from '../../bench/hold-level.js'
import { loopback } from '../../bench/loopback.js'
import type { Message } from '../../bench/message.js'
import { Batches } from '../../bench/tuning/batches.js'
import { gradeOfAim, judgeKnown, tuningFigures } from '../../bench/tuning/figures.js'
import { adviseGain, GAIN_OHM } from '../../bench/tuning/gain-resistor.js'
import { LiveLight } from '../../bench/tuning/live-light.js'
import { BLACK, GREY, type SymbolLevel, WHITE } from '../../modulation/index.js'
import { maskSecrets } from '../../packet/index.js'
import type { Reception, SampleBlock } from '../../receiver/index.js'
import { RigError } from '../../rig/errors.js'
import { SampleFanOut } from '../../rig/fan-out.js'
import type { LightPath, Photodiode, Rig, RigInfo } from '../../rig/rig.js'
import { type RigState, SupervisedRig } from '../../rig/supervised.js'
import { machineTimebase } from '../../rig/timebase.js'
import { pageLight } from '../page-light.js'
import { Refusal } from '../page-server.js'
import { rigStateOf, verdictOfRead, verdictOfSent } from './event-data.js'
import type { Row, TuneEvent, TuneMessage, TuneState, TuneVerdict } from './events.js'

/** Blocks of light and states, by the time of the samples. */
const BLOCKS_A_SECOND = 15
const STATE_EVERY_S = 0.2
/** So much of the light can be downloaded. */
export const KEPT_S = 120
const MESSAGES_KEPT = 20
/** Before a rig that has failed, and was not lost, is used again. */
const RETRY_MS = 1000

const HELD = ['black', 'grey', 'white'] as const

/** What a page may ask for. */
const ACTION = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('hold'), level: z.enum(HELD) }),
  z.strictObject({ do: z.enum(['send', 'stop', 'start']) }),
  z.strictObject({ do: z.literal('gain'), ohm: z.number().min(GAIN_OHM[0]).max(GAIN_OHM[1]) }),
])

export interface TuneOptions {
  /** Opens the rig, each time anew. It must have a photodiode. */
  readonly open: (signal: AbortSignal) => Promise<Rig>
  /** What the page may send: nothing that is a secret. */
  readonly message: Message
  readonly symbolRateHz: number
  readonly gainOhm: number
  /** What a reception shows of its light, in words. */
  readonly describe: (reception: Reception) => readonly Row[]
  readonly onEvent: (event: TuneEvent) => void
  /** Is told each change of the rig, and why it failed otherwise. */
  readonly onRig?: (state: RigState) => void
}

/**
 * A rig whose light is watched, and played as a page wants it: opened again whenever it was lost. Disposing ends all, with the LED dark, or rejects with a RigError
 * 'may-be-lit'.
 */
export class TuneSession implements AsyncDisposable {
  /** Rejects with what no other attempt mends. */
  readonly failed: Promise<never>
  readonly #rig: SupervisedRig
  readonly #end = new AbortController()
  readonly #running: Promise<void>
  #fail: (error: unknown) => void = () => {}
  #wanted: SymbolLevel | 'send' | 'stop' = BLACK
  /** Aborts when something else is wanted. */
  #change = new AbortController()
  #progress = 0
  /** What came of the last message that was sent, until something else is wanted; or why the light failed. */
  #outcome: TuneVerdict | null = null
  #opening = 0
  /** Null until a rig was opened. */
  #light: LiveLight | null = null
  #info: RigInfo | null = null
  #gainOhm: number
  #messages: TuneMessage[] = []
  #receptions: Reception[] = []
  #lastId = 0
  #stateDueS = 0

  constructor(private readonly options: TuneOptions) {
    this.#gainOhm = options.gainOhm
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failed.catch(() => {}) // whoever waits for it is told
    this.#rig = new SupervisedRig({
      open: options.open,
      onState: (state) => {
        options.onRig?.(state)
        this.#tellState()
      },
    })
    this.#running = this.#run()
  }

  /** The rig that is, or was last. */
  get info(): RigInfo | null {
    return this.#info
  }

  get light(): LiveLight | null {
    return this.#light
  }

  /** The last message that was seen, good or failed, by the clock of `light`. */
  get lastReception(): Reception | null {
    return this.#receptions.at(-1) ?? null
  }

  /** Of the message that the page may send. */
  get testPacket(): Uint8Array {
    return this.options.message.packet
  }

  /** What one who comes now has to know. */
  get greeting(): TuneEvent[] {
    const messages = this.#messages.map((data) => ({ name: 'reception' as const, data }))
    return [{ name: 'state', data: this.state }, ...messages]
  }

  get state(): TuneState {
    const light = this.#light
    const view = light?.view ?? { held: BLACK, now: null, black: null, grey: null, white: null }
    return {
      rig: { ...rigStateOf(this.#rig.state), sampleRateHz: light?.sampleRateHz ?? null },
      activity: this.#activity,
      progress: this.#progress,
      verdict: this.#verdict,
      now: light?.now ?? null,
      figures: tuningFigures(view, light?.flicker ?? null),
      gainOhm: this.#gainOhm,
      gain: adviseGain(view, this.#gainOhm),
      lostSamples: light?.lostSamples ?? 0,
    }
  }

  /**
   * Does what a page asks for.
   *
   * @throws Refusal for what is no action, and for light that the rig cannot make now
   */
  act(input: unknown): void {
    const { data: action } = ACTION.safeParse(input)
    if (!action) throw new Refusal(400, 'there is no such action')
    if (action.do === 'gain') this.#gainOhm = action.ohm
    else if (this.#rig.state.state !== 'busy') {
      throw new Refusal(409, 'the rig is not ready: see its state')
    } else if (action.do === 'hold') this.#want(HELD.indexOf(action.level) as SymbolLevel)
    else if (action.do === 'start') this.#want(this.#wanted === 'stop' ? BLACK : this.#wanted)
    else this.#want(action.do)
    this.#tellState()
  }

  /** Nobody looks any more: no level is held for nobody. A message that is being sent comes to its end. */
  leave(): void {
    if (this.#wanted === GREY || this.#wanted === WHITE) this.#want(BLACK)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort()
    await this.#rig[Symbol.asyncDispose]().finally(() => this.#running)
  }

  get #activity(): TuneState['activity'] {
    const wanted = this.#wanted
    return wanted === 'send' ? 'sending' : wanted === 'stop' ? 'stopped' : HELD[wanted]
  }

  get #verdict(): TuneVerdict {
    const { state } = this.#rig
    const none = (title: string, text: string): TuneVerdict => ({ grade: null, title, text })
    if (state.state !== 'busy') return none('No rig', rigStateOf(state).text)
    if (this.#outcome) return this.#outcome
    if (this.#wanted === 'stop') return none('Stopped', 'the LED is dark, and nothing is watched')
    if (this.#wanted === 'send') return none('Sending', 'the test message is being sent')
    if (!this.#light) return none('Waiting', AIM_ADVICE.waiting)
    const verdict = judgeKnown(this.#light.view)
    const grade = gradeOfAim(verdict)
    const text = AIM_ADVICE[verdict].replace(/^good: /, '')
    if (verdict === 'dark') return none('Dark', `${text}: hold white, or send the test message`)
    const title = grade && { good: 'Good', marginal: 'Could be better', bad: 'Change this' }[grade]
    return { grade, title: title ?? 'Waiting', text }
  }

  #want(wanted: SymbolLevel | 'send' | 'stop'): void {
    this.#wanted = wanted
    this.#outcome = null
    this.#progress = 0
    this.#change.abort()
  }

  #tellState(): void {
    this.options.onEvent({ name: 'state', data: this.state })
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    try {
      while (!signal.aborted) {
        await this.#rig.ready(signal)
        await this.#rig
          .use((rig, lost) => this.#live(rig, lost))
          .catch((error) => this.#bear(error))
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error)
    }
  }

  /** What was wrong with a rig is told; it is tried again, dark. */
  async #bear(error: unknown): Promise<void> {
    if (!(error instanceof RigError)) throw error
    this.#want(BLACK)
    this.#outcome = { grade: 'bad', title: 'The rig failed', text: error.message }
    await machineTimebase.sleep(RETRY_MS, this.#end.signal).catch(() => {})
  }

  /** Until the rig is lost, or all is to end. */
  async #live({ photodiode, emitter, info }: Rig, signal: AbortSignal): Promise<void> {
    if (!photodiode) throw new TypeError('to see the light takes a rig with a photodiode')
    signal.throwIfAborted()
    this.#opening++
    this.#info = info
    this.#light = new LiveLight(photodiode.sampleRateHz, KEPT_S)
    this.#messages = []
    this.#receptions = []
    this.#stateDueS = Number.NEGATIVE_INFINITY
    this.#want(BLACK)
    this.#tellState()
    for (;;) {
      this.#change = new AbortController()
      if (this.#wanted !== 'stop') await this.#watch({ emitter, photodiode }, signal)
      else await aborted(AbortSignal.any([signal, this.#change.signal]))
      signal.throwIfAborted()
    }
  }

  /** Watches the light while one thing after another is wanted of it, until it is to stop. */
  async #watch(path: LightPath & { photodiode: Photodiode }, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const fanOut = new SampleFanOut(path.photodiode)
    const seeing = this.#see(fanOut, over.signal).catch((error) => over.abort(error))
    const shared = { emitter: path.emitter, photodiode: fanOut }
    const end = AbortSignal.any([signal, over.signal])
    try {
      await this.#lookAtDark(shared, end)
      while (this.#wanted !== 'stop') {
        this.#change = new AbortController()
        await this.#play(shared, end)
      }
    } finally {
      over.abort()
      await seeing
      await fanOut[Symbol.asyncDispose]()
    }
  }

  async #see(photodiode: Photodiode, signal: AbortSignal): Promise<void> {
    const batches = new Batches(Math.ceil(photodiode.sampleRateHz / BLOCKS_A_SECOND))
    for await (const block of photodiode.samples({ signal })) {
      for (const batch of batches.push(block)) this.#take(batch)
    }
  }

  #take(batch: SampleBlock): void {
    const light = this.#light as LiveLight
    const receptions = light.push(batch)
    const newestS = batch.timesS.at(-1)
    if (newestS === undefined) return // there is nothing but a gap
    this.options.onEvent({ name: 'light', data: pageLight(batch, this.#opening) })
    for (const reception of receptions) this.#tellMessage(reception)
    if (receptions.length === 0 && newestS < this.#stateDueS) return
    this.#stateDueS = newestS + STATE_EVERY_S
    this.#tellState()
  }

  #tellMessage(reception: Reception): void {
    const { startS, endS } = reception
    const data: TuneMessage = {
      id: ++this.#lastId,
      opening: this.#opening,
      startS,
      endS,
      verdict: verdictOfRead(reception),
      settings: reception.kind === 'message' ? JSON.stringify(maskSecrets(reception.config)) : null,
      rows: this.options.describe(reception).filter(([, text]) => text !== null),
    }
    this.#messages = [...this.#messages, data].slice(-MESSAGES_KEPT)
    this.#receptions = [...this.#receptions, reception].slice(-MESSAGES_KEPT)
    this.options.onEvent({ name: 'reception', data })
  }

  /** Plays what is wanted, until something else is. */
  async #play(path: LightPath, signal: AbortSignal): Promise<void> {
    const wanted = this.#wanted
    if (wanted === 'stop') return
    if (wanted === 'send') return this.#send(path, signal)
    await this.#hold(path, wanted, { signal, enough: this.#change.signal })
  }

  /** Without it no other level says anything. */
  async #lookAtDark(path: LightPath, signal: AbortSignal): Promise<void> {
    const enough = new AbortController()
    await this.#hold(path, BLACK, { signal, enough: enough.signal }, () => {
      if (this.#light?.knowsHeld) enough.abort()
    })
  }

  async #hold(
    path: LightPath,
    level: SymbolLevel,
    signals: Pick<HoldOptions, 'signal' | 'enough'>,
    onSamples = () => {},
  ): Promise<void> {
    let isHeld = false
    // At once: what comes from now on may be of another level.
    signals.enough.addEventListener('abort', () => this.#light?.release())
    await holdLevel(path, level, {
      ...signals,
      onSamples: ({ timesS: [firstS] }) => {
        if (!isHeld && firstS !== undefined) this.#light?.hold(level, firstS)
        isHeld ||= firstS !== undefined
        onSamples()
      },
    })
  }

  async #send(path: LightPath, signal: AbortSignal): Promise<void> {
    const { message, symbolRateHz } = this.options
    const { packet, sequence } = message
    const change = this.#change.signal
    try {
      const report = await loopback(path, packet, sequence, {
        symbolRateHz,
        signal: AbortSignal.any([signal, change]),
        onProgress: (played) => {
          this.#progress = played / sequence.levels.length
        },
      })
      this.#want(BLACK)
      this.#outcome = verdictOfSent(packet, report)
      this.#tellState()
    } catch (error) {
      if (!change.aborted || signal.aborted) throw error
    }
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
