import { on } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { SampleBlock } from '../../receiver/samples.js'
import { RigError } from '../errors.js'
import type { Photodiode } from '../rig.js'
import type { PollingJob, PollingNews } from './adc-polling-thread.js'
import { requestRealTime } from './real-time.js'
import { refusalOf } from './sysfs.js'

/** The built one, also for code that runs from its source. */
const POLLING_THREAD = new URL(
  '../../../dist/rig/raspberry-pi/adc-polling-thread.js',
  import.meta.url,
)

/** An ADC whose value is read over and over, by a thread of its own. */
export class PolledAdc implements Photodiode {
  /** @throws RigError when the file cannot be read */
  constructor(
    private readonly file: string,
    private readonly fullScale: number,
    readonly sampleRateHz: number,
  ) {
    try {
      accessSync(file, constants.R_OK)
    } catch (error) {
      throw refusalOf(error, file)
    }
  }

  async *samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    const { file, fullScale, sampleRateHz } = this
    const workerData: PollingJob = { file, fullScale, sampleRateHz }
    const thread = new Worker(POLLING_THREAD, { workerData })
    try {
      for await (const [news] of on(thread, 'message', { signal })) {
        const told: PollingNews = news
        if (told.kind === 'thread') await requestRealTime(told.threadId)
        else yield told.block
      }
    } catch (error) {
      if (signal.aborted) return
      const { message } = error as Error
      throw new RigError(
        'unplugged',
        `${file} cannot be read any more (${message}): see to the ADC`,
      )
    } finally {
      await thread.terminate()
    }
  }

  async close(): Promise<void> {}
}
