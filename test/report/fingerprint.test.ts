import { expect, test } from 'vitest'
import { clockId } from '../../src/light/clock.js'
import { machineRows } from '../../src/report/fingerprint.js'
import { packageVersion } from '../../src/rig/package-version.js'
import type { PartInfo, RigInfo } from '../../src/rig/rig.js'

const board: PartInfo = {
  name: '/dev/ttyACM0',
  serialNumber: '8573',
  firmwareVersion: '1.3.0',
  clock: clockId('board'),
}
const rig: RigInfo = {
  ...board,
  kind: 'bridge',
  packageVersion: packageVersion(),
  symbolRatesHz: [20, 1000],
  maxSymbols: null,
  photodiode: { ...board, sampleRateHz: 1000 },
}

test('a measurement without a rig tells the machine and the versions', () => {
  const rows = machineRows(null)
  expect(rows.map(([label]) => label)).toEqual(['blinkup', 'Node.js', 'system', 'CPU'])
  expect(rows.slice(0, 2).map(([, text]) => text)).toEqual([packageVersion(), process.version])
})

test('a board that does both is told once, and one that only sees beside the rig', () => {
  expect(machineRows(rig).slice(4)).toEqual([
    ['bridge rig', '/dev/ttyACM0, serial number 8573'],
    ['firmware of the bridge rig', '1.3.0'],
    ['sample rate', '1000 Hz'],
  ])
  const lines = { name: 'BCM 17 and 27', serialNumber: null, firmwareVersion: null }
  expect(machineRows({ ...rig, ...lines, kind: 'gpio' }).slice(4)).toEqual([
    ['gpio rig', 'BCM 17 and 27'],
    ['photodiode', '/dev/ttyACM0, serial number 8573'],
    ['firmware of the photodiode', '1.3.0'],
    ['sample rate', '1000 Hz'],
  ])
})
