import { crc16xmodem } from 'crc'
import type { SymbolSequence } from '../../modulation/symbols.js'
import type { SampleBlock } from '../../receiver/samples.js'
import { RigError } from '../errors.js'
import type { Edge, EdgeInput, Emitter, Photodiode, PlayOptions, PlayReport, Rig } from '../rig.js'
import type { Timebase } from '../timebase.js'
import { EdgeTimes } from './edge-times.js'
import { Feed, STATUS_INTERVAL_MS, type Stream } from './feed.js'
import { type BridgeIdentity, greet } from './identity.js'
import type { BoardEvent, Fields, Link } from './link.js'
import { FAST_BAUD_RATE, START_BAUD_RATE } from './port.js'
import { withSharing } from './port-users.js'
import { Sampling } from './sampling.js'

const END_TIMEOUT_MS = 1000
const SYMBOLS_PER_LINE = 96

/** A line of 32 samples of three digits has 17 other characters; a tenth is left for all other lines. */
const BYTES_PER_SAMPLE = ((32 * 3 + 17) / 32) * 1.1
const BITS_PER_BYTE = 10

/** The worst that whole PWM cycles can do, at 2,000 Hz (16 PWM cycles a symbol), is less. */
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
  #onEnd: (event: BoardEvent) => void = () => {}
  #playing = false
  readonly #feeds = new Map<Stream<unknown>['command'], Feed<unknown>>()
  readonly #openedMs: number

  private constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    readonly identity: BridgeIdentity,
    private readonly samplePeriodCycles: number,
  ) {
    this.#openedMs = timebase.nowMs()
    link.onEvent = (event) => this.#onEvent(event)
    link.onFailure = (error) => {
      for (const feed of this.#feeds.values()) feed.fail(error)
    }
  }

  /** Greets the board and sets up all that it may still have of another program. Errors: RigError. */
  static async open(link: Link, timebase: Timebase, options: BridgeOptions): Promise<Bridge> {
    const identity = await greet(link, options.signal)
    const { brightness, greyRatio, sampleRateHz } = options
    if (sampleRateHz * BYTES_PER_SAMPLE * BITS_PER_BYTE > START_BAUD_RATE) {
      await link.changeBaudRate(FAST_BAUD_RATE)
    }
    await link.command('level', { white: permille(brightness), grey: permille(greyRatio) })
    const { period } = await link.request(`sample ${Math.round(sampleRateHz)} 10`)
    return new Bridge(link, timebase, identity, Number(period))
  }

  get sampleRateHz(): number {
    return this.identity.clockHz / this.samplePeriodCycles
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
    await this.#load(sequence.levels.join(''))
    await this.#setRate(symbolRateHz)
    signal?.throwIfAborted()

    const ended = new Promise<BoardEvent>((resolve) => {
      this.#onEnd = resolve
    })
    try {
      const started = await this.link.request(playCommand(sequence))
      await this.#watch(ended, signal, onProgress)
      return this.#report(sequence, started)
    } catch (error) {
      await this.off().catch(() => {}) // a board that cannot hear turns dark by its keep-alive
      throw error
    }
  }

  /** Names the board, for good. Throws RangeError but for 1 to 16 letters, digits, hyphens or underscores. */
  async setSerialNumber(serialNumber: string): Promise<void> {
    if (!/^[\w-]{1,16}$/.test(serialNumber)) {
      throw new RangeError('give a name of 1 to 16 letters, digits, hyphens or underscores')
    }
    await this.link.request(`serial ${serialNumber}`)
  }

  async off(): Promise<void> {
    await this.link.request('stop')
  }

  samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    const periodS = this.samplePeriodCycles / this.identity.clockHz
    return this.#feed(new Sampling((cycle) => this.#secondsAt(cycle), periodS), signal)
  }

  /** Edges on D8, timed to 62.5 ns. */
  edges({ signal }: { signal: AbortSignal }): AsyncIterable<Edge> {
    return this.#feed(new EdgeTimes((cycle) => this.#secondsAt(cycle)), signal)
  }

  async close(): Promise<void> {
    await this.off().catch(() => {})
    await this.link.close()
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
      await this.link.request(`load ${offset} ${digits.slice(offset, offset + SYMBOLS_PER_LINE)}`)
    }
  }

  async #setRate(symbolRateHz: number): Promise<void> {
    const { period } = await this.link.request(`rate ${symbolRateHz.toFixed(3)}`)
    if (Math.abs(this.identity.clockHz / Number(period) / symbolRateHz - 1) > RATE_TOLERANCE) {
      throw new RigError('damaged', 'the board has understood another symbol rate: send again')
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

  /** A time of the board's clock, which wraps every 268 s, near this moment of the host's. */
  #secondsAt(cycle: number): number {
    const { clockHz, nowCycle } = this.identity
    const wrap = 2 ** 32
    const sinceOpened = cycle - nowCycle
    const elapsed = ((this.timebase.nowMs() - this.#openedMs) / 1000) * clockHz
    return (sinceOpened + Math.round((elapsed - sinceOpened) / wrap) * wrap) / clockHz
  }

  /** Keeps the board alive until it tells the end. */
  async #watch(
    ended: Promise<BoardEvent>,
    signal: AbortSignal | undefined,
    onProgress: PlayOptions['onProgress'],
  ): Promise<void> {
    let end: BoardEvent | undefined
    let darkSinceMs: number | undefined
    ended.then((event) => {
      end = event
    })
    while (!end) {
      await Promise.race([ended, this.timebase.sleep(STATUS_INTERVAL_MS, signal)])
      if (end) break
      const status = await this.link.request('status')
      onProgress?.(Number(status.symbols))
      if (status.playing === '1') continue
      darkSinceMs ??= this.timebase.nowMs()
      if (this.timebase.nowMs() - darkSinceMs > END_TIMEOUT_MS) {
        throw new RigError(
          'broken-off',
          withSharing(
            this.link.path,
            'the board is dark but has not told how the light ended: send again',
          ),
        )
      }
    }
    const { words, fields } = end
    if (words[1] !== 'done') throw brokenOff(words[1], fields)
    onProgress?.(Number(fields.symbols))
  }

  #report(sequence: SymbolSequence, started: Fields): PlayReport {
    const { clockHz } = this.identity
    return {
      symbols: sequence.levels.length,
      symbolRateHz: clockHz / Number(started.period),
      greyRatio: Number(started.grey) / Number(started.white),
      startS: this.#secondsAt(Number(started.start)),
    }
  }

  #onEvent(event: BoardEvent): void {
    if (event.name === 's') this.#feeds.get('sense')?.hear(event)
    else if (event.name === 'e' || event.name === 'elost') this.#feeds.get('edges')?.hear(event)
    else if (event.name === 'end') this.#onEnd(event)
    else if (event.name === 'ready') {
      this.link.fail(
        new RigError(
          'reset',
          `the board restarted by itself (${event.fields.reset}): check its supply and cable`,
        ),
      )
    }
  }
}

/** The board plays only what has this count and CRC, so that no damage on the way becomes light. */
function playCommand({ levels }: SymbolSequence): string {
  const crc = crc16xmodem(Buffer.from(levels.join(''), 'latin1'))
  return `play ${levels.length} ${crc.toString(16).padStart(4, '0')}`
}

function brokenOff(how: string | undefined, fields: Fields): RigError {
  const why =
    how === 'keepalive'
      ? 'this computer was silent for too long'
      : `a symbol was ${fields.late} cycles late`
  return new RigError(
    'broken-off',
    `the board broke off after ${fields.symbols} symbols, as ${why}: send again`,
  )
}

function permille(part: number): number {
  return Math.max(1, Math.round(part * 1000))
}
