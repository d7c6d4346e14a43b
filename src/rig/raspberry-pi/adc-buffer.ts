import { constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SampleBlock } from '../../light/samples.js'
import { RigError } from '../errors.js'
import { machineClock } from '../timebase.js'
import { type Adc, type AdcInput, type IioTrigger, refusalOfAdc } from './iio-device.js'
import { parseScanType, readElement, type ScanElement, scanLayout } from './iio-scan.js'
import { ScanBeat } from './scan-beat.js'
import { namesIn, readAttribute } from './sysfs.js'

const READ_INTERVAL_MS = 10
const BUFFER_SCANS = 4096
/** At 250 samples a second, the least, some come each time. */
const SILENCE_MS = 1000
/** With more, less than every second beat in the middle gives a sample. */
const MOST_BEATS_PER_SCAN = 1.5
const TIME = 'in_timestamp'

/** How a device's buffer was set up. */
interface BufferSettings {
  readonly sampleRateHz: number
  /** Of the trigger, where it tells it. */
  readonly beatS: number | undefined
  readonly value: ScanElement
  readonly time: ScanElement
}

/**
 * Opens an ADC whose samples the kernel takes at a trigger's beat and stamps with the time, and sets up
 * its buffer.
 *
 * @throws RigError 'missing', 'locked', 'forbidden' or 'foreign'
 */
export async function openBuffer(
  adc: AdcInput,
  trigger: IioTrigger,
  sampleRateHz: number,
): Promise<Adc> {
  const path = `/dev/${basename(adc.folder)}`
  // One program may have it open, so nothing of another's is changed.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error) => {
    throw refusalOfAdc(error, adc, `${adc.name} (${path})`)
  })
  try {
    return new BufferedAdc(adc, trigger, file, setUp(adc, trigger, sampleRateHz))
  } catch (error) {
    await file.close()
    throw refusalOfAdc(error, adc, `the buffer of ${adc.name}`)
  }
}

function setUp({ folder, input }: AdcInput, trigger: IioTrigger, wantedHz: number): BufferSettings {
  const scan = `${folder}/scan_elements`
  const set = (attribute: string, value: string | number): void =>
    writeFileSync(`${folder}/${attribute}`, String(value))
  set('buffer/enable', 0) // a program that was killed may have left it on
  // Some ADCs have one input at a time.
  const enables = namesIn(scan).filter((name) => name.endsWith('_en'))
  for (const name of enables) set(`scan_elements/${name}`, 0)
  for (const element of [input, TIME]) set(`scan_elements/${element}_en`, 1)
  set('current_timestamp_clock', 'monotonic')
  set('buffer/length', BUFFER_SCANS)
  // Some convert at a rate of their own, and at each beat give the last value.
  const ownFile = [`${input}_`, 'in_voltage_', '']
    .map((prefix) => `${folder}/${prefix}sampling_frequency`)
    .find((file) => existsSync(file))
  const ownHz = (ownFile && setRate(ownFile, wantedHz)) || wantedHz
  const beatHz = setRate(`${trigger.folder}/sampling_frequency`, Math.min(wantedHz, ownHz))
  return {
    sampleRateHz: beatHz ?? ownHz,
    beatS: beatHz && 1 / beatHz,
    value: parseScanType(readAttribute(`${scan}/${input}_type`) ?? ''),
    time: parseScanType(readAttribute(`${scan}/${TIME}_type`) ?? ''),
  }
}

/** Sets the lowest rate that is enough, or the highest; gives the rate that is set then, undefined for none. */
function setRate(file: string, wantedHz: number): number | undefined {
  if (!existsSync(file)) return undefined
  const listed = readAttribute(`${dirname(file)}/sampling_frequency_available`) ?? ''
  // A range, in brackets, takes any rate.
  const ratesHz = listed.startsWith('[') ? [] : (listed.match(/[\d.]+/g) ?? []).map(Number)
  ratesHz.sort((a, b) => a - b)
  const rateHz = ratesHz.find((rate) => rate >= wantedHz) ?? ratesHz.at(-1) ?? wantedHz
  const isFixed = (statSync(file).mode & 0o222) === 0
  try {
    if (!isFixed) writeFileSync(file, String(rateHz))
  } catch (error) {
    // What it does then is read back.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  }
  return Number(readAttribute(file)) || undefined
}

class BufferedAdc implements Adc {
  readonly clock = machineClock
  readonly description: string
  readonly sampleRateHz: number

  constructor(
    private readonly adc: AdcInput,
    private readonly trigger: IioTrigger,
    private readonly file: FileHandle,
    private readonly settings: BufferSettings,
  ) {
    this.description = `${adc.name} by its buffer, at the beat of the trigger ${trigger.name}`
    this.sampleRateHz = settings.sampleRateHz
  }

  async *samples({ signal }: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
    const { value, time, beatS } = this.settings
    const { offsets, bytes } = scanLayout([value, time]) // the time is last (linux/iio/buffer.h)
    const [valueOffset = 0, timeOffset = 0] = offsets
    const fullScale = 2 ** (value.bits - Number(value.signed)) - 1
    const buffer = Buffer.alloc(BUFFER_SCANS * bytes)
    const view = new DataView(buffer.buffer, buffer.byteOffset)
    const beat = new ScanBeat(beatS)
    let heardMs = performance.now()
    let lastS = Number.NEGATIVE_INFINITY
    this.#enable()
    try {
      while (!signal.aborted) {
        const scans = Math.floor((await this.#readWaiting(buffer)) / bytes)
        if (scans > 0) heardMs = performance.now()
        else if (performance.now() - heardMs > SILENCE_MS) throw this.#silent()
        const timesS = new Float64Array(scans)
        const levels = new Float64Array(scans)
        for (let i = 0; i < scans; i++) {
          const level = readElement(view, i * bytes + valueOffset, value) / fullScale
          levels[i] = Math.max(0, level) // a signed one may be a little below zero
          const timeS = readElement(view, i * bytes + timeOffset, time) / 1e9
          if (!(timeS > lastS)) throw this.#timeless()
          timesS[i] = lastS = timeS
        }
        const blocks = [...beat.take({ timesS, levels })]
        if ((beat.beatsPerScan ?? 1) > MOST_BEATS_PER_SCAN) throw this.#slow(beat.beatsPerScan ?? 1)
        for (const block of blocks) yield { ...block, clock: this.clock.id }
        await sleep(READ_INTERVAL_MS, undefined, { signal }).catch(() => {})
      }
    } finally {
      this.#disable()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close()
  }

  /** Reads what is there, if only nothing. The kernel gives whole scans. */
  async #readWaiting(buffer: Buffer): Promise<number> {
    try {
      return (await this.file.read(buffer, 0, buffer.length)).bytesRead
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') return 0
      const { name } = this.adc
      throw new RigError('unplugged', `${name} can no longer be read (${message}): check the ADC`, {
        cause: error,
      })
    }
  }

  #enable(): void {
    const { name, folder } = this.adc
    try {
      writeFileSync(`${folder}/buffer/enable`, '1')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EINVAL') throw refusalOfAdc(error, this.adc, `the buffer of ${name}`)
      throw new RigError(
        'refused',
        `${name} does not start with the trigger ${this.trigger.name}: set another trigger`,
        { cause: error },
      )
    }
  }

  #disable(): void {
    try {
      writeFileSync(`${this.adc.folder}/buffer/enable`, '0')
    } catch {} // the ADC is gone
  }

  #silent(): RigError {
    const { adc, trigger } = this
    return new RigError(
      'no-answer',
      `${adc.name} gives no samples: check that its trigger ${trigger.name} fires, or set another`,
    )
  }

  #timeless(): RigError {
    const { adc, trigger } = this
    return new RigError(
      'damaged',
      `the trigger ${trigger.name} does not give the samples of ${adc.name} increasing times: set another trigger, such as one of iio-trig-hrtimer`,
    )
  }

  #slow(beatsPerScan: number): RigError {
    const { adc, trigger, sampleRateHz } = this
    const rateHz = Math.round(sampleRateHz / beatsPerScan)
    return new RigError(
      'refused',
      `${adc.name} gives about ${rateHz} samples a second, while its trigger ${trigger.name} fires ${sampleRateHz} times a second: lower the sample rate, make its bus faster, or end other programs`,
      { remedy: 'lower-sample-rate' },
    )
  }
}
