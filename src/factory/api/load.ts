import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FactoryError } from '../errors.js'
import { describeException } from './exceptions.js'
import type { AgentFirmware, DeviceFirmware } from './firmware.js'

/**
 * Loads a device's firmware: the default export of a TypeScript or JavaScript module.
 *
 * @throws FactoryError 'no-firmware', with the file, and the line where there is one
 */
export async function loadDeviceFirmware(path: string): Promise<DeviceFirmware> {
  return (await defaultFunctionOf(path)) as DeviceFirmware
}

/** Loads an agent's firmware, as `loadDeviceFirmware` does. */
export async function loadAgentFirmware(path: string): Promise<AgentFirmware> {
  return (await defaultFunctionOf(path)) as AgentFirmware
}

async function defaultFunctionOf(path: string): Promise<unknown> {
  const file = resolve(path)
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
  if (!isFile)
    throw new FactoryError('no-firmware', `there is no firmware at ${path}: give a module's file`)
  const { createJiti } = await import('jiti')
  // Nothing is kept on the disk, and a module that has changed is loaded anew.
  const jiti = createJiti(file, { fsCache: false, moduleCache: false, interopDefault: false })
  let module: unknown
  try {
    module = await jiti.import(file)
  } catch (error) {
    throw new FactoryError(
      'no-firmware',
      `the firmware ${path} cannot be loaded: ${describeException(error)}`,
      { cause: error },
    )
  }
  const firmware = (module as { default?: unknown } | null)?.default
  if (typeof firmware !== 'function') {
    throw new FactoryError(
      'no-firmware',
      `the firmware ${path} has no function as its default export: write "export default (api) => { … }"`,
    )
  }
  return firmware
}
