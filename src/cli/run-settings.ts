import type { RigInfo } from '../rig/rig.js'
import type { LightSettings } from './rig-options.js'

/** What a run was done with, so that another run can be compared with it. */
export type RunSettings = Readonly<Record<string, string | number | boolean | null>>

/**
 * All that may make a difference to a rig's figures, by names such as `photodiode.sampleRateHz`.
 *
 * @param beside what the command itself was told
 */
export function runSettings(
  { rig, symbolRateHz, dialect, syncSymbols }: LightSettings,
  info: RigInfo,
  beside: RunSettings,
): RunSettings {
  // How fast an emulated board's time runs is no matter to it.
  const { realTime, ...config } = rig as { realTime?: boolean } & typeof rig
  const { packageVersion, name, serialNumber, firmwareVersion } = info
  return {
    ...flat({ ...config, symbolRateHz, dialect, syncSymbols }),
    ...beside,
    name,
    serialNumber,
    firmwareVersion,
    packageVersion,
  }
}

function flat(settings: object, prefix = ''): RunSettings {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      if (value === undefined) return []
      if (value === null || typeof value !== 'object') return [[prefix + name, value]]
      return Object.entries(flat(value, `${prefix}${name}.`))
    }),
  )
}
