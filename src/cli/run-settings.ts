import type { ReportRow } from '../report/bench-report.js'
import { machineRows } from '../report/fingerprint.js'
import type { RigInfo } from '../rig/rig.js'
import type { LightSettings } from './rig-options.js'

/** What a run was done with, so that another run can be compared with it. */
export type RunSettings = Readonly<Record<string, string | number | boolean | null>>

/**
 * All that may make a difference to a rig's figures, by names such as `photodiode.sampleRateHz`.
 *
 * @param info null where no rig was opened
 * @param beside what the command itself was told, which beats the rest
 */
export function runSettings(
  settings: LightSettings,
  info: RigInfo | null,
  beside: RunSettings,
): RunSettings {
  return {
    ...toldSettings(settings),
    ...beside,
    name: info?.name ?? null,
    serialNumber: info?.serialNumber ?? null,
    firmwareVersion: info?.firmwareVersion ?? null,
    packageVersion: info?.packageVersion ?? null,
  }
}

/** The same as rows of a report, with the machine. */
export function settingRows(
  settings: LightSettings,
  info: RigInfo | null,
  beside: RunSettings,
): ReportRow[] {
  const told = Object.entries({ ...toldSettings(settings), ...beside })
  return [
    ...told.flatMap(([name, value]): ReportRow[] =>
      value === null ? [] : [[name, String(value)]],
    ),
    ...machineRows(info),
  ]
}

function toldSettings({ rig, symbolRateHz, dialect, syncSymbols }: LightSettings): RunSettings {
  // How fast an emulated board's time runs is no matter to it.
  const { realTime, ...config } = rig as { realTime?: boolean } & typeof rig
  return flat({ ...config, symbolRateHz, dialect, syncSymbols })
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
