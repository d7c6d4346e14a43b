import { setTimeout as sleep } from 'node:timers/promises'
import { connectAsync } from 'mqtt'
import { describe, expect } from 'vitest'
import { readDatabaseUrl } from '../../src/cli/station-plant.js'
import { readStation } from '../../src/cli/station-settings.js'
import { LINES } from '../../src/report/documents.js'
import { blinkup, start } from '../helpers/blinkup.js'
import { type Folder, test } from '../helpers/folder.js'
import { freePort, Mosquitto } from '../helpers/mosquitto.js'
import { DATABASE_PASSWORD, Postgres } from '../helpers/postgres.js'
import { needs } from '../helpers/requirements.js'
import { writeStation } from '../helpers/station-records.js'

const FROM_MS = Date.UTC(2026, 10, 30, 6)
const SECRET = 'a secret of the line'

const stationFile = (folder: Folder, mqtt: string): Promise<string> =>
  folder.file(
    'station.toml',
    `name = "line 3"\ndatabase = "records.db"\nrate = 500\nlockout = 0\n[message]\ndummy = true\n[mqtt]\n${mqtt}\n[rigs.left]\nrig = "emulated"\nsample-rate = 4000\n`,
  )

/** Runs a station until a cycle has ended, and what it has said. */
async function runOneCycle(file: string): Promise<string> {
  const run = start(['station', file], { input: '', inputGoesOn: true })
  while (!/cycle 1 /.test(run.stderr)) {
    if (run.process.exitCode !== null) throw new Error(run.stderr)
    run.process.stdin?.write('\n')
    await sleep(100)
  }
  run.process.kill('SIGINT')
  return (await run.ended).stderr
}

describe('the broker of a station', () => {
  test.for([
    ['url = "http://a"', 'mqtt.url must be mqtt://HOST or mqtts://HOST, perhaps with a port, and'],
    [`url = "mqtt://a:${SECRET}@b"`, 'mqtt.url must be mqtt://HOST or mqtts://HOST'],
    ['url = "mqtt://b"\npassword = "x"', 'mqtt.password is not a setting of a station'],
    ['user = "a"', 'mqtt.url must be mqtt://HOST'],
  ] as const)('is checked: %s', async ([settings, fault], { folder }) => {
    const faults = await readStation(await stationFile(folder, settings))
    expect(faults).toMatchObject([{ sentence: expect.stringContaining(fault) }])
    expect(JSON.stringify(faults)).not.toContain(SECRET)
  })

  test('needs a password for its user', async ({ folder }) => {
    const file = await stationFile(folder, 'url = "mqtt://b"\nuser = "a"')
    const { exitCode, stderr } = await blinkup(['station', 'check', file])
    expect(stderr).toMatch(/^blinkup: BLINKUP_MQTT_PASSWORD is missing: set it to the password /)
    expect(exitCode).toBe(64)
  })

  test('keeps no cycle from its end while it is away', async ({ folder }) => {
    const url = `mqtt://127.0.0.1:${await freePort()}`
    const stderr = await runOneCycle(await stationFile(folder, `url = "${url}"`))
    expect(stderr).toContain('left: cycle 1 PASS')
    expect(stderr.split(`the broker ${url} cannot be reached (connect ECONNREFUSED`)).toHaveLength(
      2,
    )
  })

  test.skipIf(needs('/usr/sbin/mosquitto'))('is told how each cycle ends', async ({ folder }) => {
    await using broker = await Mosquitto.open(folder)
    const url = `mqtt://127.0.0.1:${broker.port}`
    const client = await connectAsync(url)
    const told: unknown[] = []
    client.on('message', (_, payload) => {
      const message = JSON.parse(payload.toString())
      told.push(LINES[message.schema as keyof typeof LINES].parse(message))
    })
    await client.subscribeAsync('blinkup/line 3/#', { qos: 1 })
    const stderr = await runOneCycle(await stationFile(folder, `url = "${url}"`))
    expect(stderr).toContain('left: cycle 1 PASS')
    expect(stderr).not.toContain('broker')
    const last = { schema: 'blinkup.station-state/1', isOnline: false }
    await expect.poll(() => told.at(-1)).toMatchObject(last)
    const cycle = { number: 1, rig: 'left', end: { outcome: 'pass', reason: null, detail: null } }
    expect(told).toContainEqual(
      expect.objectContaining({ sequence: 1, cycle: expect.objectContaining(cycle) }),
    )
    await client.endAsync()
  })
})

describe("the plant's database", () => {
  test.for([
    ['mysql://a/b', 'Give a URL such as postgres://user@host/database.'],
    [`postgres://a:${SECRET}@b/c`, 'A password in it can be seen by every user of this computer'],
    ['postgres://a@b/c?password=x', 'A password in it can be seen'],
  ] as const)('is none of %s', ([url, fault]) => {
    expect(() => readDatabaseUrl(url)).toThrow(fault)
  })

  test('is read, or a file of records', async () => {
    const { exitCode, stderr } = await blinkup(['station', 'report'])
    expect(stderr).toBe('blinkup: say what to read, with --database or --from\n')
    expect(exitCode).toBe(64)
  })

  test.skipIf(needs('/usr/bin/pg_ctlcluster'))(
    'gets what stations have recorded, and reports of all of them',
    async ({ folder }) => {
      await using server = await Postgres.open(folder)
      const url = server.url()
      const env = { BLINKUP_DATABASE_PASSWORD: DATABASE_PASSWORD }
      const database = folder.at('a.db')
      writeStation(database, FROM_MS, 6)
      const sync = () => blinkup(['station', 'sync', '--database', database, '--to', url], { env })
      expect(await sync()).toEqual({
        exitCode: 0,
        stdout: '8 cycles and 6 results of station line 1 were put in\n',
        stderr: '',
      })
      expect((await sync()).stdout).toMatch(/^0 cycles and 0 results /)
      const report = async (...args: string[]) => {
        const ended = await blinkup(['station', 'report', '--json', ...args], { env })
        expect(ended.stderr).toBe('')
        return JSON.parse(ended.stdout)
      }
      const wanted = await report('--database', database)
      const files = ['csv', 'jsonl', 'junit', 'html'].map((kind) => folder.at(`a.${kind}`))
      const [csv = '', jsonl = '', junit = '', html = ''] = files
      const outputs = ['--csv', csv, '--jsonl', jsonl, '--junit', junit, '--report', html]
      const one = await report('--from', url, '--station', 'line 1', ...outputs)
      // The cycle that goes on is in the records only.
      expect(one).toEqual({ ...wanted, unfinished: 0 })
      const all = await report('--from', url, '--by', 'station')
      expect(all).toMatchObject({ station: null, all: wanted.all, groups: [{ name: 'line 1' }] })
      expect(all.margins[0].rig).toBe('line 1: left')
      const wrong = { env: { BLINKUP_DATABASE_PASSWORD: SECRET } }
      const refused = await blinkup(['station', 'report', '--from', url], wrong)
      expect(refused.stderr).toMatch(/^blinkup: the database 127\.0\.0\.1:\d+\/postgres says no \(/)
      expect(refused.stderr).not.toContain(SECRET)
      expect(refused.exitCode).toBe(69)
    },
  )
})
