import { ReadableStream } from 'node:stream/web'
import type { SymbolSequence } from '../../modulation/symbols.js'
import type { SampleBlock } from '../../receiver/samples.js'
import { RigError } from '../errors.js'
import type { Emitter, Photodiode, PlayOptions, PlayReport, Rig } from '../rig.js'
import type { Timebase } from '../timebase.js'
import type { BoardEvent, Fields, Link } from './link.js'

const NAME = 'blinkup-bridge'
const PROTOCOL_VERSION = '1'
const START_UP_TIMEOUT_MS = 5000
const HELLO_TIMEOUT_MS = 250
/** Well below the board's keep-alive of 1 s. */
const STATUS_INTERVAL_MS = 200
const END_TIMEOUT_MS = 1000
const SYMBOLS_PER_LINE = 96

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

/** The board's answer to `hello`. */
export interface BridgeIdentity {
  readonly firmwareVersion: string
  readonly protocolVersion: string
  readonly clockHz: number
  readonly maxSymbols: number
}

/**
 * The microcontroller bridge as a rig. Light and samples share the board's clock: `startS` of a play
 * counts from the first sample when sampling was on.
 */
export class Bridge implements Rig, Emitter, Photodiode {
  readonly emitter: Emitter = this
  readonly photodiode: Photodiode = this
  #sampling: Sampling | undefined
  #onEnd: (event: BoardEvent) => void = () => {}

  private constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    readonly identity: BridgeIdentity,
    private readonly samplePeriodCycles: number,
  ) {
    link.onEvent = (event) => this.#onEvent(event)
    link.onFailure = (error) => this.#sampling?.fail(error)
  }

  /**
   * Waits for the board's start, makes sure that it is a bridge with this protocol, turns it dark
   * and sets it up. Errors: RigError.
   */
  static async open(link: Link, timebase: Timebase, options: BridgeOptions): Promise<Bridge> {
    const identity = await identify(link, timebase, options.signal)
    await link.request('stop')
    await link.request(`level ${permille(options.brightness)} ${permille(options.greyRatio)}`)
    const { period } = await link.request(`sample ${Math.round(options.sampleRateHz)} 10`)
    return new Bridge(link, timebase, identity, Number(period))
  }

  get sampleRateHz(): number {
    return this.identity.clockHz / this.samplePeriodCycles
  }

  async play(sequence: SymbolSequence, options: PlayOptions): Promise<PlayReport> {
    const { symbolRateHz, signal, onProgress } = options
    signal?.throwIfAborted()
    const crc = await this.#load(sequence)
    await this.link.request(`rate ${symbolRateHz.toFixed(3)}`)
    signal?.throwIfAborted()

    const ended = new Promise<BoardEvent>((resolve) => {
      this.#onEnd = resolve
    })
    const started = await this.link.request(`play ${sequence.levels.length} ${crc}`)
    try {
      await this.#watch(ended, signal, onProgress)
    } catch (error) {
      await this.off().catch(() => {}) // a board that cannot hear turns dark by its keep-alive
      throw error
    }
    return this.#report(sequence, started)
  }

  async off(): Promise<void> {
    await this.link.request('stop')
  }

  samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    return new ReadableStream<SampleBlock>({
      start: async (controller) => {
        if (signal.aborted) return controller.close()
        const sampling = new Sampling(controller, this.samplePeriodCycles, this.identity.clockHz)
        this.#sampling = sampling // before the request: samples may come together with its reply
        sampling.startCycle = Number((await this.link.request('sense on')).start)
        void this.#keepSampling(sampling)
        if (signal.aborted) return this.#endSampling()
        signal.addEventListener('abort', () => void this.#endSampling(), { once: true })
      },
      cancel: () => {
        this.#sampling?.discard()
        return this.#endSampling()
      },
    })
  }

  async close(): Promise<void> {
    await this.off().catch(() => {})
    await this.link.close()
  }

  async #load(sequence: SymbolSequence): Promise<string> {
    const digits = sequence.levels.join('')
    const { maxSymbols } = this.identity
    if (digits.length > maxSymbols) {
      throw new RigError(
        'too-long',
        `the board holds ${maxSymbols} symbols and the message has ${digits.length}: shorten the sync`,
      )
    }
    let crc = ''
    for (let offset = 0; offset < digits.length; offset += SYMBOLS_PER_LINE) {
      const part = digits.slice(offset, offset + SYMBOLS_PER_LINE)
      crc = (await this.link.request(`load ${offset} ${part}`)).crc ?? ''
    }
    return crc
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
          'the board is dark but has not told how the light ended: send again',
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
      startS: this.#sampling?.secondsAt(Number(started.start)) ?? 0,
    }
  }

  /** Keeps the board alive while it samples, and notices when it does not any more. */
  async #keepSampling(sampling: Sampling): Promise<void> {
    try {
      while (!sampling.ended) {
        await this.timebase.sleep(STATUS_INTERVAL_MS)
        if (sampling.ended) return
        const { sensing } = await this.link.request('status')
        if (sensing === '0' && !sampling.ended) {
          throw new RigError(
            'broken-off',
            'the board has stopped sampling, as this computer was silent for too long: try again',
          )
        }
      }
    } catch (error) {
      sampling.fail(error)
    }
  }

  async #endSampling(): Promise<void> {
    const sampling = this.#sampling
    if (!sampling || sampling.ended) return
    sampling.ended = true
    try {
      await this.link.request('sense off') // the last samples come before the reply
      sampling.close()
    } catch (error) {
      sampling.fail(error)
    }
    this.#sampling = undefined
  }

  #onEvent(event: BoardEvent): void {
    if (event.name === 's') this.#sampling?.push(event.words[1] ?? '', event.words[2] ?? '')
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

/** The samples of one `sense`, on the board's clock from its first sample. */
class Sampling {
  /** When the first sample was held, on the board's clock. */
  startCycle = 0
  /** No more samples are wanted, or none can come. */
  ended = false
  #newestCycle = 0
  #discarded = false

  constructor(
    private readonly controller: ReadableStreamDefaultController<SampleBlock>,
    private readonly periodCycles: number,
    private readonly clockHz: number,
  ) {}

  /** A line's samples: the index of the first in hex, then three hex digits each. */
  push(indexHex: string, samplesHex: string): void {
    const index = Number.parseInt(indexHex, 16)
    const count = samplesHex.length / 3
    const timesS = new Float64Array(count)
    const levels = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      timesS[i] = ((index + i) * this.periodCycles) / this.clockHz
      levels[i] = Number.parseInt(samplesHex.slice(3 * i, 3 * i + 3), 16) / 1023
    }
    this.#newestCycle = (index + count) * this.periodCycles
    if (!this.#discarded) this.controller.enqueue({ timesS, levels })
  }

  /** Whoever wanted the samples has left; what still comes is not for anyone. */
  discard(): void {
    this.#discarded = true
  }

  /** A time of the board's clock, which wraps at 2^32 cycles, near the newest sample. */
  secondsAt(cycle: number): number {
    const wrap = 2 ** 32
    const sinceStart = cycle - this.startCycle
    const wraps = Math.round((this.#newestCycle - sinceStart) / wrap)
    return (sinceStart + wraps * wrap) / this.clockHz
  }

  close(): void {
    if (!this.#discarded) this.controller.close()
  }

  fail(error: unknown): void {
    this.ended = true
    this.controller.error(error)
  }
}

async function identify(
  link: Link,
  timebase: Timebase,
  signal: AbortSignal | undefined,
): Promise<BridgeIdentity> {
  const deadlineMs = timebase.nowMs() + START_UP_TIMEOUT_MS
  for (;;) {
    signal?.throwIfAborted()
    try {
      return identityOf(await link.request('hello', HELLO_TIMEOUT_MS))
    } catch (error) {
      // While a board starts, a bootloader may swallow or answer what is sent.
      const starting = error instanceof RigError && /^(no-answer|refused)$/.test(error.code)
      if (!starting || timebase.nowMs() > deadlineMs) throw error
    }
  }
}

function identityOf(fields: Fields): BridgeIdentity {
  if (fields.name !== NAME || fields.protocol !== PROTOCOL_VERSION) {
    throw new RigError(
      'foreign',
      `the board runs ${fields.name} with protocol ${fields.protocol}, not ${NAME} with ${PROTOCOL_VERSION}: flash firmware-bridge/image/blinkup-bridge.hex`,
    )
  }
  return {
    firmwareVersion: fields.firmware ?? '',
    protocolVersion: fields.protocol,
    clockHz: Number(fields.clock),
    maxSymbols: Number(fields.symbols),
  }
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
