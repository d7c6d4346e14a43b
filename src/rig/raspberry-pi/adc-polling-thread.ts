/** The thread that reads an ADC's value over and over, and does nothing else. */
import { openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { SampleBlock } from '../../receiver/samples.js'

/** What to read: a sysfs attribute with a whole number. */
export interface PollingJob {
  readonly file: string
  /** The number at full scale. */
  readonly fullScale: number
  readonly sampleRateHz: number
}

const BLOCK_MS = 20

const { file, fullScale, sampleRateHz }: PollingJob = workerData
const fd = openSync(file, 'r')
const text = Buffer.alloc(16)
const cell = new Int32Array(new SharedArrayBuffer(4))
const blockLength = Math.max(1, Math.round((sampleRateHz * BLOCK_MS) / 1000))
const periodMs = 1000 / sampleRateHz
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

for (let dueMs = nowMs(); ; ) {
  const block: SampleBlock = {
    timesS: new Float64Array(blockLength),
    levels: new Float64Array(blockLength),
  }
  for (let i = 0; i < blockLength; i++) {
    const startMs = nowMs()
    const bytes = readSync(fd, text, 0, text.length, 0)
    // The ADC holds its sample somewhere within the transfer.
    block.timesS[i] = (startMs + nowMs()) / 2000
    block.levels[i] = Math.min(1, Number(text.toString('latin1', 0, bytes)) / fullScale)
    // A time that is past is left out, instead of hurrying after it.
    dueMs = Math.max(dueMs + periodMs, nowMs() - periodMs)
    const napMs = dueMs - nowMs()
    if (napMs > 0) Atomics.wait(cell, 0, 0, napMs)
  }
  parentPort?.postMessage(block)
}
