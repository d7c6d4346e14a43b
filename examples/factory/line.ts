import { setTimeout } from 'node:timers/promises'
import {
  Cloud,
  type CloudEvent,
  FactoryBlinkUp,
  type FactoryLight,
  Imp,
  type ImpEvent,
  identityOf,
  photodiodeLight,
  runDevice,
} from 'blinkup/factory'
import { openRig, type Photodiode, SampleFanOut } from 'blinkup/rig'
import dut from './dut.js'
import dutAgent from './dut-agent.js'
import fixture from './fixture.js'
import fixtureAgent from './fixture-agent.js'
import { Happenings } from './happenings.js'

/** What a device is like, or what becomes of it. */
type Fate = 'good' | 'bad-part' | 'covered' | 'pulled'

const FATES: readonly Fate[] = [
  ...(['good', 'good', 'bad-part', 'good', 'covered'] as const),
  ...(['good', 'bad-part', 'pulled', 'good', 'good'] as const),
]
const EXPECTED: Readonly<Record<Fate, string>> = {
  good: 'passed and blessed',
  'bad-part': 'failed its test, not blessed',
  covered: 'did not come: it saw no light',
  pulled: 'did not come: its power went while light came in',
}

/** How long the button is held, and how soon there is light, or it is pressed again. */
const PRESSED_MS = 100
const LIT_WITHIN_S = 3
/** The light takes its time, and on a busy machine more. */
const LIGHT_WITHIN_S = 60
/** After the light a device that has seen it tells so at once; what comes then takes as long as its network and its test do. */
const SEES_WITHIN_S = 2
const DONE_WITHIN_S = 30
const FIXTURE = identityOf({ deviceId: '5000020000000000', impType: 'imp005' })

/**
 * A line: a fixture with its light, and the server, before which devices come and go.
 *
 * @returns what became of each device
 */
async function runLine(fates: readonly Fate[], tell: (line: string) => void): Promise<string[]> {
  const server = new Happenings<CloudEvent>()
  await using rig = await openRig({ kind: 'emulated' })
  await using eyes = new SampleFanOut(rig.photodiode as Photodiode)
  await using cloud = await Cloud.open({
    agents: { fixture: fixtureAgent, dut: dutAgent },
    onEvent: (event) => server.add(event),
  })
  await cloud.assignFixture(FIXTURE.deviceId)

  // No lockout: each device is waited for.
  const blinkUp = new FactoryBlinkUp(rig, { lockoutS: 0 })
  const begun = new Happenings<number>()
  const ended = new Happenings<number>()
  const factoryLight: FactoryLight = {
    play: (takeSettings, options) => {
      const number = begun.all.length + 1
      const take = () => {
        begun.add(number)
        return takeSettings()
      }
      return blinkUp.play(take, options).finally(() => {
        // A trigger that comes too early begins nothing.
        if (begun.all.includes(number)) ended.add(number)
      })
    },
  }
  await using fixtureImp = new Imp({
    identity: FIXTURE,
    cloudUrl: cloud.url,
    network: { medium: 'ethernet' },
    programs: { fixture: (host) => runDevice(fixture, host) },
    factoryLight,
    onEvent: (event) => {
      if (event.event === 'said') tell(`fixture: ${event.text}`)
    },
  })
  const lightUp = async (number: number): Promise<void> => {
    do {
      fixtureImp.pins.drive('pinC', 1)
      await setTimeout(PRESSED_MS)
      fixtureImp.pins.drive('pinC', 0)
    } while (!(await begun.until((light) => light === number, LIT_WITHIN_S)))
  }
  fixtureImp.powerOn()
  const isReady = await server.until(({ text }) => text === 'ready for the first device', 10)
  if (!isReady) throw new Error('the fixture does not come')

  const cycle = async (fate: Fate, number: number): Promise<string> => {
    const identity = identityOf({ deviceId: `50000200000001${String(number).padStart(2, '0')}` })
    const { deviceId } = identity
    const device = new Happenings<ImpEvent>()
    await using imp = new Imp({
      identity,
      cloudUrl: cloud.url,
      light: fate === 'covered' ? undefined : photodiodeLight(eyes),
      programs: { dut: (host) => runDevice(dut, host) },
      onEvent: (event) => device.add(event),
    })
    // What its test looks at: a part that works pulls this pin up.
    imp.pins.drive('pin1', fate === 'bad-part' ? 0 : 1)
    imp.powerOn()
    await lightUp(number)
    if (fate === 'pulled') {
      await device.until(isReceiving, LIGHT_WITHIN_S)
      await imp.powerOff()
    }
    await ended.until((light) => light === number, LIGHT_WITHIN_S)
    if (!(await device.until(({ event }) => event === 'received', SEES_WITHIN_S))) {
      if (!device.find(isReceiving)) return 'did not come: it saw no light'
      const isOff = device.find(({ event }) => event === 'off')
      return `did not come: ${isOff ? 'its power went while light came in' : 'it could not read the light'}`
    }
    const judged = await server.until(
      (event) => event.deviceId === deviceId && /^bless(ed|-failed)$/.test(event.kind),
      DONE_WITHIN_S,
    )
    if (!judged) return 'saw the light, but told no result'
    if (judged.kind === 'bless-failed') return 'failed its test, not blessed'
    // Green as its LED is, it is done only when its own firmware has begun.
    const isDone = await device.until(({ event }) => event === 'handed-over', DONE_WITHIN_S)
    return isDone ? 'passed and blessed' : 'blessed, but its own firmware did not begin'
  }

  const outcomes: string[] = []
  for (const fate of fates) {
    const number = outcomes.length + 1
    outcomes.push(await cycle(fate, number))
    tell(`device ${number} (${fate}): ${outcomes.at(-1)}`)
  }
  return outcomes
}

const isReceiving = (event: ImpEvent): boolean => event.event === 'led' && event.led === 'receiving'

const outcomes = await runLine(FATES, (line) => console.log(line))
for (const outcome of new Set(outcomes)) {
  console.log(`${outcomes.filter((other) => other === outcome).length} ${outcome}`)
}
const isRight = FATES.every((fate, i) => outcomes[i] === EXPECTED[fate])
console.log(isRight ? 'as expected' : 'NOT as expected')
process.exitCode = isRight ? 0 : 1
