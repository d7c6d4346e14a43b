import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { Records } from '../src/factory/records/records.js'
import { Publisher } from '../src/factory/station/mqtt.js'
import type { RigSnapshot } from '../src/factory/station/snapshot.js'
import { Mosquitto } from '../test/helpers/mosquitto.js'
import { writeStation } from '../test/helpers/station-records.js'

const FROM_MS = Date.UTC(2026, 10, 30, 6)
const RIG: RigSnapshot = {
  rig: 'left',
  activity: { state: 'waiting' },
  sinceMs: FROM_MS,
  instruction: 'Put a unit in, and press the button',
  last: null,
  counts: { pass: 1, fail: 0, error: 0, timeout: 0, aborted: 0, ignoredTriggers: 0 },
  recent: [],
  labels: null,
}

/** What a station tells a real broker, as lines, by the names of their schemas. */
export async function brokerExamples(folder: string): Promise<ReadonlyMap<string, string>> {
  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  await using broker = await Mosquitto.open({
    path: folder,
    at: (name) => join(folder, name),
    file,
  })
  const url = `mqtt://127.0.0.1:${broker.port}`
  const client = await connectAsync(url)
  const told = new Map<string, string>()
  const all = new Promise<void>((resolve) => {
    client.on('message', (_, payload) => {
      const line = payload.toString()
      const { schema } = JSON.parse(line)
      if (!told.has(schema)) told.set(schema, `${line}\n`)
      if (told.size === 3) resolve()
    })
  })
  await client.subscribeAsync('blinkup/#')
  const path = join(folder, 'told.db')
  writeStation(path, FROM_MS, 1)
  using records = Records.open(path, 'line 1', FROM_MS + 60_000)
  const [first] = Array.from(records.cycles()).slice(-1)
  const late = {
    deviceId: first?.deviceId ?? null,
    mac: null,
    success: true,
    values: { rssi: -61 },
  }
  records.keep(late, FROM_MS + 60_000)
  const station = { snapshot: { station: 'line 1', rigs: [RIG] }, onChange: () => () => {} }
  const onFault = (error: unknown): never => {
    throw error
  }
  {
    await using _ = new Publisher({
      ...{ url, user: null, password: null, ca: null },
      ...{ station, records, onFault },
    })
    await all
  }
  await client.endAsync()
  return told
}
