// A line on one desk, with the examples' firmwares and a simulated light, in a time 25 times as fast: how long a device takes, and what memory is left
// after so many of them, server, fixture and devices together.
// `npm run bench:factory [-- --json] [-- --devices N]`
import { parseArgs } from 'node:util'
import dutAgent from '../examples/factory/dut-agent.js'
import fixtureAgent from '../examples/factory/fixture-agent.js'
import { Cloud } from '../src/factory/cloud/cloud.js'
import { Desk, deviceIdOf, FIXTURE_ID, isReady } from '../test/helpers/desk.js'
import { scaledTime } from '../test/helpers/scaled-time.js'
import { progress, quantiles, type Row, report, round } from './report.js'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    write: { type: 'boolean' },
    devices: { type: 'string', default: '1000' },
  },
})
const DEVICES = Number(values.devices)
/** Rows of the table. */
const LOOKS = 10
const MIB = 2 ** 20

const cloud = await Cloud.open({ agents: { fixture: fixtureAgent, dut: dutAgent } })
await cloud.assignFixture(FIXTURE_ID)
const desk = new Desk(cloud.url, scaledTime(25))
const fixture = desk.fixture()
fixture.imp.powerOn()
await fixture.happenings.until(isReady, 60)

const rows: Row[] = []
let tookMs: number[] = []
for (let number = 1; number <= DEVICES; number++) {
  progress(`device ${deviceIdOf(number)}`)
  const startMs = performance.now()
  const { imp, happenings } = desk.device(number)
  imp.powerOn()
  await desk.lightUp(fixture)
  if (!(await happenings.until(({ event }) => event === 'handed-over', 60))) {
    throw new Error(`device ${number} did not come: ${JSON.stringify(happenings.all.slice(-9))}`)
  }
  await imp.powerOff()
  desk.light.sequences.length = 0
  fixture.happenings.all.length = 0
  tookMs.push(performance.now() - startMs)
  if (number % (DEVICES / LOOKS) !== 0) continue
  globalThis.gc?.()
  const { heapUsed, rss } = process.memoryUsage()
  const { median, p99, max } = quantiles(tookMs)
  rows.push({
    devices: number,
    heapMiB: round(heapUsed / MIB, 1),
    rssMiB: round(rss / MIB, 0),
    medianMs: round(median, 0),
    p99Ms: round(p99, 0),
    maxMs: round(max, 0),
  })
  tookMs = []
}
await fixture.imp.powerOff()
await cloud[Symbol.asyncDispose]()

report('blinkup.bench-factory/1', { 'Devices on a line, one after the other': rows })
