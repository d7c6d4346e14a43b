import { on } from 'node:events'
import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { SampleBlock } from '../../receiver/samples.js'
import { RigError } from '../errors.js'
import { machineClock } from '../timebase.js'
import type { PollingJob, PollingNews } from './adc-polling-thread.js'
import { type Adc, type AdcInput, refusalOfAdc } from './iio-device.js'
import { requestRealTime } from './real-time.js'

/** The built one, also for code that runs from its source. */
const POLLING_THREAD = new URL(
  '../../../dist/rig/raspberry-pi/adc-polling-thread.js',
  import.meta.url,
)

/** An ADC whose value is read over and over, by a thread of its own. */
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
      readFileSync(this.#file)
    } catch (error) {
      throw refusalOfAdc(error, adc, this.#file)
    }
  }

  async *samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    const { fullScale, sampleRateHz } = this
    const workerData: PollingJob = { file: this.#file, fullScale, sampleRateHz }
    const thread = new Worker(POLLING_THREAD, { workerData })
    try {
      for await (const [news] of on(thread, 'message', { signal })) {
        const told: PollingNews = news
        if (told.kind === 'thread') await requestRealTime(told.threadId)
        else if (told.kind === 'slow') throw this.#slow(told.valueS)
        else yield told.block
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof RigError) throw error
      const { message } = error as Error
      throw new RigError(
        'unplugged',
        `${this.#file} cannot be read any more (${message}): see to the ADC`,
      )
    } finally {
      await thread.terminate()
    }
  }

  async close(): Promise<void> {}

  #slow(valueS: number): RigError {
    const us = (seconds: number): string => (1e6 * seconds).toFixed(0)
    return new RigError(
      'no-answer',
      `reading ${this.#file} takes ${us(valueS)} µs, and may take half of the ${us(1 / this.sampleRateHz)} µs of a sample: lower --sample-rate`,
    )
  }
}
