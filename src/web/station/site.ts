import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import type { CycleRecord } from '../../factory/records/cycle-record.js'
import { summarise, type Tally } from '../../factory/records/shift.js'
import { EventFeed, type PageEvent } from '../event-feed.js'
import { pageFile } from '../page-file.js'
import { pageLight } from '../page-light.js'
import { PageServer, Refusal, type Route } from '../page-server.js'
import { type CycleRow, rowOf } from './cycle-row.js'
import { METRICS_TYPE, type StationCounters, stationMetrics } from './metrics.js'
import { throttle } from './throttle.js'
import type { StationView } from './view.js'

export interface StationSiteOptions {
  readonly view: StationView
  readonly counters: () => StationCounters
  /** Default 127.0.0.1, which other computers do not reach. */
  readonly host?: string | undefined
  /** Default any that is free. */
  readonly port?: number | undefined
  /** The secret in the URL; default a new one. With the same one each time the tablets of a line find it again after a restart. */
  readonly token?: string | undefined
  /** Of the server and the view, which are never the page's fault. */
  readonly onFailure: (error: unknown) => void
}

/** Snapshots are told so seldom, and so often: a page that hears nothing for longer knows that it is alone. */
const TELL = { leastMs: 100, mostMs: 2500 }
/** Tablets, desks, and those whose network has gone and who have not been missed yet. */
const MOST_PAGES = 32
/** What a station does must not wait longer than for some of them. */
const CYCLES_AT_ONCE = 50
const MOST_CYCLES = 5000
const MOST_ROWS = 500

/** What a page may ask for. */
const ACTION = z.strictObject({
  do: z.enum(['trigger', 'cancel', 'reprint']),
  rig: z.string().max(200),
})
const CYCLES = z.object({
  hours: z.coerce.number().positive().max(10_000).default(8),
  rig: z.string().max(200).optional(),
})

/** What a page is told of cycles. */
export interface CyclesAnswer {
  readonly tally: Tally
  /** What becomes of the light of a rig, and what to do about it: sentences. */
  readonly warnings: readonly string[]
  /** The newest. */
  readonly cycles: readonly CycleRow[]
  /** Whether there are so many that the oldest were not counted. */
  readonly isCut: boolean
}

/** The pages of a station, one for operators and one for engineers, its metrics, and their server. Disposing ends the server alone. */
export class StationSite implements AsyncDisposable {
  private constructor(
    private readonly server: PageServer,
    private readonly end: () => void,
  ) {}

  /**
   * Resolves when the pages can be opened. Errors: of the system, such as EADDRINUSE.
   *
   * @throws RangeError for a token that is no secret
   */
  static async open(options: StationSiteOptions): Promise<StationSite> {
    const { view, counters, ...server } = options
    const newest = (): readonly PageEvent[] => [
      { name: 'snapshot', data: { nowMs: Date.now(), snapshot: view.snapshot() } },
    ]
    const feed = new EventFeed(newest, () => {}, MOST_PAGES)
    const telling = throttle(() => {
      for (const event of newest()) feed.publish(event)
    }, TELL)
    const unsubscribe = view.onChange(telling.ask)
    const end = (): void => {
      unsubscribe()
      telling[Symbol.dispose]()
    }
    const routes: Record<string, Route> = {
      '': pageFile('station.html'),
      engineer: pageFile('engineer.html'),
      ...Object.fromEntries(FILES.map((name) => [name, pageFile(name)])),
      events: { kind: 'events', feed },
      do: { kind: 'action', act: (input) => act(view, input, 'page') },
      control: { kind: 'action', isForPrograms: true, act: (input) => act(view, input, 'http') },
      cycles: jsonOf((query) => cyclesOf(view, query)),
      cycle: jsonOf((query) => {
        const cycle = view.cycle(query.get('id') ?? '')
        if (!cycle) throw new Refusal(404, 'there is no cycle of that ID')
        const labels = view.labels(cycle.id)
        return { cycle, labels, hasWaveform: view.waveform(cycle.id) !== null }
      }),
      waveform: jsonOf((query) => {
        const light = view.waveform(query.get('id') ?? '')
        if (!light?.timesS.length) throw new Refusal(404, 'the light of this cycle is not kept')
        return pageLight(light, 0)
      }),
      metrics: {
        kind: 'content',
        type: METRICS_TYPE,
        read: () => stationMetrics(view.snapshot(), counters()),
      },
    }
    try {
      return new StationSite(await PageServer.open({ routes, ...server }), end)
    } catch (error) {
      end()
      throw error
    }
  }

  /** Of the operators' page, as others reach it where they can, with the secret that lets in. Below it are `engineer` and `metrics`. */
  get url(): string {
    return this.server.url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end()
    await this.server[Symbol.asyncDispose]()
  }
}

const FILES = [
  'look.css',
  'station.css',
  'engineer.css',
  'elements.js',
  'scope.js',
  'ask.js',
  'chart.js',
  'cycle.js',
  'live.js',
  'tables.js',
  'faces.js',
  'station.js',
  'engineer.js',
] as const

const jsonOf = (read: (query: URLSearchParams) => unknown): Route => ({
  kind: 'content',
  type: 'application/json',
  read: async (query) => JSON.stringify(await read(query)),
})

function act(view: StationView, input: unknown, from: 'page' | 'http'): void {
  const { data } = ACTION.safeParse(input)
  if (!data) throw new Refusal(400, 'that is nothing that a station does')
  const { rig } = data
  if (!view.snapshot().rigs.some((one) => one.rig === rig)) {
    throw new Refusal(404, `there is no rig ${rig}`)
  }
  const triggered = data.do === 'trigger' ? view.trigger(rig, from) : null
  if (triggered === 'ignored') throw new Refusal(409, `${rig} takes no trigger now`)
  if (triggered === 'not-recorded') {
    const last = view.snapshot().rigs.find((one) => one.rig === rig)?.last
    throw new Refusal(500, `${rig} has begun no cycle: ${last?.end.detail}`)
  }
  if (data.do === 'cancel' && !view.cancel(rig)) throw new Refusal(409, `${rig} is in no cycle`)
  if (data.do === 'reprint' && !view.reprintLabel(rig)) {
    throw new Refusal(409, `${rig} has no label to print now`)
  }
}

async function cyclesOf(view: StationView, query: URLSearchParams): Promise<CyclesAnswer> {
  const { data } = CYCLES.safeParse(Object.fromEntries(query))
  if (!data) throw new Refusal(400, 'say of how many hours')
  const since = Date.now() - data.hours * 3_600_000
  const filter = { since, ...(data.rig !== undefined && { rig: data.rig }) }
  const cycles: CycleRecord[] = []
  let isCut = false
  for (const cycle of view.cycles(filter)) {
    isCut = cycles.length === MOST_CYCLES
    if (isCut) break
    cycles.push(cycle)
    if (cycles.length % CYCLES_AT_ONCE === 0) await setImmediate()
  }
  const { all, margins } = summarise(cycles, { by: 'rig', shiftStartsMin: [0] })
  return {
    tally: all,
    warnings: margins.flatMap(({ warning }) => warning ?? []),
    cycles: cycles.slice(0, MOST_ROWS).map(rowOf),
    isCut,
  }
}
