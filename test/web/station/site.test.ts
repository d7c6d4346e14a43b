import { test as base, describe, expect } from 'vitest'
import type { CycleRecord } from '../../../src/factory/records/cycle-record.js'
import type { StationSnapshot } from '../../../src/factory/station/snapshot.js'
import {
  type CyclesAnswer,
  StationSite,
  type StationSiteOptions,
} from '../../../src/web/station/site.js'
import {
  cycleRecord,
  endedCycle,
  FakeStation,
  idOf,
  labelRecord,
  rigSnapshot,
} from './fake-station.js'

/** Of what was asked for it has its own part. */
type Answer = CyclesAnswer & { readonly cycle: CycleRecord; readonly hasWaveform: boolean }

interface Served {
  readonly station: FakeStation
  readonly site: StationSite
  readonly failures: unknown[]
  get(path: string): Promise<[status: number, answer: Answer]>
  act(action: unknown, headers?: Record<string, string>): Promise<[status: number, answer: Answer]>
}

const test = base.extend<{ served: Served }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  served: async ({}, use) => {
    const station = new FakeStation({
      station: 'Line 1',
      rigs: [rigSnapshot('Left', { state: 'waiting' }), rigSnapshot('Right', { state: 'waiting' })],
    })
    const failures: unknown[] = []
    const options: StationSiteOptions = {
      view: station,
      counters: () => ({ reportAnswers: new Map([[200, 3]]) }),
      onFailure: (error) => failures.push(error),
    }
    const site = await StationSite.open(options)
    const { origin } = new URL(site.url)
    const answerOf = async (response: Response): Promise<[number, Answer]> => [
      response.status,
      (await response.json()) as Answer,
    ]
    await use({
      station,
      site,
      failures,
      get: async (path) => answerOf(await fetch(new URL(path, site.url))),
      act: async (action, headers = {}) => {
        const body = JSON.stringify(action)
        const all = { origin, 'content-type': 'application/json', ...headers }
        return answerOf(
          await fetch(new URL('do', site.url), { method: 'POST', headers: all, body }),
        )
      },
    })
    await site[Symbol.asyncDispose]()
  },
})

interface Told {
  readonly nowMs: number
  readonly snapshot: StationSnapshot
}

/** The data of server-sent events. */
async function* eventsOf(response: Response): AsyncGenerator<Told, never> {
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString()
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events)
      yield JSON.parse(/^event: snapshot\ndata: (.*)$/.exec(event)?.[1] ?? '')
  }
  throw new Error('the events have ended')
}

test('whoever comes gets the newest snapshot, then each change', async ({ served }) => {
  const { station, site } = served
  const events = eventsOf(await fetch(new URL('events', site.url)))
  const first = (await events.next()).value
  expect(first.snapshot).toEqual(station.state)
  expect(first.nowMs).toBeTypeOf('number')
  for (const state of ['triggered', 'ambient', 'token', 'light'] as const) {
    station.show(rigSnapshot('Left', { state }))
  }
  let seen = (await events.next()).value
  while (seen.snapshot.rigs[0]?.activity.state !== 'light') seen = (await events.next()).value
  expect(seen.snapshot).toEqual(station.state)
  const late = eventsOf(await fetch(new URL('events', site.url)))
  expect((await late.next()).value.snapshot).toEqual(station.state)
})

test('changes that come together are told together', async ({ served }) => {
  const { station, site } = served
  const events = eventsOf(await fetch(new URL('events', site.url)))
  await events.next()
  for (let n = 1; n <= 1000; n++) {
    station.show(rigSnapshot('Left', { state: 'waiting', recent: [endedCycle(n, null)] }))
  }
  const told: number[] = []
  while (told.at(-1) !== 1000)
    told.push((await events.next()).value.snapshot.rigs[0]?.last?.number ?? 0)
  expect(told.length).toBeLessThan(10)
})

describe('a page', () => {
  test.for(['trigger', 'cancel', 'reprint'])(
    'may %s',
    async (what, { served: { act, station } }) => {
      expect(await act({ do: what, rig: 'Left' })).toEqual([200, {}])
      expect(station.done).toEqual([`${what} Left`])
      station.isWilling = false
      expect(await act({ do: what, rig: 'Left' })).toEqual([
        409,
        {
          error: expect.stringMatching(
            /^Left (takes no trigger now|is in no cycle|has no label to print now)$/,
          ),
        },
      ])
    },
  )

  test('is told why a cycle could not begin', async ({ served: { act, station } }) => {
    const last = endedCycle(0, 'no-record')
    station.show(rigSnapshot('Left', { state: 'lockout', recent: [last] }))
    station.isRecording = false
    expect(await act({ do: 'trigger', rig: 'Left' })).toEqual([
      500,
      { error: `Left has begun no cycle: ${last.end.detail}` },
    ])
  })

  test.for([
    {},
    { do: 'trigger' },
    { do: 'trigger', rig: 7 },
    { do: 'stop', rig: 'Left' },
    { do: 'trigger', rig: 'Left', more: 1 },
    { do: 'trigger', rig: 'x'.repeat(201) },
    null,
    [],
  ])('may not %j', async (action, { served: { act, station } }) => {
    expect(await act(action)).toEqual([400, { error: 'that is nothing that a station does' }])
    expect(station.done).toEqual([])
  })

  test("of another's may do nothing", async ({ served: { act, station } }) => {
    const trigger = { do: 'trigger', rig: 'Left' }
    for (const headers of [
      { origin: 'http://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'content-type': 'text/plain' },
    ]) {
      expect((await act(trigger, headers as Record<string, string>))[0]).toBeGreaterThanOrEqual(403)
    }
    expect(station.done).toEqual([])
  })
})

test('there is no rig of another name', async ({ served: { act, station } }) => {
  expect(await act({ do: 'trigger', rig: 'Middle' })).toEqual([
    404,
    { error: 'there is no rig Middle' },
  ])
  expect(station.done).toEqual([])
})

test('another program, such as a controller of the line, starts a cycle, and no page of whatever site as if it were one', async ({
  served: { station, site },
}) => {
  const control = async (headers: Record<string, string>): Promise<number> => {
    const { status } = await fetch(new URL('control', site.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ do: 'trigger', rig: 'Left' }),
    })
    return status
  }
  expect(await control({})).toBe(200)
  expect(station.done.splice(0)).toEqual(['trigger Left'])
  expect(await control({ origin: new URL(site.url).origin })).toBe(403)
  expect(await control({ 'sec-fetch-site': 'same-origin' })).toBe(403)
  expect(station.done).toEqual([])
})

describe('cycles', () => {
  test('are told in figures, and in rows', async ({ served: { station, get } }) => {
    station.records = [3, 2, 1].map((n) => cycleRecord(n, n === 2 ? 'test-failed' : null))
    const [status, answer] = await get('cycles')
    expect([status, answer.isCut]).toEqual([200, false])
    expect(answer.tally).toMatchObject({ outcomes: { pass: 2, fail: 1 }, units: 3 })
    expect(answer.warnings).toEqual([])
    expect(answer.cycles.map(({ number }) => number)).toEqual([3, 2, 1])
    const [, ofLeft] = await get('cycles?rig=Left&hours=1000')
    expect(ofLeft.cycles.map(({ rig }) => rig)).toEqual(['Left', 'Left'])
    expect((await get('cycles?hours=0.001'))[1].cycles).toEqual([])
  })

  test('are at most so many', async ({ served: { station, get } }) => {
    const startedAtMs = Date.now()
    station.records = Array.from({ length: 5001 }, (_, n) => cycleRecord(n, null, { startedAtMs }))
    const [, answer] = await get('cycles')
    expect([answer.isCut, answer.cycles.length, answer.tally.outcomes.pass]).toEqual([
      true,
      500,
      5000,
    ])
    station.records.pop()
    expect((await get('cycles'))[1]).toMatchObject({
      isCut: false,
      tally: { outcomes: { pass: 5000 } },
    })
  })

  test.for(['hours=0', 'hours=-1', 'hours=nine', 'hours=1e9'])(
    'of %s are none',
    async (query, { served: { get } }) => {
      expect(await get(`cycles?${query}`)).toEqual([400, { error: 'say of how many hours' }])
    },
  )

  test('have a record, and light as long as it is kept', async ({ served: { station, get } }) => {
    station.records = [cycleRecord(1, null)]
    station.labelRecords = [labelRecord(1), labelRecord(2)]
    const query = `id=${idOf(1)}`
    expect(await get(`cycle?${query}`)).toEqual([
      200,
      { cycle: station.records[0], labels: [labelRecord(1)], hasWaveform: false },
    ])
    expect((await get(`waveform?${query}`))[0]).toBe(404)
    station.light = { timesS: Float64Array.of(1, 1.5, 2), levels: Float64Array.of(0, 0.5, 1) }
    expect((await get(`cycle?${query}`))[1].hasWaveform).toBe(true)
    expect(await get(`waveform?${query}`)).toEqual([
      200,
      {
        opening: 0,
        startS: 1,
        stepS: 0.5,
        levels: Buffer.of(0, 0, 0, 128, 255, 255).toString('base64'),
      },
    ])
    expect((await get('cycle?id=other'))[0]).toBe(404)
    expect((await get('waveform'))[0]).toBe(404)
  })

  test('that cannot be read are told to the owner', async ({
    served: { station, get, failures },
  }) => {
    const failure = new Error('the disk is gone')
    station.cycle = () => {
      throw failure
    }
    expect((await get(`cycle?id=${idOf(1)}`))[0]).toBe(500)
    expect(failures).toEqual([failure])
  })
})

test('metrics are for whoever has the token', async ({ served: { site } }) => {
  const answer = await fetch(new URL('metrics', site.url))
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await answer.text()).toContain(
    'blinkup_station_report_requests_total{station="Line 1",status="200"} 3\n',
  )
  expect((await fetch(new URL('/metrics', site.url))).status).toBe(403)
})

test('the end leaves nobody who listens', async ({ served: { site, station } }) => {
  expect(station.listeners).toBe(1)
  const { url } = site
  await site[Symbol.asyncDispose]()
  expect(station.listeners).toBe(0)
  await expect(fetch(url)).rejects.toThrow()
})

test('neither does a port that is taken', async ({ served: { site } }) => {
  const station = new FakeStation({ station: 'Line 2', rigs: [] })
  const options = {
    view: station,
    counters: () => ({ reportAnswers: new Map() }),
    onFailure: () => {},
  }
  const port = Number(new URL(site.url).port)
  await expect(StationSite.open({ ...options, port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(station.listeners).toBe(0)
})
