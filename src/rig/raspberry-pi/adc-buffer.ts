import { constants, existsSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SampleBlock, SampleGap } from '../../receiver/samples.js'
import { RigError } from '../errors.js'
import type { Photodiode } from '../rig.js'
import type { IioDevice, IioTrigger } from './iio-device.js'
import { parseScanType, readElement, type ScanElement, scanLayout } from './iio-scan.js'
import { namesIn, readAttribute, refusalOf } from './sysfs.js'

const READ_INTERVAL_MS = 10
const BUFFER_SCANS = 4096
/** At 250 samples a second, the least, some come each time. */
const SILENCE_MS = 1000

/** An ADC whose samples the kernel takes at a trigger's beat and stamps with the time. */
export class BufferedAdc implements Photodiode {
  /** What the trigger really makes, as far as the kernel tells it. */
  readonly sampleRateHz: number
  readonly #isRateTold: boolean
  readonly #value: ScanElement
  readonly #time: ScanElement

  /** Sets up the buffer. Errors: RigError. */
  constructor(
    private readonly device: IioDevice,
    private readonly trigger: IioTrigger,
    channel: number,
    sampleRateHz: number,
  ) {
    const { folder } = device
    const scan = `${folder}/scan_elements`
    const value = `in_voltage${channel}`
    const time = 'in_timestamp'
    try {
      this.#set('buffer/enable', 0) // a program that was killed may have left it on
      for (const name of namesIn(scan).filter((name) => name.endsWith('_en'))) {
        const wanted = name === `${value}_en` || name === `${time}_en`
        this.#set(`scan_elements/${name}`, Number(wanted))
      }
      this.#set('current_timestamp_clock', 'monotonic')
      this.#set('buffer/length', BUFFER_SCANS)
      const rateFile = [trigger.folder, folder]
        .map((owner) => `${owner}/sampling_frequency`)
        .find((file) => existsSync(file))
      if (rateFile) writeFileSync(rateFile, String(sampleRateHz))
      this.sampleRateHz = Number(rateFile && readAttribute(rateFile)) || sampleRateHz
      this.#isRateTold = rateFile !== undefined
      this.#value = parseScanType(readAttribute(`${scan}/${value}_type`) ?? '')
      this.#time = parseScanType(readAttribute(`${scan}/${time}_type`) ?? '')
    } catch (error) {
      throw refusalOf(error, `the buffer of ${device.name}`)
    }
  }

  async *samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    const { offsets, bytes } = scanLayout([this.#value, this.#time]) // the time is last (linux/iio/buffer.h)
    const [valueOffset = 0, timeOffset = 0] = offsets
    const fullScale = 2 ** (this.#value.bits - Number(this.#value.signed)) - 1
    const buffer = Buffer.alloc(BUFFER_SCANS * bytes)
    const view = new DataView(buffer.buffer, buffer.byteOffset)
    const file = await this.#start()
    let heardMs = performance.now()
    let lastS: number | undefined
    try {
      while (!signal.aborted) {
        const scans = Math.floor((await readWaiting(file, buffer)) / bytes)
        if (scans > 0) heardMs = performance.now()
        else if (performance.now() - heardMs > SILENCE_MS) throw this.#silent()
        const timesS = new Float64Array(scans)
        const levels = new Float64Array(scans)
        for (let i = 0; i < scans; i++) {
          const level = readElement(view, i * bytes + valueOffset, this.#value) / fullScale
          levels[i] = Math.max(0, level) // a signed one may be a little below zero
          timesS[i] = readElement(view, i * bytes + timeOffset, this.#time) / 1e9
        }
        if (scans > 0) {
          const gap = lastS === undefined ? undefined : this.#gap(lastS, timesS[0] as number)
          lastS = timesS[scans - 1]
          yield { timesS, levels, ...(gap && { gap }) }
        }
        await sleep(READ_INTERVAL_MS, undefined, { signal }).catch(() => {})
      }
    } finally {
      await file.close()
      this.#set('buffer/enable', 0)
    }
  }

  async close(): Promise<void> {}

  /** What the kernel has dropped because its buffer was full, which it does between two reads. */
  #gap(lastS: number, nextS: number): SampleGap | undefined {
    if (!this.#isRateTold) return undefined
    const missing = Math.round((nextS - lastS) * this.sampleRateHz) - 1
    return missing > 0 ? { startS: lastS + 1 / this.sampleRateHz, samples: missing } : undefined
  }

  #silent(): RigError {
    const { device, trigger } = this
    return new RigError(
      'no-answer',
      `${device.name} gives no samples: see whether its trigger ${trigger.name} fires, or set none to have it polled`,
    )
  }

  async #start(): Promise<FileHandle> {
    const { name, folder } = this.device
    try {
      const file = await open(`/dev/${basename(folder)}`, constants.O_RDONLY | constants.O_NONBLOCK)
      this.#set('buffer/enable', 1)
      return file
    } catch (error) {
      throw refusalOf(error, `the buffer of ${name}`)
    }
  }

  #set(attribute: string, value: string | number): void {
    writeFileSync(`${this.device.folder}/${attribute}`, String(value))
  }
}

/** Reads what is there, if only nothing. The kernel gives whole scans. */
async function readWaiting(file: FileHandle, buffer: Buffer): Promise<number> {
  try {
    return (await file.read(buffer, 0, buffer.length)).bytesRead
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}
