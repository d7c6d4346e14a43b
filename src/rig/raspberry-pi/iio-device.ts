import { existsSync } from 'node:fs'
import { namesIn, readAttribute } from './sysfs.js'

const DEVICES_FOLDER = '/sys/bus/iio/devices'

/** A device of the kernel's Industrial I/O. */
export interface IioDevice {
  /** Such as /sys/bus/iio/devices/iio:device0. */
  readonly folder: string
  /** Such as mcp3008. */
  readonly name: string
}

/** A trigger, at whose beat the kernel fills a device's buffer. */
export interface IioTrigger {
  /** Such as /sys/bus/iio/devices/trigger0. */
  readonly folder: string
  readonly name: string
}

/** The first device that has this voltage input; undefined for none. */
export function findAdc(channel: number): IioDevice | undefined {
  return devices('iio:device').find(({ folder }) =>
    existsSync(`${folder}/in_voltage${channel}_raw`),
  )
}

/** The trigger that has been set for a device's buffer; undefined for none, and without a buffer. */
export function findTrigger({ folder }: IioDevice): IioTrigger | undefined {
  if (!existsSync(`${folder}/buffer/enable`)) return undefined
  const set = readAttribute(`${folder}/trigger/current_trigger`)
  return devices('trigger').find(({ name }) => name === set)
}

function devices(prefix: string): IioDevice[] {
  return namesIn(DEVICES_FOLDER)
    .filter((name) => name.startsWith(prefix))
    .map((device) => {
      const folder = `${DEVICES_FOLDER}/${device}`
      return { folder, name: readAttribute(`${folder}/name`) ?? device }
    })
}
