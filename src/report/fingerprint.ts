import { cpus, release, type, version } from 'node:os'
import { packageVersion } from '../rig/package-version.js'
import type { PartInfo, RigInfo } from '../rig/rig.js'
import type { ReportRow } from './bench-report.js'

/** What a measurement was made with: this program, the machine, the board and its firmware; null where no rig was used. */
export function machineRows(rig: RigInfo | null): ReportRow[] {
  const [cpu] = cpus()
  return [
    ['blinkup', packageVersion()],
    ['Node.js', process.version],
    ['system', `${type()} ${release()}, ${version()}`],
    ['CPU', `${cpu?.model.trim() || process.arch}, ${cpus().length} cores`],
    ...(rig ? partRows(`${rig.kind} rig`, rig) : []),
    ...(rig?.photodiode
      ? [
          ...(isPartOf(rig.photodiode, rig) ? [] : partRows('photodiode', rig.photodiode)),
          ['sample rate', `${rig.photodiode.sampleRateHz} Hz`] satisfies ReportRow,
        ]
      : []),
  ]
}

const isPartOf = (part: PartInfo, rig: RigInfo): boolean =>
  part.name === rig.name && part.serialNumber === rig.serialNumber

function partRows(label: string, { name, serialNumber, firmwareVersion }: PartInfo): ReportRow[] {
  return [
    [label, serialNumber === null ? name : `${name}, serial number ${serialNumber}`],
    ...(firmwareVersion === null
      ? []
      : [[`firmware of the ${label}`, firmwareVersion] satisfies ReportRow]),
  ]
}
