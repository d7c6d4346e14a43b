// What the stand-in of the server keeps of each device: the heap after a garbage collection and the state file, as devices go through the
// line one after another, each lit, tested, blessed and gone again; with an agent for each, which goes on, and without.
// `npm run bench:cloud [-- --json] [-- --write] [-- --devices N]`
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { AgentFirmware } from '../src/factory/api/firmware.js'
import { Cloud } from '../src/factory/cloud/cloud.js'
import { FIXTURE_ID, TestDevice } from '../test/factory/cloud/link-client.js'
import { progress, type Row, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    devices: { type: 'string', default: '2000' },
  },
})
const DEVICES = Number(values.devices)
const STEP = DEVICES / 4

const agent: AgentFirmware = ({ http, device }) => {
  http.onrequest((_, response) => response.send(200, 'OK'))
  device.on('result', (data) => void device.send('result', data))
}

const heapMB = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 1e6
}

async function line(stateFile: string, isWithAgents: boolean): Promise<Row[]> {
  const agents = isWithAgents ? { fixture: agent, dut: agent, application: agent } : {}
  await using cloud = await Cloud.open({ stateFile, agents })
  await cloud.assignFixture(FIXTURE_ID)
  const fixture = new TestDevice(cloud.url, FIXTURE_ID)
  await fixture.connect()
  const rows: Row[] = []
  for (let device = 0; device <= DEVICES; device++) {
    if (device % STEP === 0) {
      rows.push({
        devices: device,
        heapMB: round(heapMB(), 1),
        stateFileMB: round(statSync(stateFile).size / 1e6, 2),
      })
    }
    progress(`${device} of ${DEVICES} devices`)
    await goThrough(fixture, `600a${device.toString(16).padStart(12, '0')}`)
  }
  return rows
}

async function goThrough(fixture: TestDevice, id: string): Promise<void> {
  const dut = new TestDevice(fixture.url, id, await fixture.factoryToken())
  await dut.connect()
  await dut.goOnline()
  await dut.post('log', { kind: 'log', text: 'tested' })
  await dut.post('message', { name: 'result', data: { success: true } })
  await dut.bless(true)
  await dut.connect()
  dut.vanish()
}

const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
try {
  report('blinkup.bench-cloud/1', {
    'with agents': await line(join(folder, 'with'), true),
    'without agents': await line(join(folder, 'without'), false),
  })
} finally {
  rmSync(folder, { recursive: true })
}
process.exit() // connections that rest
