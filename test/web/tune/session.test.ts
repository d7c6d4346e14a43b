import { describe, expect } from 'vitest'
import { makeMessage } from '../../../src/bench/message.js'
import { FileDecoder } from '../../../src/recording/file-decoder.js'
import { RigError } from '../../../src/rig/errors.js'
import { openRig } from '../../../src/rig/open.js'
import type { Rig } from '../../../src/rig/rig.js'
import type { RigState } from '../../../src/rig/supervised.js'
import type { PageLight } from '../../../src/web/page-light.js'
import type { TuneEvent, TuneMessage } from '../../../src/web/tune/events.js'
import { TuneSession } from '../../../src/web/tune/session.js'
import { test as base } from '../../helpers/folder.js'

const SECRET = { ssid: 'net', password: 'hunter2hunter2' }
const SYMBOL_RATE_HZ = 142
const LEVELS = ['black', 'grey', 'white']

/** A session with the emulated rig, as fast as this machine runs it, and all that it tells. */
class Bench implements AsyncDisposable {
  readonly events: TuneEvent[] = []
  readonly states: RigState['state'][] = []
  readonly session: TuneSession
  /** Of all that were opened. */
  readonly rigs: Rig[] = []
  disposed = 0
  #unplug = new AbortController()
  #isPlugged = true

  constructor({ brightness = 1, sampleRateHz = 1000, hasPhotodiode = true } = {}) {
    this.session = new TuneSession({
      open: async (signal) => {
        if (!this.#isPlugged) throw new RigError('missing', 'there is no board: plug one in')
        const rig = await openRig({ kind: 'emulated', brightness, sampleRateHz }, signal)
        const { info, emitter, photodiode } = rig
        const watched: Rig = {
          ...{ info, emitter, lost: AbortSignal.any([rig.lost, this.#unplug.signal]) },
          ...(photodiode && hasPhotodiode && { photodiode }),
          [Symbol.asyncDispose]: async () => {
            this.disposed++
            await rig[Symbol.asyncDispose]()
          },
        }
        this.rigs.push(watched)
        return watched
      },
      message: makeMessage(SECRET, { symbolRateHz: SYMBOL_RATE_HZ }),
      symbolRateHz: SYMBOL_RATE_HZ,
      gainOhm: 4700,
      describe: (reception) => [
        ['kind', reception.kind],
        ['nothing', null],
      ],
      onEvent: (event) => this.events.push(event),
      onRig: ({ state }) => this.states.push(state),
    })
  }

  unplug(): void {
    this.#isPlugged = false
    this.#unplug.abort(new RigError('unplugged', 'the board is gone: plug it in'))
  }

  plugIn(): void {
    this.#unplug = new AbortController()
    this.#isPlugged = true
  }

  get lights(): PageLight[] {
    return this.events.flatMap((event) => (event.name === 'light' ? [event.data] : []))
  }

  get messages(): TuneMessage[] {
    return this.events.flatMap((event) => (event.name === 'reception' ? [event.data] : []))
  }

  async ready(): Promise<void> {
    await expect.poll(() => this.lights.length).toBeGreaterThan(0)
  }

  async verdict(title: string): Promise<void> {
    await expect.poll(() => this.session.state.verdict.title).toBe(title)
  }

  figure(name: string) {
    return this.session.state.figures.find((figure) => figure.name === name)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.session[Symbol.asyncDispose]()
  }
}

const test = base.extend<{ open: (options?: ConstructorParameters<typeof Bench>[0]) => Bench }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  open: async ({}, use) => {
    const benches: Bench[] = []
    await use((options) => {
      const bench = new Bench(options)
      benches.push(bench)
      return bench
    })
    for (const bench of benches) await bench[Symbol.asyncDispose]()
  },
})

describe('a session with a good light', () => {
  test('knows the dark, its flicker, and what to do next', async ({ open }) => {
    const bench = open()
    await bench.ready()
    await bench.verdict('Dark')
    await expect.poll(() => bench.figure('flicker')?.note).toMatch(/^100\.0 Hz, 0\.02\d peak/)
    const { rig, activity, gain, figures } = bench.session.state
    expect(rig).toEqual({
      state: 'ready',
      text: expect.stringMatching(/^emulated, firmware /),
      sampleRateHz: 1000,
    })
    expect([activity, gain.kind]).toEqual(['black', 'look'])
    expect(figures.map(({ name, grade }) => [name, grade])).toEqual([
      ['black', 'good'],
      ...['grey', 'white', 'swing', 'grey ratio', 'flicker'].map((name) => [name, null]),
    ])
  })

  test('holds one level after another, and grades all of them', async ({ open }) => {
    const bench = open()
    await bench.ready()
    await bench.verdict('Dark')
    const expected = { white: 0.65, grey: 0.362, black: 0.05 }
    for (const [level, value] of Object.entries(expected)) {
      bench.session.act({ do: 'hold', level })
      expect(bench.session.state.activity).toBe(level)
      await expect.poll(() => bench.session.light?.view.held).toBe(LEVELS.indexOf(level))
      await bench.verdict('Good')
      expect(bench.figure(level)?.value).toBeCloseTo(value, 1)
    }
    await expect.poll(() => bench.figure('flicker')?.grade).toBe('good')
    expect(bench.session.state.figures.map(({ grade }) => grade)).toEqual([
      ...['good', null, 'good', 'good', 'good', 'good'],
    ])
    expect(bench.session.state.gain).toMatchObject({ kind: 'keep' })
  })

  test('sends its message, reads it, masks it, and keeps its light', async ({ open }) => {
    const bench = open()
    await bench.ready()
    bench.session.act({ do: 'send' })
    expect(bench.session.state.activity).toBe('sending')
    await bench.verdict('Test message passed')
    expect(bench.session.state).toMatchObject({ activity: 'black', gain: { kind: 'keep' } })
    const [message, second] = bench.messages
    expect(second).toBeUndefined()
    expect(message).toMatchObject({
      verdict: { grade: 'good', title: 'Message read' },
      settings: '{"ssid":"net","password":"********"}',
      rows: [['kind', 'message']],
    })
    expect(JSON.stringify(bench.events)).not.toContain(SECRET.password)
    expect(bench.session.greeting.map(({ name }) => name)).toEqual(['state', 'reception'])

    const { startS, endS } = bench.session.lastReception ?? { startS: 0, endS: 0 }
    const light = bench.session.light?.kept.between(startS - 0.3, endS + 0.3)
    const decoder = new FileDecoder('capture')
    const text = Array.from(light?.timesS ?? [], (timeS, n) => `${timeS},${light?.levels[n]}\n`)
    const found = [...decoder.push(Buffer.from(`time_s,level\n${text.join('')}`)), ...decoder.end()]
    expect(found).toMatchObject([{ kind: 'message', config: SECRET }])
  })

  test('tells every sample once, in blocks of equal steps', async ({ open }) => {
    const bench = open({ sampleRateHz: 8000 })
    await expect.poll(() => bench.lights.length).toBeGreaterThan(30)
    const lights = bench.lights.slice(0, 30)
    let samples = 0
    for (const { opening, startS, stepS, levels } of lights) {
      expect(opening).toBe(1)
      expect(stepS).toBeCloseTo(1 / 8000, 9)
      expect(startS).toBeCloseTo((lights[0]?.startS ?? 0) + samples / 8000, 6)
      const codes = Buffer.from(levels, 'base64')
      expect(codes.readUInt16LE(0) / 65535).toBeCloseTo(0.05, 1)
      samples += codes.length / 2
    }
    const seconds = samples / 8000
    expect(lights.length / seconds).toBeGreaterThan(10)
    expect(lights.length / seconds).toBeLessThanOrEqual(20)
  })

  test('stops, dark and without samples, and starts again', async ({ open }) => {
    const bench = open()
    await bench.ready()
    bench.session.act({ do: 'hold', level: 'white' })
    await bench.verdict('Good')
    bench.session.act({ do: 'stop' })
    await bench.verdict('Stopped')
    bench.session.act({ do: 'start' })
    expect(bench.session.state.activity).toBe('black')
    const { length } = bench.lights
    await expect.poll(() => bench.lights.length).toBeGreaterThan(length + 10)
    expect(bench.lights.every(({ opening }) => opening === 1)).toBe(true)
  })

  test('holds no level for nobody, but sends its message to the end', async ({ open }) => {
    const bench = open()
    await bench.ready()
    bench.session.act({ do: 'hold', level: 'white' })
    await bench.verdict('Good')
    bench.session.leave()
    expect(bench.session.state.activity).toBe('black')
    bench.session.act({ do: 'send' })
    bench.session.leave()
    expect(bench.session.state.activity).toBe('sending')
  })

  test('ends a message that is not wanted any more', async ({ open }) => {
    const bench = open()
    await bench.ready()
    bench.session.act({ do: 'send' })
    await expect.poll(() => bench.session.state.progress).toBeGreaterThan(0)
    bench.session.act({ do: 'hold', level: 'white' })
    await bench.verdict('Good')
    expect(bench.session.state.activity).toBe('white')
  })
})

test('dim light is told, with the resistor for it, as the page says which there is', async ({
  open,
}) => {
  const bench = open({ brightness: 0.2 })
  await bench.ready()
  bench.session.act({ do: 'hold', level: 'white' })
  await expect.poll(() => bench.session.state.gain.change?.ohm).toBe(18_000)
  bench.session.act({ do: 'gain', ohm: 2200 })
  await expect.poll(() => bench.session.state.gain.change?.ohm).toBe(8200)
  expect(bench.session.state.gainOhm).toBe(2200)
  await bench.verdict('Could be better')
  expect(bench.figure('white')).toMatchObject({
    grade: 'marginal',
    note: expect.stringContaining('dark'),
  })
})

test.for([
  null,
  {},
  { do: 'nonsense' },
  { do: 'hold' },
  { do: 'hold', level: 'blue' },
  { do: 'hold', level: 'white', more: 1 },
  { do: 'gain', ohm: -1 },
  { do: 'gain', ohm: '4700' },
])('%j is no action', async (action, { open }) => {
  const bench = open()
  await bench.ready()
  expect(() => bench.session.act(action)).toThrow(expect.objectContaining({ status: 400 }))
  expect(bench.session.state).toMatchObject({ activity: 'black', gainOhm: 4700 })
})

test('a board that is unplugged is told of, and used again when it is back, dark', async ({
  open,
}) => {
  const bench = open()
  await bench.ready()
  bench.session.act({ do: 'hold', level: 'white' })
  await bench.verdict('Good')
  bench.unplug()
  await bench.verdict('No rig')
  await expect.poll(() => bench.session.state.rig.text).toMatch(/plug/)
  for (const action of [{ do: 'send' }, { do: 'hold', level: 'white' }, { do: 'stop' }]) {
    expect(() => bench.session.act(action)).toThrow(expect.objectContaining({ status: 409 }))
  }
  bench.session.act({ do: 'gain', ohm: 1000 })
  bench.plugIn()
  await expect.poll(() => bench.lights.at(-1)?.opening).toBe(2)
  expect(bench.session.state).toMatchObject({ activity: 'black', gainOhm: 1000 })
  await bench.verdict('Dark')
  bench.session.act({ do: 'send' })
  await bench.verdict('Test message passed')
  expect(bench.states).toEqual(expect.arrayContaining(['opening', 'ready', 'busy', 'lost']))
})

test('a rig without a photodiode ends it with a sentence', async ({ open }) => {
  const bench = open({ hasPhotodiode: false })
  await expect(bench.session.failed).rejects.toThrow(
    'to see the light takes a rig with a photodiode',
  )
})

test('disposing closes the rig, whatever it plays', async ({ open }) => {
  const bench = open()
  await bench.ready()
  bench.session.act({ do: 'send' })
  await expect.poll(() => bench.session.state.progress).toBeGreaterThan(0)
  await bench[Symbol.asyncDispose]()
  expect([bench.rigs.length, bench.disposed]).toEqual([1, 1])
  expect(bench.events.at(-1)).toMatchObject({ data: { rig: { state: 'closed' } } })
})
