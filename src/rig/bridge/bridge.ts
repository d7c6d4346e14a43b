import type { SampleBlock } from '../../light/samples.js'
import { SYMBOL_RATES_HZ } from '../../light/symbols.js'
import { darkenAtExit } from '../darken-at-exit.js'
import { RigError, rigClosed } from '../errors.js'
import { packageVersion } from '../package-version.js'
import type { Edge, EdgeInput, Photodiode, PhotodiodeInfo, Rig, RigInfo } from '../rig.js'
import type { Timebase } from '../timebase.js'
import { BoardClock } from './board-clock.js'
import { EdgeTimes } from './edge-times.js'
import { Feed, type Stream } from './feed.js'
import { type BridgeIdentity, checkVersion, type Greeting, greet } from './identity.js'
import { rememberName } from './known-boards.js'
import type { Link } from './link.js'
import { BoardEmitter, type LightOptions, STATUS_INTERVAL_MS } from './playing.js'
import { FAST_BAUD_RATE, START_BAUD_RATE } from './port.js'
import { type BoardEvent, CLOCK_HZ, quotable } from './protocol.js'
import { Sampling } from './sampling.js'
import { isNear, misunderstood } from './understanding.js'

/** A line of 32 samples of three digits has 17 other characters; a tenth is left for all other lines. */
const BYTES_PER_SAMPLE = ((32 * 3 + 17) / 32) * 1.1
const BITS_PER_BYTE = 10

/** How the board shows the levels and looks at them. */
export interface BridgeOptions extends LightOptions {
  /** 250 to 9,000. */
  readonly sampleRateHz: number
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The microcontroller bridge as a rig. All times are of the board's clock: light, samples and edges. While it is open
 * the board is asked for its status all the time, which keeps it and its clock alive, and shows when it is lost.
 */
export class Bridge implements Rig {
  readonly info: RigInfo & { readonly photodiode: PhotodiodeInfo }
  readonly emitter: BoardEmitter
  readonly photodiode: Photodiode
  readonly edgeInput: EdgeInput
  readonly #clock: BoardClock
  readonly #lost = new AbortController()
  readonly #closing = new AbortController()
  #closed: Promise<void> | undefined
  readonly #forget: () => void
  readonly #feeds = new Map<Stream<unknown>['command'], Feed<unknown>>()

  private constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    { identity, opened }: Greeting,
    options: BridgeOptions,
    samplePeriodCycles: number,
  ) {
    const clock = new BoardClock(link, opened)
    const sampleRateHz = CLOCK_HZ / samplePeriodCycles
    this.#clock = clock
    this.info = infoOf(link.path, identity, clock, sampleRateHz)
    this.emitter = new BoardEmitter(link, timebase, clock, identity.maxSymbols, options)
    this.photodiode = {
      clock,
      sampleRateHz,
      samples: ({ signal }): AsyncIterable<SampleBlock> =>
        this.#feed(new Sampling(clock, samplePeriodCycles), signal),
    }
    this.edgeInput = {
      edges: ({ signal }): AsyncIterable<Edge> => this.#feed(new EdgeTimes(clock), signal),
    }
    this.#forget = darkenAtExit(() => link.sayLast('stop'))
    link.onEvent = (event, readS) => this.#onEvent(event, readS)
    link.onFailure = (error) => {
      for (const feed of this.#feeds.values()) feed.fail(error)
      this.#lost.abort(error)
    }
    clock.onStatus = (status) => {
      for (const feed of this.#feeds.values()) feed.hearStatus(status)
    }
    void this.#keepAlive()
  }

  /** Greets the board and sets up all that it may still have of another program. Errors: RigError. */
  static async open(link: Link, timebase: Timebase, options: BridgeOptions): Promise<Bridge> {
    const greeting = await greet(link, options.signal)
    checkVersion(greeting.identity)
    const { brightness, greyRatio, sampleRateHz } = options
    if (sampleRateHz * BYTES_PER_SAMPLE * BITS_PER_BYTE > START_BAUD_RATE) {
      await link.changeBaudRate(FAST_BAUD_RATE)
    }
    await link.command('level', { white: permille(brightness), grey: permille(greyRatio) })
    const { period, bits } = await link.request('sample', Math.round(sampleRateHz), 10)
    if (bits !== '10' || !isNear(CLOCK_HZ / period, sampleRateHz)) {
      throw misunderstood('sample rate')
    }
    return new Bridge(link, timebase, greeting, options, period)
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Names the board, for good. Throws RangeError but for 1 to 16 letters, digits, hyphens or underscores. */
  async setSerialNumber(serialNumber: string): Promise<void> {
    if (!/^[\w-]{1,16}$/.test(serialNumber)) {
      throw new RangeError('give a name of 1 to 16 letters, digits, hyphens or underscores')
    }
    await this.link.request('serial', serialNumber)
    rememberName(this.link.path, serialNumber)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    const stop = () => this.link.request('stop')
    const cause = await stop()
      .catch(stop) // what one fault has swallowed is said again
      .then(
        () => undefined,
        (error) => error,
      )
    const advice = this.link.isOpen ? 'unplug it' : 'check that it is dark'
    this.#forget()
    await this.link.close()
    for (const feed of this.#feeds.values()) feed.fail(rigClosed())
    if (cause) throw new RigError('may-be-lit', `the board's LED may be lit: ${advice}`, { cause })
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#closing
    try {
      for (;;) {
        await this.timebase.sleep(STATUS_INTERVAL_MS, signal)
        const quietMs = this.timebase.nowMs() - 1000 * this.#clock.readS
        if (quietMs >= STATUS_INTERVAL_MS / 2) await this.#clock.ask() // else somebody has asked
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof RigError)) throw error
      this.link.fail(error)
    }
  }

  #feed<T>(stream: Stream<T>, signal: AbortSignal): AsyncIterable<T> {
    if (!(signal instanceof AbortSignal)) throw new TypeError('give a signal, which ends it')
    const { command } = stream
    const previous = this.#feeds.get(command)
    if (previous?.ended === false) {
      throw new RigError('refused', `"${command}" is already on: wait until it ends`)
    }
    const feed = new Feed(this.link, stream, signal, previous)
    this.#feeds.set(command, feed)
    return feed.items
  }

  #onEvent(event: BoardEvent, readS: number): void {
    const { name } = event
    if (name === 's' || name === 'lost') this.#feeds.get('sense')?.hear(event, readS)
    else if (name === 'e' || name === 'elost') this.#feeds.get('edges')?.hear(event, readS)
    else if (name === 'end') this.emitter.hear(event, readS)
    else {
      const sentence = `the board restarted by itself (${quotable(event.reset)}): check its power supply and cable`
      this.link.fail(new RigError('reset', sentence))
    }
  }
}

function infoOf(
  path: string,
  { serialNumber, firmwareVersion, maxSymbols }: BridgeIdentity,
  { id }: BoardClock,
  sampleRateHz: number,
): RigInfo & { readonly photodiode: PhotodiodeInfo } {
  const part = {
    name: path,
    serialNumber: serialNumber === '-' ? null : serialNumber,
    firmwareVersion,
    clock: id,
  }
  return {
    kind: 'bridge',
    ...part,
    packageVersion: packageVersion(),
    symbolRatesHz: SYMBOL_RATES_HZ,
    maxSymbols,
    photodiode: { ...part, sampleRateHz },
  }
}

function permille(part: number): number {
  return Math.max(1, Math.round(part * 1000))
}
