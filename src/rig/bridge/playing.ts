import type { SymbolSequence } from '../../light/symbols.js'
import { checkPlay } from '../check-play.js'
import { RigError, UntimelyLightError } from '../errors.js'
import type { Emitter, PlayOptions, PlayReport } from '../rig.js'
import type { Timebase } from '../timebase.js'
import type { BoardClock } from './board-clock.js'
import type { Answer, Between, Link } from './link.js'
import { withSharing } from './port-users.js'
import { type BoardEvent, CLOCK_HZ, checksumOf, crcOf } from './protocol.js'
import { isNear, LEAD_S, misunderstood } from './understanding.js'

/** Well below the board's keep-alive of 1 s. */
export const STATUS_INTERVAL_MS = 200

/** How long the board may take to tell of the end, when the light has ended. */
const END_TIMEOUT_S = 1
const SYMBOLS_PER_LINE = 96

/** How the board shows the levels. */
export interface LightOptions {
  /** White as a part of full light, above 0 to 1. */
  readonly brightness: number
  /** Grey's light as a part of white's, above 0 to 1. */
  readonly greyRatio: number
}

type End = Extract<BoardEvent, { name: 'end' }>

/** Plays on the board's LED: it loads the symbols first, and the board times them. */
export class BoardEmitter implements Emitter {
  #onEnd: (end: End & { readonly readS: number }) => void = () => {}
  #playing = false
  /** What the board has said that it holds. */
  #loaded = ''

  constructor(
    private readonly link: Link,
    private readonly timebase: Timebase,
    readonly clock: BoardClock,
    private readonly maxSymbols: number,
    private readonly options: LightOptions,
  ) {}

  hear(end: End, readS: number): void {
    this.#onEnd({ ...end, readS })
  }

  async play(sequence: SymbolSequence, options: PlayOptions): Promise<PlayReport> {
    checkPlay(sequence, options)
    const { symbolRateHz, signal, onProgress } = options
    if (this.#playing)
      throw new RigError('refused', 'a message is already playing: wait until it ends')
    signal?.throwIfAborted()
    this.#playing = true
    try {
      return await this.#play(sequence, symbolRateHz, signal, onProgress)
    } finally {
      this.#playing = false
    }
  }

  async off(): Promise<void> {
    await this.link.request('dark')
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

    const ended = new Promise<End & { readonly readS: number }>((resolve) => {
      this.#onEnd = resolve
    })
    try {
      const started = await this.#start(digits)
      const report = this.#report(digits.length, started, period)
      this.clock.check({ timeS: report.startS, fromS: started.fromS, toS: started.toS + LEAD_S })
      const timeS = report.startS + report.symbols / report.symbolRateHz
      const between = await this.#watch(ended, report, started.fromS, signal, onProgress)
      const earlyS = this.clock.offS({ timeS, ...between })
      if (earlyS !== 0) throw new UntimelyLightError(report, earlyS)
      await this.#outlast(started.fromS + digits.length / report.symbolRateHz, signal)
      return report
    } catch (error) {
      // What has ended is dark. Where nothing answers closing says so.
      if (!(error instanceof UntimelyLightError)) await this.off().catch(() => {})
      throw error
    }
  }

  /** The board plays only what has this count and CRC, so that no damage on the way becomes light. */
  async #start(digits: string): Promise<Answer<'play'>> {
    const play = () => this.link.request('play', digits.length, checksumOf(digits))
    try {
      return await play()
    } catch (error) {
      // It no longer holds what it has said, as after a line that was typed by hand.
      if (!(error instanceof RigError && error.code === 'refused')) throw error
      this.#loaded = ''
      await this.#load(digits)
      return play()
    }
  }

  async #load(digits: string): Promise<void> {
    const { maxSymbols } = this
    if (digits.length > maxSymbols) {
      throw new RigError(
        'too-long',
        `the board holds ${maxSymbols} symbols, but the message has ${digits.length}: shorten the sync`,
      )
    }
    try {
      await this.#loadLines(digits)
    } catch (error) {
      // A line that comes without its tag and checksum, as if typed by hand, makes the board forget those before it.
      if (!(error instanceof RigError && error.code === 'refused')) throw error
      this.#loaded = ''
      await this.#loadLines(digits)
    }
  }

  /** From the first line on that is not loaded yet: messages of one line of production differ only in their tokens. */
  async #loadLines(digits: string): Promise<void> {
    const linesEnd = (lines: number): number => Math.min(lines * SYMBOLS_PER_LINE, digits.length)
    const lineCount = Math.ceil(digits.length / SYMBOLS_PER_LINE)
    let line = 0
    while (line < lineCount && this.#loaded.startsWith(digits.slice(0, linesEnd(line + 1)))) line++
    // What the board holds beyond a shorter message goes only with a line that is loaded.
    if (line === lineCount && this.#loaded !== digits) line--
    for (; line < lineCount; line++) {
      const [begin, end] = [linesEnd(line), linesEnd(line + 1)]
      this.#loaded = ''
      const loaded = await this.link.request('load', begin, digits.slice(begin, end))
      if (loaded.symbols !== end || loaded.crc !== crcOf(digits.slice(0, end))) {
        throw new RigError('damaged', 'the board has loaded the wrong symbols: send again')
      }
      this.#loaded = digits.slice(0, end)
    }
  }

  /** Asks until the board tells the end, and tells between which times that was. */
  async #watch(
    ended: Promise<End & { readonly readS: number }>,
    { symbols, symbolRateHz, startS }: PlayReport,
    startedS: number,
    signal: AbortSignal | undefined,
    onProgress: PlayOptions['onProgress'],
  ): Promise<Between> {
    let end: (End & { readonly readS: number }) | undefined
    let darkSinceS: number | undefined
    let playingS = startedS
    const durationS = symbols / symbolRateHz
    ended.then((event) => {
      end = event
    })
    while (!end) {
      await Promise.race([ended, this.timebase.sleep(STATUS_INTERVAL_MS, signal)])
      if (end) break
      const status = await this.clock.ask()
      onProgress?.(Math.min(status.symbols, symbols))
      if (status.playing) {
        playingS = status.fromS
        if (this.clock.secondsAt(status.now) - startS > durationS + END_TIMEOUT_S) {
          throw new RigError(
            'broken-off',
            `the board is still playing a message that takes ${durationS.toFixed(1)} s: reset it, and send again`,
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
            'the board is dark, but has not reported how the light ended: send again',
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
      const { playing, toS } = await this.clock.ask()
      leftMs = 1000 * (endS - toS)
      if (leftMs > 0 || !playing) continue
      throw new RigError(
        'broken-off',
        'the board says both that the light has ended and that it is still playing: reset it, and send again',
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
      clock: this.clock.id,
    }
  }
}

function brokenOff({ how, symbols, late }: End): RigError {
  const why =
    how === 'keepalive'
      ? 'this computer was silent for too long'
      : `a symbol was ${late} cycles late`
  return new RigError(
    'broken-off',
    `the board stopped after ${symbols} symbols, because ${why}: send again`,
  )
}
