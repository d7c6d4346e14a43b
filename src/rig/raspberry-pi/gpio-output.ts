import { RigError } from '../errors.js'
import { claimDeviceLines } from './gpio-device.js'
import { type GpioLines, NoHeaderError } from './gpio-header.js'
import { claimSysfsLines, findSysfsHeader, type SysfsHeader } from './gpio-sysfs.js'
import { type GpioChip, openHeaderChip } from './gpio-uapi.js'
import type { ClaimedOutput } from './output.js'

/** How the kernel lets this program drive the header's lines. */
export type GpioWay =
  | { readonly kind: 'gpio-device'; readonly chip: GpioChip }
  | { readonly kind: 'gpio-sysfs'; readonly header: SysfsHeader; readonly whyNoDevice: RigError }

/**
 * Chooses the way to the header's lines: the character device, which changes both by one call and frees them
 * however the program ends; where that is not to be had the older sysfs.
 *
 * @throws RigError 'missing' or 'forbidden', with what is wrong with either
 */
export async function findGpioWay(): Promise<GpioWay> {
  let whyNoDevice: RigError
  try {
    return { kind: 'gpio-device', chip: await openHeaderChip() }
  } catch (error) {
    whyNoDevice = asRigError(error)
  }
  try {
    return { kind: 'gpio-sysfs', header: await findSysfsHeader(), whyNoDevice }
  } catch (error) {
    const whyNoSysfs = asRigError(error)
    // A way that sees no header does not count where the other one knows more.
    if (whyNoSysfs instanceof NoHeaderError) throw whyNoDevice
    if (whyNoDevice instanceof NoHeaderError) throw whyNoSysfs
    const { code, message, remedy = whyNoSysfs.remedy } = whyNoDevice
    throw new RigError(code, `${message}; and by sysfs: ${whyNoSysfs.message}`, {
      cause: new AggregateError([whyNoDevice, whyNoSysfs]),
      remedy,
    })
  }
}

/** Claims two lines of the header, dark. Errors: RigError. */
export async function claimGpio(lines: GpioLines): Promise<ClaimedOutput> {
  const way = await findGpioWay()
  if (way.kind === 'gpio-sysfs') {
    const config = { ...lines, kind: way.kind, base: way.header.base }
    return { output: await claimSysfsLines(config), config }
  }
  try {
    return { output: await claimDeviceLines(way.chip, lines), config: { kind: way.kind } }
  } finally {
    way.chip.close()
  }
}

function asRigError(error: unknown): RigError {
  if (error instanceof RigError) return error
  throw error
}
