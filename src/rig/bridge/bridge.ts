import type { SampleBlock } from '../../light/samples.js'
import type { SymbolSequence } from '../../light/symbols.js'
import { darkenAtExit } from '../darken-at-exit.js'
import { RigError, UntimelyLightError } from '../errors.js'
import type {
  ClockReading,
  Edge,
  EdgeInput,
  Emitter,
  Photodiode,
  PlayOptions,
  PlayReport,
  Rig,
} from '../rig.js'
import type { Timebase } from '../timebase.js'
import { BoardClock, disagreementS } from './board-clock.js'
import { EdgeTimes } from './edge-times.js'
import { Feed, STATUS_INTERVAL_MS, type Stream } from './feed.js'
import { type BridgeIdentity, type Greeting, greet } from './identity.js'
import type { Answer, Between, Link } from './link.js'
import { FAST_BAUD_RATE, START_BAUD_RATE } from './port.js'
import { withSharing } from './port-users.js'
import { type BoardEvent, CLOCK_HZ, checksumOf, crcOf, quotable } from './protocol.js'
import { Sampling } from './sampling.js'

/** How long the board may take to tell of the end, when the light has ended. */
const END_TIMEOUT_S = 1
/** From the reply to the first symbol. */
const LEAD_S = 0.1
const SYMBOLS_PER_LINE = 96

/** A line of 32 samples of three digits has 17 other characters; a tenth is left for all other lines. */
const BYTES_PER_SAMPLE = ((32 * 3 + 17) / 32) * 1.1
const BITS_PER_BYTE = 10

/** The worst that whole PWM cycles can do, at 2,000 Hz (16 PWM cycles a symbol), is less; and so it is of sample periods. */
const RATE_TOLERANCE = 0.002

/** How the board shows the levels and looks at them. */
export interface BridgeOptions {
  /** White as a part of full light, above 0 to 1. */
  readonly brightness: number
  /** Grey's light as a part of white's, above 0 to 1. */
  readonly greyRatio: number
  /** 250 to 9,000. */
  readonly sampleRateHz: number
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The microcontroller bridge as a rig. All times are of the board's clock, in seconds since it was
 * opened: light, samples and edges.
 */
export class Bridge implements Rig, Emitter, Photodiode, EdgeInput {
  readonly emitter: Emitter = this
  readonly photodiode: Photodiode = this
  readonly edgeInput: EdgeInput = this
  readonly clock: BoardClock
  readonly sampleRateHz: number
  #onEnd: (end: End) => void = () => {}
  #playing = false
  #closed: Promise<void> | undefined
  readonly #forget: () => void
  readonly #feeds = new Map<Stream<unknown>['command'], Feed<unknown>>()

  private constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    readonly identity: BridgeIdentity,
    opened: Greeting['opened'],
    private readonly options: BridgeOptions,
    private readonly samplePeriodCycles: number,
  ) {
    this.clock = new BoardClock(link, timebase, opened)
    this.sampleRateHz = CLOCK_HZ / samplePeriodCycles
    this.#forget = darkenAtExit(() => link.sayLast('stop'))
    link.onEvent = (event, readS) => this.#onEvent(event, readS)
    link.onFailure = (error) => {
      for (const feed of this.#feeds.values()) feed.fail(error)
    }
  }

  /** Greets the board and sets up all that it may still have of another program. Errors: RigError. */
  static async open(link: Link, timebase: Timebase, options: BridgeOptions): Promise<Bridge> {
    const { identity, opened } = await greet(link, options.signal)
    const { brightness, greyRatio, sampleRateHz } = options
    if (sampleRateHz * BYTES_PER_SAMPLE * BITS_PER_BYTE > START_BAUD_RATE) {
      await link.changeBaudRate(FAST_BAUD_RATE)
    }
    await link.command('level', { white: permille(brightness), grey: permille(greyRatio) })
    const { period, bits } = await link.request('sample', Math.round(sampleRateHz), 10)
    if (bits !== '10' || !isNear(CLOCK_HZ / period, sampleRateHz)) {
      throw misunderstood('sample rate')
    }
    return new Bridge(link, timebase, identity, opened, options, period)
  }

  async play(sequence: SymbolSequence, options: PlayOptions): Promise<PlayReport> {
    const { symbolRateHz, signal, onProgress } = options
    if (this.#playing) throw new RigError('refused', 'a message is playing: wait for its end')
    signal?.throwIfAborted()
    this.#playing = true
    try {
      return await this.#play(sequence, symbolRateHz, signal, onProgress)
    } finally {
      this.#playing = false
    }
  }

  async #play(
    sequence: SymbolSequence,
    symbolRateHz: number,
    signal: AbortSignal | undefined,
    onProgress: PlayOptions['onProgress'],
  ): Promise<PlayReport> {
    const digits = sequence.levels.join('')
    await this.#load(digits)
    const { period } = await this.link.request('rate', symbolRateHz.toFixed(3))
    if (!isNear(CLOCK_HZ / period, symbolRateHz)) throw misunderstood('symbol rate')
    signal?.throwIfAborted()

    const ended = new Promise<End>((resolve) => {
      this.#onEnd = resolve
    })
    try {
      // The board plays only what has this count and CRC, so that no damage on the way becomes light.
      const started = await this.link.request('play', digits.length, checksumOf(digits))
      const report = this.#report(digits.length, started, period)
      const start = { timeS: report.startS, fromS: started.fromS, toS: started.toS + LEAD_S }
      this.#checkTime(start)
      const endS = report.startS + report.symbols / report.symbolRateHz
      const { fromS, toS } = await this.#watch(ended, report, start, signal, onProgress)
      const earlyS = disagreementS(start, { timeS: endS, fromS, toS })
      if (earlyS !== 0) throw new UntimelyLightError(report, earlyS)
      await this.#outlast(started.fromS + digits.length / report.symbolRateHz, signal)
      return report
    } catch (error) {
      // What has ended is dark; `stop` would end the samples, too. Where nothing answers `close` says so.
      if (!(error instanceof UntimelyLightError)) await this.off().catch(() => {})
      throw error
    }
  }

  /** Names the board, for good. Throws RangeError but for 1 to 16 letters, digits, hyphens or underscores. */
  async setSerialNumber(serialNumber: string): Promise<void> {
    if (!/^[\w-]{1,16}$/.test(serialNumber)) {
      throw new RangeError('give a name of 1 to 16 letters, digits, hyphens or underscores')
    }
    await this.link.request('serial', serialNumber)
  }

  async off(): Promise<void> {
    await this.link.request('stop')
  }

  samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    const begun = ({ start, period, fromS, toS }: Answer<'sense on'>): ClockReading => {
      if (period !== this.samplePeriodCycles) throw misunderstood('sample rate')
      const reading = { timeS: this.clock.secondsAt(start), fromS, toS: toS + LEAD_S }
      this.#checkTime(reading)
      return reading
    }
    return this.#feed(new Sampling(begun, 1 / this.sampleRateHz), signal)
  }

  /** Edges on D8, timed to 62.5 ns. */
  edges({ signal }: { signal: AbortSignal }): AsyncIterable<Edge> {
    return this.#feed(new EdgeTimes(this.clock), signal)
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const isDark = (await this.#isDark()) || (await this.#isDark()) // what one fault has swallowed is said again
    const remedy = this.link.isOpen ? 'unplug it' : 'see whether it is dark'
    this.#forget()
    await this.link.close()
    if (!isDark) throw new RigError('may-be-lit', `the board's LED may be lit: ${remedy}`)
  }

  async #isDark(): Promise<boolean> {
    return this.off().then(
      () => true,
      () => false,
    )
  }

  async #load(digits: string): Promise<void> {
    const { maxSymbols } = this.identity
    if (digits.length > maxSymbols) {
      throw new RigError(
        'too-long',
        `the board holds ${maxSymbols} symbols and the message has ${digits.length}: shorten the sync`,
      )
    }
    try {
      await this.#loadLines(digits)
    } catch (error) {
      // A line that comes without its tag and checksum, as if typed by hand, makes the board forget those before it.
      if (!(error instanceof RigError && error.code === 'refused')) throw error
      await this.#loadLines(digits)
    }
  }

  async #loadLines(digits: string): Promise<void> {
    for (let offset = 0; offset < digits.length; offset += SYMBOLS_PER_LINE) {
      const end = Math.min(offset + SYMBOLS_PER_LINE, digits.length)
      const loaded = await this.link.request('load', offset, digits.slice(offset, end))
      if (loaded.symbols !== end || loaded.crc !== crcOf(digits.slice(0, end))) {
        throw new RigError('damaged', 'the board has loaded other symbols: send again')
      }
    }
  }

  #feed<T>(stream: Stream<T>, signal: AbortSignal): AsyncIterable<T> {
    const { command } = stream
    if (this.#feeds.get(command)?.ended === false) {
      throw new RigError('refused', `"${command}" is on already: wait for its end`)
    }
    const feed = new Feed(this.link, this.timebase, stream, signal)
    this.#feeds.set(command, feed)
    return feed.items
  }

  /** Refuses a time of the board's clock that it cannot have had. */
  #checkTime(reading: ClockReading): void {
    const offS = disagreementS(this.clock.origin, reading)
    if (offS === 0) return
    throw new RigError(
      'damaged',
      `the board's clock is ${Math.abs(offS).toFixed(1)} s ${offS > 0 ? 'ahead of' : 'behind'} this computer's: its crystal is not the one that it is flashed for, or it has hung; take another board`,
    )
  }

  /** Keeps the board alive until it tells the end, and tells between which times that was. */
  async #watch(
    ended: Promise<End>,
    { symbols, symbolRateHz }: PlayReport,
    start: Between,
    signal: AbortSignal | undefined,
    onProgress: PlayOptions['onProgress'],
  ): Promise<Between> {
    let end: End | undefined
    let darkSinceS: number | undefined
    let playingS = start.fromS
    const durationS = symbols / symbolRateHz
    ended.then((event) => {
      end = event
    })
    while (!end) {
      await Promise.race([ended, this.timebase.sleep(STATUS_INTERVAL_MS, signal)])
      if (end) break
      const status = await this.link.request('status')
      onProgress?.(Math.min(status.symbols, symbols))
      if (status.playing) {
        playingS = status.fromS
        const lateS = disagreementS({ ...start, timeS: 0 }, { ...status, timeS: durationS })
        if (lateS < -END_TIMEOUT_S) {
          throw new RigError(
            'broken-off',
            `the board still plays a message that takes ${durationS.toFixed(1)} s: reset it, and send again`,
          )
        }
        continue
      }
      darkSinceS ??= status.fromS
      if (status.toS - darkSinceS > END_TIMEOUT_S) {
        throw new RigError(
          'broken-off',
          withSharing(
            this.link.path,
            'the board is dark but has not told how the light ended: send again',
          ),
        )
      }
    }
    if (end.how !== 'done' || end.late > end.limit) throw brokenOff(end)
    if (end.symbols !== symbols) {
      throw new RigError(
        'broken-off',
        `the board says that it has played ${end.symbols} of ${symbols} symbols: send again`,
      )
    }
    onProgress?.(symbols)
    return { fromS: playingS, toS: end.readS }
  }

  /** Whatever the board says, its light is not cut off before it can have ended, at a time of this computer's clock. */
  async #outlast(endS: number, signal: AbortSignal | undefined): Promise<void> {
    let leftMs = 1000 * endS - this.timebase.nowMs()
    while (leftMs > 0) {
      await this.timebase.sleep(Math.min(leftMs, STATUS_INTERVAL_MS), signal)
      const { playing, toS } = await this.link.request('status')
      leftMs = 1000 * (endS - toS)
      if (leftMs > 0 || !playing) continue
      throw new RigError(
        'broken-off',
        'the board says that the light has ended, and that it plays: reset it, and send again',
      )
    }
  }

  #report(symbols: number, started: Answer<'play'>, periodCycles: number): PlayReport {
    const { start, period, top, white, grey } = started
    const { brightness, greyRatio } = this.options
    const isAsked =
      Math.abs(white - brightness * top) <= 1 && Math.abs(grey - greyRatio * white) <= 1
    if (period !== periodCycles || !isAsked) throw misunderstood('light')
    return {
      symbols,
      symbolRateHz: CLOCK_HZ / period,
      greyRatio: grey / white,
      startS: this.clock.secondsAt(start),
    }
  }

  #onEvent(event: BoardEvent, readS: number): void {
    const { name } = event
    if (name === 's' || name === 'lost') this.#feeds.get('sense')?.hear(event, readS)
    else if (name === 'e' || name === 'elost') this.#feeds.get('edges')?.hear(event, readS)
    else if (name === 'end') this.#onEnd({ ...event, readS })
    else {
      const sentence = `the board restarted by itself (${quotable(event.reset)}): check its supply and cable`
      this.link.fail(new RigError('reset', sentence))
    }
  }
}

type End = Extract<BoardEvent, { name: 'end' }> & { readonly readS: number }

function brokenOff({ how, symbols, late }: End): RigError {
  const why =
    how === 'keepalive'
      ? 'this computer was silent for too long'
      : `a symbol was ${late} cycles late`
  return new RigError(
    'broken-off',
    `the board broke off after ${symbols} symbols, as ${why}: send again`,
  )
}

function misunderstood(what: string): RigError {
  return new RigError('damaged', `the board has understood another ${what}: send again`)
}

const isNear = (madeHz: number, wantedHz: number): boolean =>
  Math.abs(madeHz / wantedHz - 1) <= RATE_TOLERANCE

function permille(part: number): number {
  return Math.max(1, Math.round(part * 1000))
}
