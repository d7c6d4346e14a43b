import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import type { Readable } from 'node:stream'
import type { SampleBlock } from '../../light/samples.js'
import { RigError } from '../errors.js'
import { machineClock } from '../timebase.js'
import type { PollingJob, PollingNews } from './adc-polling-process.js'
import { type Adc, type AdcInput, refusalOfAdc } from './iio-device.js'
import { Liveness, LOOK_INTERVAL_MS, START_LOOKS } from './liveness.js'
import { programBeside } from './program-beside.js'
import { requestRealTime } from './real-time.js'

const POLLING_PROCESS = programBeside(import.meta.url, 'adc-polling-process')

/** 2 s. At 250 samples a second, the least, some come every 20 ms. */
const SILENT_LOOKS = 40

/**
 * An ADC whose value is read over and over, by a process of its own: a thread that hangs in the kernel would keep this
 * program from its end.
 */
export class PolledAdc implements Adc {
  readonly clock = machineClock
  readonly description: string
  readonly #file: string

  /** @throws RigError when the value cannot be read */
  constructor(
    adc: AdcInput,
    private readonly fullScale: number,
    readonly sampleRateHz: number,
  ) {
    const { name, folder, input } = adc
    this.description = `${name} by polling`
    this.#file = `${folder}/${input}_raw`
    try {
      accessSync(this.#file, constants.R_OK)
    } catch (error) {
      throw refusalOfAdc(error, adc, this.#file)
    }
  }

  async *samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    if (signal.aborted) return
    const { fullScale, sampleRateHz } = this
    const job: PollingJob = { file: this.#file, fullScale, sampleRateHz }
    const { file, execArgv } = POLLING_PROCESS
    const reader = spawn(process.execPath, [...execArgv, file, JSON.stringify(job)], {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      detached: true, // Ctrl-C is for this program, which then ends the other
    })
    const news = (reader.stdio[3] as Readable).setEncoding('utf8')
    const life = new Liveness(reader.pid)
    let isWaiting = true // else it is who takes the samples that takes his time
    let silent: number | undefined // since it has spoken first
    const looking = setInterval(() => {
      if (!isWaiting) return
      const isOver = silent === undefined ? life.look() === START_LOOKS : ++silent === SILENT_LOOKS
      if (isOver) news.destroy(this.#silent())
    }, LOOK_INTERVAL_MS)
    const stop = (): void => void news.destroy()
    reader.once('error', (error) => news.destroy(this.#gone(error.message, error)))
    signal.addEventListener('abort', stop)
    try {
      if (reader.pid !== undefined) void requestRealTime(reader.pid)
      let line = ''
      // What is not taken waits in the pipe, up to a limit; then the process waits.
      for await (const text of news) {
        isWaiting = false
        const [end, ...lines] = String(text).split('\n')
        line += end
        for (const next of lines) {
          yield this.#blockOf(JSON.parse(line))
          line = next
        }
        silent = 0
        isWaiting = true
      }
      throw this.#gone('the process that reads it has ended')
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      clearInterval(looking)
      signal.removeEventListener('abort', stop)
      reader.kill('SIGKILL')
      reader.unref()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #blockOf(news: PollingNews): SampleBlock {
    if (news.kind === 'failed') throw this.#gone(news.message)
    if (news.kind === 'slow') throw this.#slow(news.valueS)
    const { timesS, levels, gap } = news
    return {
      timesS: Float64Array.from(timesS),
      levels: Float64Array.from(levels),
      clock: this.clock.id,
      ...(gap && { gap }),
    }
  }

  #gone(why: string, cause?: Error): RigError {
    return new RigError(
      'unplugged',
      `${this.#file} can no longer be read (${why}): check the ADC`,
      { cause },
    )
  }

  #silent(): RigError {
    return new RigError('no-answer', `${this.#file} gives no values: check the ADC`)
  }

  #slow(valueS: number): RigError {
    const us = (seconds: number): string => (1e6 * seconds).toFixed(0)
    return new RigError(
      'no-answer',
      `reading ${this.#file} takes ${us(valueS)} µs, but must not take more than half of the ${us(1 / this.sampleRateHz)} µs between samples: lower the sample rate`,
      { remedy: 'lower-sample-rate' },
    )
  }
}
