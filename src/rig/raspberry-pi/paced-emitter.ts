import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SymbolSequence } from '../../modulation/symbols.js'
import { RigError } from '../errors.js'
import type { Emitter, PlayOptions, PlayReport } from '../rig.js'
import type { LightOutput } from './light-output.js'
import type { OutputConfig } from './output.js'
import type { PacingJob, PacingNews } from './pacing-process.js'
import { summarise } from './pacing-report.js'
import { requestRealTime } from './real-time.js'

/** The built one, also for code that runs from its source. */
const PACING_PROCESS = fileURLToPath(
  new URL('../../../dist/rig/raspberry-pi/pacing-process.js', import.meta.url),
)

/** No garbage collection waits for another thread; and with so much room there is none in a message. */
const V8_OPTIONS = ['--single-threaded-gc', '--min-semi-space-size=16']

const PROGRESS_INTERVAL_MS = 100

type Ended = Extract<PacingNews, { kind: 'ended' }> & { readonly startNs: bigint }

/**
 * Light on the pins of a Raspberry Pi, paced by a process of its own for each message. However that
 * process ends, this one turns the LED dark; however this one ends, the other does.
 */
export class PacedEmitter implements Emitter {
  #playing = false
  #pacing: ChildProcess | undefined

  constructor(
    /** Claimed, and black. */
    private readonly output: LightOutput,
    /** The same for the other process. */
    private readonly config: OutputConfig,
    /** Grey as a part of white; null where it is the rig's parts that make it. */
    private readonly greyRatio: number | null,
    /** Gives back what keeps other programs away. */
    private readonly unlock: () => void,
  ) {}

  async play(sequence: SymbolSequence, options: PlayOptions): Promise<PlayReport> {
    if (this.#playing) throw new RigError('refused', 'a message is playing: wait for its end')
    options.signal?.throwIfAborted()
    this.#playing = true
    const abort = (): void => void this.#pacing?.kill('SIGKILL')
    options.signal?.addEventListener('abort', abort)
    try {
      return await this.#play(sequence, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw error
    } finally {
      options.signal?.removeEventListener('abort', abort)
      await this.off()
      this.#playing = false
    }
  }

  async #play(
    { levels }: SymbolSequence,
    { symbolRateHz, signal, onProgress }: PlayOptions,
  ): Promise<PlayReport> {
    const pacing = fork(PACING_PROCESS, {
      execArgv: V8_OPTIONS,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      detached: true, // Ctrl-C is for this program, which then ends the other
    })
    await once(pacing, 'spawn')
    this.#pacing = pacing
    const scheduling = await requestRealTime(pacing.pid as number)
    signal?.throwIfAborted()
    const ended = await follow(pacing, { output: this.config, levels, symbolRateHz }, onProgress)
    const pacingReport = {
      ...summarise(ended.latenessNs, symbolRateHz),
      cpuPart: (ended.cpuS * symbolRateHz) / levels.length,
      scheduling,
    }
    const { lateSymbols, edges, maxS } = pacingReport
    if (lateSymbols > 0) {
      throw new RigError(
        'broken-off',
        `${lateSymbols} of ${edges} changes of the light came late by more than a quarter of a symbol, up to ${(1000 * maxS).toFixed(1)} ms: end other programs${scheduling.realTime ? '' : ' or allow real-time priority (blinkup doctor says how)'}, and send again`,
      )
    }
    return {
      symbols: levels.length,
      symbolRateHz,
      greyRatio: this.greyRatio,
      startS: Number(ended.startNs) / 1e9,
      pacing: pacingReport,
    }
  }

  async off(): Promise<void> {
    const pacing = this.#pacing
    this.#pacing = undefined
    if (pacing?.exitCode === null && pacing.signalCode === null) {
      pacing.kill('SIGKILL')
      await once(pacing, 'exit')
    }
    this.output.dark()
  }

  async close(): Promise<void> {
    try {
      await this.off()
    } finally {
      this.output.release()
      this.unlock()
    }
  }
}

/** Gives the process its job, and tells what came of it. */
async function follow(
  pacing: ChildProcess,
  job: PacingJob,
  onProgress: PlayOptions['onProgress'],
): Promise<Ended> {
  let progress: NodeJS.Timeout | undefined
  try {
    return await new Promise<Ended>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new RigError('broken-off', `the light was broken off, as ${why}: send again`))
      let startNs = 0n
      pacing.on('message', (news: PacingNews) => {
        if (news.kind === 'ended') resolve({ ...news, startNs })
        else if (news.kind === 'failed') fail(news.message)
        else {
          startNs = news.startNs
          progress = setInterval(() => {
            const elapsedS = Number(process.hrtime.bigint() - startNs) / 1e9
            const symbols = Math.floor(elapsedS * job.symbolRateHz)
            onProgress?.(Math.max(0, Math.min(symbols, job.levels.length)))
          }, PROGRESS_INTERVAL_MS)
        }
      })
      const onGone = (): void => fail('the process that paces it was ended')
      pacing.once('disconnect', onGone)
      pacing.send(job, (error) => error && onGone())
    })
  } finally {
    clearInterval(progress)
  }
}
