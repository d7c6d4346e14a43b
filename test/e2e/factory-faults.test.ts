import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import dutAgent from '../../examples/factory/dut-agent.js'
import fixtureAgent from '../../examples/factory/fixture-agent.js'
import { seededRandom } from '../../src/channel/index.js'
import { Cloud } from '../../src/factory/cloud/cloud.js'
import { roleOf } from '../../src/factory/cloud/groups.js'
import type { Device } from '../../src/factory/cloud/records.js'
import type { ImpEvent } from '../../src/factory/imp/events.js'
import { memoryFile } from '../../src/factory/imp/stored-settings.js'
import { demodulate } from '../../src/modulation/index.js'
import { decodePacket, type Settings } from '../../src/packet/index.js'
import { type Run, start } from '../helpers/blinkup.js'
import { Desk, FIXTURE_ID, isReady, press, type Seat } from '../helpers/desk.js'
import { test } from '../helpers/folder.js'
import { scaledTime } from '../helpers/scaled-time.js'

/** Each fault strikes at so many random moments of a cycle, each time another device's. */
const MOMENTS = process.env['CI'] ? 50 : 8
/** A whole cycle on a machine with nothing else to do. */
const CYCLE_MS = 700
const TIME = scaledTime(25)

/** A server in a process of its own: it can be killed. */
class ServerProcess {
  #run: Run | undefined
  url = ''

  constructor(
    private readonly stateFile: string,
    private readonly webhookUrl: string,
  ) {}

  async start(): Promise<void> {
    const agent = (name: string) =>
      fileURLToPath(new URL(`../../examples/factory/${name}.ts`, import.meta.url))
    const run = start([
      ...['cloud', '--state', this.stateFile, '--fixture-id', FIXTURE_ID],
      ...['--port', (this.url && new URL(this.url).port) || '0'],
      ...['--fixture-agent', agent('fixture-agent'), '--dut-agent', agent('dut-agent')],
      ...['--blessing-webhook', this.webhookUrl],
    ])
    this.#run = run
    await run.says('stderr', /http:\/\/127\.0\.0\.1:\d+/)
    this.url = /http:\/\/127\.0\.0\.1:\d+/.exec(run.stderr)?.[0] ?? ''
  }

  async kill(): Promise<void> {
    this.#run?.process.kill('SIGKILL')
    await this.#run?.exited
  }
}

/** Takes note of what is posted, and by which device. */
class Receiver {
  readonly deviceIds: string[] = []
  #server: Server | undefined
  #port = 0

  async open(): Promise<void> {
    this.#server = createServer((request, response) => {
      let body = ''
      request.on('data', (piece) => {
        body += piece
      })
      request.on('end', () => {
        this.deviceIds.push(JSON.parse(body).device_id)
        response.end('OK')
      })
    }).listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }
}

/** What strikes at a random moment, and what is mended before the operator tries again. */
interface Fault {
  strike(line: Line): Promise<void> | void
  heal(line: Line): Promise<void> | void
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'the server is killed': {
    strike: ({ server }) => (server as ServerProcess).kill(),
    heal: ({ server }) => (server as ServerProcess).start(),
  },
  'the DUT loses its power': {
    strike: (line) => line.device.imp.powerOff(),
    heal: (line) => line.device.imp.powerOn(),
  },
  'the fixture loses its power': {
    strike: ({ fixture }) => fixture.imp.powerOff(),
    heal: ({ fixture }) => fixture.imp.powerOn(),
  },
  'the light is blocked': {
    strike: ({ desk }) => {
      desk.light.isBlocked = true
    },
    heal: ({ desk }) => {
      desk.light.isBlocked = false
    },
  },
  'the receiver of the webhook is down': {
    strike: ({ receiver }) => receiver.close(),
    heal: ({ receiver }) => receiver.open(),
  },
  'the network is slow': {
    strike: ({ server }) => {
      if (server instanceof Cloud) server.faults.slowMs = 150
    },
    heal: ({ server }) => {
      if (server instanceof Cloud) server.faults.slowMs = 0
    },
  },
}

/** What stands during a shift, and the device before it. */
interface Line {
  readonly server: Cloud | ServerProcess
  readonly receiver: Receiver
  readonly desk: Desk
  readonly fixture: Seat
  device: Seat
}

/** How long the operator waits for a device, and for one that got its power again to come by itself. */
const PATIENCE_S = 1.5
const COMES_WITHIN_S = 0.8

/** It runs its own firmware: the server has blessed it. */
const isApplication = (event: ImpEvent): boolean =>
  event.event === 'handed-over' || (event.event === 'connected' && event.role === 'application')

/** Gives the device its power anew, and presses the button where it does not come by itself, as an operator does, until it is done. */
async function retry({ fixture, device }: Line): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    if (await device.happenings.until(isApplication, PATIENCE_S)) return
    await device.imp.powerOff()
    device.imp.powerOn()
    if (await device.happenings.until(isApplication, COMES_WITHIN_S)) return
    if (device.imp.led === 'no-settings') await press(fixture)
  }
  throw new Error(`never done: ${JSON.stringify(device.happenings.all.slice(-40))}`)
}

/** The tokens that were played, in their order. */
const playedTokens = ({ desk }: Line): (string | undefined)[] =>
  desk.light.sequences.map(
    ({ levels }) => (decodePacket(demodulate({ levels }).packet) as Settings).token,
  )

test.for(Object.entries(FAULTS))(
  `%s, at ${MOMENTS} random moments of a cycle`,
  { concurrent: true },
  async ([name, fault], { folder, expect }) => {
    const random = seededRandom(Object.keys(FAULTS).indexOf(name) + 1)
    const stateFile = folder.at('server.json')
    const receiver = new Receiver()
    await receiver.open()
    const server =
      name === 'the server is killed'
        ? new ServerProcess(stateFile, receiver.url)
        : await Cloud.open({ stateFile, agents: { fixture: fixtureAgent, dut: dutAgent } })
    if (server instanceof Cloud) {
      await server.assignFixture(FIXTURE_ID)
      await server.setWebhook('blessing', receiver.url)
    } else await server.start()
    const desk = new Desk(server.url, TIME)
    const fixture = desk.fixture()
    fixture.imp.powerOn()
    expect(await fixture.happenings.until(isReady, 60)).toBeDefined()

    const devices: Seat[] = []
    for (let number = 1; number <= MOMENTS; number++) {
      const device = desk.device(number, {
        memory: memoryFile(folder.at(`device-${number}.json`)),
      })
      devices.push(device)
      const line = { server, receiver, desk, fixture, device }
      device.imp.powerOn()
      await press(fixture)
      await sleep(1.2 * CYCLE_MS * random())
      await fault.strike(line)
      await sleep(0.3 * CYCLE_MS * random())
      await fault.heal(line)
      await retry(line)
      await device.imp.powerOff()
    }
    await fixture.imp.powerOff()
    expect(desk.light.isPlaying).toBe(false)
    await (server instanceof Cloud ? server[Symbol.asyncDispose]() : server.kill())
    await receiver.close()

    const played = playedTokens({ server, receiver, desk, fixture, device: fixture })
    expect(new Set(played).size).toBe(played.length)
    const after = await Cloud.open({ stateFile })
    const { world } = after
    for (const { imp } of devices) {
      const { deviceId } = imp.identity
      const { planId, token = '', ...others } = imp.settings
      expect(roleOf(world, world.devices.get(deviceId) as Device)).toBe('application')
      expect(world.tokens.get(token)).toMatchObject({ claimedBy: deviceId, planId })
      // What comes after the answer is the firmware's: it clears what it has been lit with, if it lives so long.
      expect(Object.keys(others).every((key) => ['ssid', 'password'].includes(key))).toBe(true)
    }
    for (const { claimedBy, id } of world.tokens.values()) {
      if (claimedBy !== null) expect(played).toContain(id)
    }
    // A receiver that was not there misses a blessing, and none comes twice.
    expect(new Set(receiver.deviceIds).size).toBe(receiver.deviceIds.length)
    await after[Symbol.asyncDispose]()
  },
)
