import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import type { SymbolSequence } from '../../light/symbols.js'
import { checkPlay } from '../check-play.js'
import { darkenAtExit } from '../darken-at-exit.js'
import { LateLightError, RigError, rigClosed } from '../errors.js'
import type { Emitter, PlayOptions, PlayReport } from '../rig.js'
import { machineClock } from '../timebase.js'
import { Liveness, LOOK_INTERVAL_MS, START_LOOKS } from './liveness.js'
import type { ClaimedOutput } from './output.js'
import type { PacingJob, PacingNews } from './pacing-process.js'
import { summarise } from './pacing-report.js'
import { programBeside } from './program-beside.js'
import { requestRealTime } from './real-time.js'
import { mayBeLit } from './sysfs.js'

const PACING_PROCESS = programBeside(import.meta.url, 'pacing-process')

/** No garbage collection waits for another thread; and with so much room there is none in a message. */
const V8_OPTIONS = ['--single-threaded-gc', '--min-semi-space-size=16']

/**
 * It naps for 50 ms at most: only if it is stopped, hangs, or gets no CPU, so many looks in a row do not see it run. The light stands
 * still meanwhile, which spoils any message, and is to be dark within half a second, on a busy machine, too.
 */
const LIFELESS_LOOKS = 5
/** 2 s after the last symbol: rehearsal, and time to tell. */
const END_LOOKS = 40
/** The kernel ends a process at once, unless it hangs in the kernel. */
const KILL_PATIENCE_MS = 2000

type Ended = Extract<PacingNews, { kind: 'ended' }> & { readonly startNs: bigint }

/**
 * Light on the pins of a Raspberry Pi, paced by a process of its own for each message. However that
 * process ends, this one turns the LED dark; however this one ends, the other does.
 */
export class PacedEmitter implements Emitter, AsyncDisposable {
  readonly clock = machineClock
  readonly #lost = new AbortController()
  #playing = false
  #closed = false
  #pacing: ChildProcess | undefined
  readonly #forgetAtExit: () => void

  constructor(
    /** Black. */
    private readonly claimed: ClaimedOutput,
    /** Grey as a part of white; null where it is the rig's parts that make it. */
    private readonly greyRatio: number | null,
    /** Which pins, such as "BCM 17 and 27". */
    readonly name: string,
  ) {
    // The other process may have been killed just before.
    this.#forgetAtExit = darkenAtExit(() => claimed.output.dark())
  }

  /** Aborts when the light was not paced to its end, or its pins cannot be written: whatever is wrong with them is so for the next message, too. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async play(sequence: SymbolSequence, options: PlayOptions): Promise<PlayReport> {
    checkPlay(sequence, options)
    this.lost.throwIfAborted()
    if (this.#closed) throw rigClosed()
    if (this.#playing)
      throw new RigError('refused', 'a message is already playing: wait until it ends')
    options.signal?.throwIfAborted()
    this.#playing = true
    const abort = (): void => void this.#pacing?.kill('SIGKILL')
    options.signal?.addEventListener('abort', abort)
    try {
      return await this.#playOnce(sequence, options)
    } catch (error) {
      if (isLoss(error)) this.#lost.abort(error)
      throw error
    } finally {
      options.signal?.removeEventListener('abort', abort)
      this.#playing = false
    }
  }

  async #playOnce(sequence: SymbolSequence, options: PlayOptions): Promise<PlayReport> {
    try {
      return await this.#play(sequence, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw error
    } finally {
      await this.#darken()
    }
  }

  async #play(
    { levels }: SymbolSequence,
    { symbolRateHz, signal, onProgress }: PlayOptions,
  ): Promise<PlayReport> {
    const { output, config } = this.claimed
    const pacing = fork(PACING_PROCESS.file, {
      execArgv: [...PACING_PROCESS.execArgv, ...V8_OPTIONS],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', output.fd],
      detached: true, // Ctrl-C is for this program, which then ends the other
    })
    await spawned(pacing)
    this.#pacing = pacing
    const scheduling = await requestRealTime(pacing.pid as number)
    signal?.throwIfAborted()
    const job = { output: config, levels, symbolRateHz, starterPid: process.pid }
    const ended = await follow(pacing, job, onProgress)
    const pacingReport = {
      ...summarise(ended.latenessNs, symbolRateHz),
      cpuPart: (ended.cpuS * symbolRateHz) / levels.length,
      scheduling,
    }
    const report = {
      symbols: levels.length,
      symbolRateHz,
      greyRatio: this.greyRatio,
      startS: Number(ended.startNs) / 1e9,
      clock: this.clock.id,
      pacing: pacingReport,
    }
    if (pacingReport.lateSymbols > 0) throw new LateLightError(pacingReport, report)
    return report
  }

  /** Rejects with a RigError that says so when the LED may still be lit. */
  async off(): Promise<void> {
    try {
      await this.#darken()
    } catch (error) {
      this.#lost.abort(error)
      throw error
    }
  }

  async #darken(): Promise<void> {
    const pacing = this.#pacing
    this.#pacing = undefined
    pacing?.kill('SIGKILL')
    const isGone = pacing === undefined || (await endsWithin(pacing, KILL_PATIENCE_MS))
    this.claimed.output.dark()
    if (isGone) return
    // It must not keep this program from its end.
    pacing.unref()
    pacing.channel?.unref()
    throw mayBeLit(new Error('the process that paces it does not end'))
  }

  /** Rejects as `off` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    try {
      await this.#darken()
    } finally {
      this.#forgetAtExit()
      this.claimed.output.release()
    }
  }
}

/** Whether pins or pacing have failed, rather than this one message. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof RigError) || error instanceof LateLightError) return false
  return error.code === 'may-be-lit' || error.code === 'broken-off'
}

/** Resolves when the process runs. */
async function spawned(pacing: ChildProcess): Promise<void> {
  try {
    await once(pacing, 'spawn')
  } catch (cause) {
    const { message } = cause as Error
    throw new RigError(
      'missing',
      `the process that paces the light cannot be started (${message}): end other programs, or install blinkup again`,
      { cause },
    )
  }
  pacing.on('error', () => {}) // such as a signal that is not delivered: told by what does not come then
}

/** Whether the process is gone by then. */
async function endsWithin(pacing: ChildProcess, ms: number): Promise<boolean> {
  if (hasEnded(pacing)) return true
  const signal = AbortSignal.timeout(ms)
  await once(pacing, 'exit', { signal }).catch(() => turn()) // it may have ended while this program stood still
  return hasEnded(pacing)
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null

/** Gives the process its job, and tells what came of it. */
async function follow(
  pacing: ChildProcess,
  job: PacingJob,
  onProgress: PlayOptions['onProgress'],
): Promise<Ended> {
  let looking: NodeJS.Timeout | undefined
  try {
    return await new Promise<Ended>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new RigError('broken-off', `the light was cut short, because ${why}: send again`))
      const heldUp = (): void => fail('the process that paces it was held up')
      let life = new Liveness(pacing.pid)
      let startNs: bigint | undefined
      let overdue = 0
      const look = (): void => {
        const most = startNs === undefined ? START_LOOKS : LIFELESS_LOOKS
        if (life.look() === most) heldUp()
        if (startNs === undefined) return
        const elapsedS = Number(process.hrtime.bigint() - startNs) / 1e9
        const symbols = Math.floor(elapsedS * job.symbolRateHz)
        if (symbols >= job.levels.length && ++overdue === END_LOOKS) heldUp()
        onProgress?.(Math.max(0, Math.min(symbols, job.levels.length)))
      }
      pacing.on('message', (news: PacingNews) => {
        if (news.kind === 'ended') return resolve({ ...news, startNs: startNs as bigint })
        if (news.kind === 'failed') return fail(news.message)
        startNs = news.startNs
        life = new Liveness(pacing.pid)
      })
      const onGone = async (): Promise<void> => {
        if (!(await endsWithin(pacing, KILL_PATIENCE_MS))) return heldUp()
        fail(
          `the process that paces it has ended (${pacing.signalCode ?? `exit ${pacing.exitCode}`})`,
        )
      }
      pacing.once('disconnect', onGone)
      looking = setInterval(look, LOOK_INTERVAL_MS)
      pacing.send(job, (error) => error && onGone())
    })
  } finally {
    clearInterval(looking)
  }
}
