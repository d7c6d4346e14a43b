import { existsSync } from 'node:fs'
import { RigError } from '../errors.js'
import type { Photodiode } from '../rig.js'
import { namesIn, readAttribute, refusalOf } from './sysfs.js'

const DEVICES_FOLDER = '/sys/bus/iio/devices'

/** A device of the kernel's Industrial I/O. */
export interface IioDevice {
  /** Such as /sys/bus/iio/devices/iio:device0. */
  readonly folder: string
  /** Such as mcp3008. */
  readonly name: string
}

/** An ADC, and what the kernel calls one of its inputs. */
export interface AdcInput extends IioDevice {
  /** Such as in_voltage0. */
  readonly input: string
}

/** An ADC that was opened. */
export interface Adc extends Photodiode, AsyncDisposable {
  /** Its name, and how it is read. */
  readonly description: string
}

/** A trigger, at whose beat the kernel fills a device's buffer. */
export interface IioTrigger {
  /** Such as /sys/bus/iio/devices/trigger0. */
  readonly folder: string
  readonly name: string
}

/** ADCs of one input, which the kernel names by both of its pins (mcp3201_channels of its mcp320x.c). */
const SINGLE_INPUT_ADCS = ['mcp3001', 'mcp3201']

/** The first ADC that has this voltage input; undefined for none. */
export function findAdc(channel: number): AdcInput | undefined {
  return devices('iio:device')
    .map((device) => ({
      ...device,
      input:
        channel === 0 && SINGLE_INPUT_ADCS.includes(device.name)
          ? 'in_voltage0-voltage1'
          : `in_voltage${channel}`,
    }))
    .find(({ folder, input }) => existsSync(`${folder}/${input}_raw`))
}

/**
 * The trigger that has been set for a device's buffer; undefined for none, and without a buffer.
 *
 * @throws RigError 'missing' when what has been set is not there any more: the kernel goes on to tell its name
 */
export function findTrigger({ folder, name }: IioDevice): IioTrigger | undefined {
  if (!existsSync(`${folder}/buffer/enable`)) return undefined
  const set = readAttribute(`${folder}/trigger/current_trigger`)
  if (!set) return undefined
  const trigger = devices('trigger').find((trigger) => trigger.name === set)
  if (trigger) return trigger
  throw new RigError(
    'missing',
    `the trigger ${set} of ${name} no longer exists: ${triggerAdvice(folder)}`,
  )
}

/** How a user sets a trigger. The kernel takes any name, sets none where there is no such trigger, and says nothing. */
export function triggerAdvice(folder: string): string {
  const file = `${folder}/trigger/current_trigger`
  const names = devices('trigger').map(({ name }) => name)
  const [name = 'blinkup'] = names
  const make = `make one (sudo modprobe iio-trig-hrtimer && sudo mkdir /sys/kernel/config/iio/triggers/hrtimer/${name}), set it`
  return `${names.length > 0 ? 'set one' : make} (echo ${name} | sudo tee ${file}), then check that ${file} reads ${name}, because the kernel ignores a wrong name without an error`
}

/** Tells what the kernel refused for an ADC. */
export function refusalOfAdc(error: unknown, { name }: IioDevice, what: string): RigError {
  return (error as NodeJS.ErrnoException).code === 'EBUSY'
    ? new RigError(
        'locked',
        `another program reads ${name} by its buffer: wait until it ends, or end it`,
        { cause: error },
      )
    : refusalOf(error, what)
}

function devices(prefix: string): IioDevice[] {
  return namesIn(DEVICES_FOLDER)
    .filter((name) => name.startsWith(prefix))
    .map((device) => {
      const folder = `${DEVICES_FOLDER}/${device}`
      return { folder, name: readAttribute(`${folder}/name`) ?? device }
    })
}
