import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { Records } from '../factory/records/records.js'
import { Closers } from '../factory/station/closers.js'
import { Panel } from '../factory/station/panel.js'
import { ReportEndpoint } from '../factory/station/report-endpoint.js'
import { Station } from '../factory/station/station.js'
import { RigError } from '../rig/errors.js'
import { openRig } from '../rig/open.js'
import { StationSite } from '../web/station/site.js'
import type { StationView } from '../web/station/view.js'
import { CommandError, EXIT, explain, isSystemError, systemReason } from './errors.js'
import { interruptible } from './interrupt.js'
import { listenForKeys } from './keys.js'
import { loadBroker, MQTT_PASSWORD, openBroker } from './station-broker.js'
import { StationDisplay } from './station-display.js'
import {
  isFaulty,
  type Listening,
  needingRestart,
  readStation,
  type SettingFault,
  type StationSettings,
} from './station-settings.js'
import { loadSteps } from './station-steps.js'
import { findUrlToken, PAGE_TOKEN, REPORT_TOKEN, toldUrl, type UrlToken } from './station-tokens.js'
import { ServiceManager } from './systemd.js'
import { tell } from './terminal.js'
import { thenClosed } from './with-rig.js'

export function addStationRun(station: Command): void {
  station
    .command('run', { isDefault: true })
    .argument('<file>', 'settings of the station, in TOML')
    .description(
      'set up one device after the other on each rig, prove each and record it, until Ctrl-C',
    )
    .addHelpText(
      'after',
      `
The Wi-Fi password and the enrollment key are looked for as by the other commands. The URLs of the endpoint for
devices' reports and of the pages stay the same where ${REPORT_TOKEN.variable} and ${PAGE_TOKEN.variable}, or
the systemd credentials ${REPORT_TOKEN.credential} and ${PAGE_TOKEN.credential}, hold their tokens. The password of the user of [mqtt] is looked for in ${MQTT_PASSWORD.variable} and
the systemd credential ${MQTT_PASSWORD.credential}.`,
    )
    .action(async (file: string) => run(file, await settingsOf(file)))
}

/** @throws CommandError with the first mistake */
async function settingsOf(file: string): Promise<StationSettings> {
  const read = await readStation(file)
  if (!isFaulty(read)) return read
  const [first, ...others] = read as readonly [SettingFault, ...SettingFault[]]
  const more = others.length > 0 ? `, and ${others.length} more: see blinkup station check` : ''
  throw new CommandError(EXIT.badFixture, `${file}:${first.line}: ${first.sentence}${more}`)
}

async function run(file: string, settings: StationSettings): Promise<void> {
  const { name, database, lockoutS } = settings
  const steps = await loadSteps(file, settings)
  const tokens = {
    reports: await findUrlToken(REPORT_TOKEN),
    page: await findUrlToken(PAGE_TOKEN),
  }
  const broker = await loadBroker(settings.mqtt)
  const { Records } = await import('../factory/records/records.js')
  using manager = await ServiceManager.find(process.env)
  let reload = (): void => {}
  const work = async (signal: AbortSignal): Promise<void> => {
    using records = Records.open(database, name, Date.now())
    const rigs = Object.entries(settings.rigs).map(([rig, { config, boardContact }]) => [
      rig,
      { open: (ended: AbortSignal) => openRig(config, ended), boardContact },
    ])
    const onFault = (error: unknown): void => doubt(explain(error).message)
    const station = new Station({
      name,
      records,
      steps,
      lockoutS,
      rigs: Object.fromEntries(rigs),
      onFault,
    })
    // Closed after the station: how its last cycles end is told, too.
    await using _broker = await openBroker(broker, station, records, onFault)
    using display = new StationDisplay(station)
    await thenClosed(station, signal, async () => {
      await using around = new Closers()
      for (const [rig, { panel }] of Object.entries(settings.rigs)) {
        const opened = await Panel.open({ ...panel, station, rig, onFault }).catch(ofPanel(rig))
        around.add(() => opened[Symbol.asyncDispose]())
      }
      const endpoint = await openReports(settings.reports, station, tokens.reports, onFault)
      around.add(() => endpoint?.[Symbol.asyncDispose]())
      if (settings.page) {
        const counters = () => ({ reportAnswers: endpoint?.answers ?? new Map() })
        const site = await listening(
          StationSite.open({
            ...settings.page,
            token: tokens.page.token,
            view: viewOf(station, records),
            counters,
            onFailure: onFault,
          }),
          'page',
          settings.page,
        )
        around.add(() => site[Symbol.asyncDispose]())
        const url = toldUrl(site.url, tokens.page)
        tell(`pages: ${url} for operators, ${url}engineer for engineers`)
      }
      const quit = new AbortController()
      around.add(listenForTriggers(station, Object.keys(settings.rigs), quit))
      const count = Object.keys(settings.rigs).length
      const status = count === 1 ? '1 rig' : `${count} rigs`
      reload = () => {
        manager.reloading()
        void readAgain(file, settings, station).finally(() => manager.ready(status))
      }
      manager.ready(status)
      await once(AbortSignal.any([signal, quit.signal]), 'abort')
      manager.stopping('cycles that go on are ended')
      display.end()
      signal.throwIfAborted()
    })
  }
  // At a terminal a hang-up means that nobody is there any more.
  await interruptible(work, manager.isThere ? () => reload() : undefined)
}

/** Not kept, as a warning for a document is: a station that warns for weeks must not grow. */
const doubt = (message: string): void => tell(`warning: ${message}`)

/** What each unit is told, and what counts as done: from the next cycle on. Rigs and servers stay as they are. */
async function readAgain(file: string, running: StationSettings, station: Station): Promise<void> {
  try {
    const read = await settingsOf(file)
    station.steps = await loadSteps(file, read)
    tell(
      `${file} was read again: what units are told, limits, times and labels count from the next cycle on`,
    )
    const later = needingRestart(running, read)
    if (later.length > 0)
      doubt(`restart the station for what else has changed: ${later.join(', ')}`)
  } catch (error) {
    doubt(`${explain(error).message}; the settings of before go on`)
  }
}

async function openReports(
  where: Listening | null,
  station: Station,
  token: UrlToken,
  onFailure: (error: unknown) => void,
): Promise<ReportEndpoint | null> {
  if (!where) return null
  const endpoint = await listening(
    ReportEndpoint.open({
      ...where,
      token: token.token,
      keep: (report) => void station.keep(report),
      bless: ({ deviceId, impId }) => {
        const values = impId === null ? {} : { imp_id: impId }
        station.keep({ deviceId, mac: null, success: null, values }, 'blessing')
      },
      onFailure,
    }),
    'reports',
    where,
  )
  const url = toldUrl(endpoint.url, token)
  tell(`devices report to ${url}, the webhook of blessings to ${url}/blessing`)
  return endpoint
}

/** Says whose button and lamps they are; what helps is not another rig. */
const ofPanel =
  (rig: string) =>
  (cause: unknown): never => {
    if (!(cause instanceof RigError)) throw cause
    throw new RigError(cause.code, `trigger and lamps of ${rig}: ${cause.message}`, { cause })
  }

/** Names where it does not listen, and what to change. */
async function listening<T>(opened: Promise<T>, section: string, at: Listening): Promise<T> {
  return opened.catch((cause) => {
    if (!isSystemError(cause)) throw cause
    const place = `${at.host ?? '127.0.0.1'}:${at.port ?? 'any port'}`
    throw new CommandError(
      EXIT.badFixture,
      `cannot listen at ${place}: ${systemReason(cause)}; change host or port of [${section}]`,
      { cause },
    )
  })
}

const viewOf = (station: Station, records: Records): StationView => ({
  snapshot: () => station.snapshot,
  onChange: (listener) => station.onChange(listener),
  trigger: (rig, kind) => station.trigger(rig, kind),
  cancel: (rig) => station.cancel(rig),
  cycles: (query) => records.cycles(query),
  reprintLabel: (rig) => station.reprintLabel(rig),
  cycle: (id) => records.cycle(id),
  labels: (id) => records.labels(id),
  waveform: (id) => station.light(id),
})

/** Starts and ends cycles by keys; without a terminal by lines with the name of a rig, or empty ones where there is only one. */
function listenForTriggers(
  station: Station,
  rigs: readonly string[],
  quit: AbortController,
): () => void {
  if (process.stdin.isTTY) {
    const start = rigs.length === 1 ? 'Enter starts a unit' : `1 to ${rigs.length} start that rig`
    const labels = station.steps.label ? ', l prints its last label again' : ''
    tell(`keys: ${start}, c cancels the one started last${labels}, q ends`)
    let last = rigs.length === 1 ? rigs[0] : undefined
    return listenForKeys((key) => {
      if (key === 'q') quit.abort()
      if (key === 'c' && last !== undefined) station.cancel(last)
      if (key === 'l' && last !== undefined && !station.reprintLabel(last)) {
        doubt(`${last} has no label to print now`)
      }
      const rig = key === '\r' && rigs.length === 1 ? rigs[0] : rigs[Number(key) - 1]
      if (rig === undefined) return
      last = rig
      station.trigger(rig, 'key')
    })
  }
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const rig = line.trim() === '' && rigs.length === 1 ? (rigs[0] as string) : line.trim()
    if (station.has(rig)) station.trigger(rig, 'key')
    else doubt(`there is no rig ${JSON.stringify(rig)}: give one of ${rigs.join(', ')}`)
  })
  return () => lines.close()
}
