import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectClient, type MqttClient } from 'mqtt'
import { describe, expect } from 'vitest'
import { Records } from '../../../src/factory/records/records.js'
import { Publisher, type PublisherOptions } from '../../../src/factory/station/mqtt.js'
import { LINES } from '../../../src/report/documents.js'
import { certificates } from '../../helpers/certificates.js'
import { type Folder, test } from '../../helpers/folder.js'
import { freePort, Mosquitto } from '../../helpers/mosquitto.js'
import { needs } from '../../helpers/requirements.js'
import { FakeStation, rigSnapshot } from '../../web/station/fake-station.js'
import { deviceOf, STATION, T0, wholeCycle } from '../records/example.js'

/** How often the broker is killed; by hand: BLINKUP_KILLS=20 npx vitest run test/factory/station/mqtt.test.ts -t killed */
const KILLS = Number(process.env.BLINKUP_KILLS ?? 3)

const open = (folder: Folder): Records => Records.open(folder.at('records.db'), STATION, T0)
const waiting = (rig: string) => rigSnapshot(rig, { state: 'waiting' })
/** What shows that of which the other is told. */
function station(): { fake: FakeStation; shown: PublisherOptions['station'] } {
  const fake = new FakeStation({ station: STATION, rigs: [waiting('left')] })
  const shown = {
    get snapshot() {
      return fake.state
    },
    onChange: (listener: () => void) => fake.onChange(listener),
  }
  return { fake, shown }
}
const connected = (client: MqttClient): Promise<unknown> =>
  new Promise((resolve) => client.once('connect', resolve))

function addCycle(records: Records): void {
  for (const _ of wholeCycle(records, T0, () => {}));
}

/** A publisher, and what it has told of faults. */
function publish(
  records: Records,
  port: number,
  options: Partial<PublisherOptions> = {},
): Publisher & { readonly faults: string[] } {
  const faults: string[] = []
  const publisher = new Publisher({
    url: `mqtt://127.0.0.1:${port}`,
    user: null,
    password: null,
    ca: null,
    station: station().shown,
    records,
    reconnectMs: 50,
    onFault: (error) => void faults.push((error as Error).message),
    ...options,
  })
  return Object.assign(publisher, { faults })
}

interface Got {
  readonly topic: string
  readonly text: string
  readonly isRetained: boolean
}

/** A line of the plant that hears all that stations tell. */
async function listen(port: number): Promise<{ client: MqttClient; got: Got[] }> {
  const client = connectClient(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50 })
  client.on('error', () => {})
  const got: Got[] = []
  client.on('message', (topic, payload, { retain }) => {
    got.push({ topic, text: payload.toString(), isRetained: retain })
  })
  await connected(client)
  await client.subscribeAsync('blinkup/#', { qos: 0 })
  return { client, got }
}

const news = (got: readonly Got[]): { sequence: number; text: string }[] =>
  got
    .filter(({ topic }) => !topic.endsWith('/state'))
    .map(({ text }) => ({ sequence: JSON.parse(text).sequence, text }))
const states = (got: readonly Got[]) =>
  got.filter(({ topic }) => topic.endsWith('/state')).map(({ text }) => JSON.parse(text))

/** Lets a publisher through to a broker, or not. */
class Gate implements AsyncDisposable {
  isOpen = true
  readonly #sockets = new Set<Socket>()

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(broker: number): Promise<Gate> {
    const server = createServer()
    const gate = new Gate(server, await freePort())
    server.on('connection', (socket) => {
      if (!gate.isOpen) return void socket.destroy()
      const other = connect(broker, '127.0.0.1')
      for (const one of [socket, other]) {
        gate.#sockets.add(one)
        one
          .on('error', () => {})
          .on('close', () => {
            gate.#sockets.delete(one)
            socket.destroy()
            other.destroy()
          })
      }
      socket.pipe(other).pipe(socket)
    })
    server.listen(gate.port, '127.0.0.1')
    await once(server, 'listening')
    return gate
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.server.close()
  }
}

describe.skipIf(needs('/usr/sbin/mosquitto'))('news of a station', () => {
  test('comes in its order, with its schema and all that is known', async ({ folder }) => {
    await using broker = await Mosquitto.open(folder)
    const { client, got } = await listen(broker.port)
    using records = open(folder)
    addCycle(records)
    await using _ = publish(records, broker.port)
    await expect.poll(() => news(got).length).toBe(1)
    addCycle(records)
    const late = { deviceId: deviceOf(1), mac: null, success: false, values: { battery: 3 } }
    records.keep(late, T0)
    records.keep({ ...late, deviceId: null }, T0)
    await expect.poll(() => news(got).length).toBe(4)
    const messages = got.filter(({ topic }) => !topic.endsWith('/state'))
    expect(messages.map(({ topic }) => topic)).toEqual([
      'blinkup/line 1/cycle',
      'blinkup/line 1/cycle',
      'blinkup/line 1/result',
      'blinkup/line 1/result',
    ])
    expect(messages.some(({ isRetained }) => isRetained)).toBe(false)
    const read = messages.map(({ text }) => JSON.parse(text))
    for (const message of read) LINES[message.schema as keyof typeof LINES].parse(message)
    const { recordsId } = records
    expect(read).toMatchObject([
      { station: STATION, recordsId, sequence: 1, cycle: { number: 1, end: { outcome: 'pass' } } },
      { sequence: 2, cycle: { number: 2, results: [{ flag: 'matched' }] } },
      { sequence: 3, result: { number: 3, flag: 'late', cycleId: read[0].cycle.id } },
      { sequence: 4, result: { number: 4, flag: 'unknown', cycleId: null } },
    ])
    await expect.poll(() => records.published).toBe(4)
    client.end(true)
  })

  test(`is not lost with a broker that is killed, and is known when it comes again (${KILLS} times)`, async ({
    folder,
  }) => {
    await using broker = await Mosquitto.open(folder)
    // What the broker has taken and nobody has heard dies with it: that is the broker's to prevent. So nothing gets there before there is a listener.
    await using gate = await Gate.open(broker.port)
    const { client, got } = await listen(broker.port)
    using records = open(folder)
    await using publisher = publish(records, gate.port)
    const load = setInterval(() => addCycle(records), 2)
    for (let kill = 0; kill < KILLS; kill++) {
      const before = news(got).length
      await expect.poll(() => news(got).length).toBeGreaterThan(before + 10)
      await sleep(20 * Math.random())
      gate.isOpen = false
      await broker.stop()
      gate.cut()
      await sleep(50)
      const back = connected(client)
      await broker.start()
      await back
      await client.subscribeAsync('blinkup/#', { qos: 0 })
      gate.isOpen = true
    }
    clearInterval(load)
    const all = records.news(0, Number.MAX_SAFE_INTEGER).map(({ sequence }) => sequence)
    expect(all.length).toBeGreaterThan(10 * KILLS)
    await expect.poll(() => news(got).at(-1)?.sequence).toBe(all.length)
    const known = new Map<number, string>()
    for (const { sequence, text } of news(got)) {
      expect(known.get(sequence) ?? text).toBe(text)
      known.set(sequence, text)
    }
    expect(Array.from(known.keys())).toEqual(all)
    expect(publisher.faults.length).toBeGreaterThanOrEqual(KILLS)
    client.end(true)
  })

  test('that was told and not noted comes again with its number', async ({ folder }) => {
    await using broker = await Mosquitto.open(folder)
    const { client, got } = await listen(broker.port)
    using records = open(folder)
    for (let i = 0; i < 3; i++) addCycle(records)
    for (const published of [0, 1]) {
      records.published = published
      const before = news(got).length
      await using _ = publish(records, broker.port)
      await expect.poll(() => news(got).length).toBe(before + 3 - published)
    }
    expect(news(got).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 2, 3])
    client.end(true)
  })

  test('waits for a broker that takes no message, which is told once', async ({ folder }) => {
    const rules = await folder.file('rules', 'topic read #\n')
    await using broker = await Mosquitto.open(folder, `allow_anonymous true\nacl_file ${rules}`)
    using records = open(folder)
    addCycle(records)
    await using publisher = publish(records, broker.port)
    await expect.poll(() => publisher.faults.length).toBe(1)
    expect(publisher.faults[0]).toMatch(
      /^the broker mqtt:.* says no \(Publish error: Not authorized\); look at/,
    )
    expect(records.published).toBe(0)
  })

  test('comes to a broker with a password, and not without', async ({ folder }) => {
    const users = folder.at('users')
    execFileSync('mosquitto_passwd', ['-c', '-b', users, 'line', 'a secret'], { stdio: 'pipe' })
    await using broker = await Mosquitto.open(folder, `password_file ${users}`)
    using records = open(folder)
    addCycle(records)
    {
      await using wrong = publish(records, broker.port, { user: 'line', password: 'not a secret' })
      await expect.poll(() => wrong.faults.length).toBe(1)
      await sleep(200) // several connections
      expect(wrong.faults).toEqual([
        `the broker mqtt://127.0.0.1:${broker.port} says no (Connection refused: Not authorized); look at user and password: what it is to be told waits in the records`,
      ])
      expect(records.published).toBe(0)
    }
    await using right = publish(records, broker.port, { user: 'line', password: 'a secret' })
    await expect.poll(() => records.published).toBe(1)
    expect(right.faults).toEqual([])
  })

  test.skipIf(needs('openssl'))(
    'goes to a broker that is known by its certificate, only',
    async ({ folder }) => {
      const { ca, other, server } = await certificates(folder)
      expect(server.cert).toContain('CERTIFICATE')
      const files = `certfile ${folder.at('server.pem')}\nkeyfile ${folder.at('server.key')}`
      await using broker = await Mosquitto.open(folder, `allow_anonymous true\n${files}`)
      using records = open(folder)
      addCycle(records)
      const url = `mqtts://127.0.0.1:${broker.port}`
      {
        await using stranger = publish(records, 0, { url, ca: other })
        await expect.poll(() => stranger.faults.length).toBe(1)
        expect(stranger.faults[0]).toMatch(/cannot be reached \(unable to verify/)
      }
      await using _ = publish(records, 0, { url, ca })
      await expect.poll(() => records.published).toBe(1)
    },
  )

  test('waits while nothing, or nothing that knows MQTT, is there, and ends at once', async ({
    folder,
  }) => {
    using records = open(folder)
    addCycle(records)
    {
      await using nobody = publish(records, await freePort())
      await expect.poll(() => nobody.faults.length).toBe(1)
      expect(nobody.faults[0]).toMatch(/cannot be reached \(connect ECONNREFUSED/)
    }
    const server = createServer((socket) => {
      socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    {
      await using other = publish(records, (server.address() as { port: number }).port)
      await expect.poll(() => other.faults.length).toBe(1)
    }
    server.close()
    expect(records.published).toBe(0)
  })
})

describe.skipIf(needs('/usr/sbin/mosquitto'))('the state of a station', () => {
  test('is there for whoever comes late, is the newest, and ends with the station', async ({
    folder,
  }) => {
    await using broker = await Mosquitto.open(folder)
    using records = open(folder)
    const { fake, shown } = station()
    {
      await using _ = publish(records, broker.port, { station: shown })
      const { client, got } = await listen(broker.port)
      await expect.poll(() => states(got).at(-1)?.isOnline).toBe(true)
      fake.show(waiting('left'), waiting('right'))
      await expect.poll(() => states(got).at(-1)?.rigs.length).toBe(2)
      LINES['blinkup.station-state/1'].parse(states(got).at(-1))
      client.end(true)
    }
    const { client, got } = await listen(broker.port)
    await expect.poll(() => got.length).toBe(1)
    expect(got[0]?.isRetained).toBe(true)
    expect(states(got)[0]).toMatchObject({ isOnline: false, atMs: expect.any(Number), rigs: [] })
    client.end(true)
  })

  test('is told by the broker when the station is cut off', async ({ folder }) => {
    await using broker = await Mosquitto.open(folder)
    await using gate = await Gate.open(broker.port)
    const { client, got } = await listen(broker.port)
    using records = open(folder)
    await using _ = publish(records, gate.port)
    await expect.poll(() => states(got).at(-1)?.isOnline).toBe(true)
    gate.isOpen = false
    gate.cut()
    await expect.poll(() => states(got).at(-1)?.isOnline).toBe(false)
    expect(states(got).at(-1)).toMatchObject({ station: STATION, atMs: null, rigs: [] })
    LINES['blinkup.station-state/1'].parse(states(got).at(-1))
    gate.isOpen = true
    await expect.poll(() => states(got).at(-1)?.isOnline).toBe(true)
    client.end(true)
  })
})
