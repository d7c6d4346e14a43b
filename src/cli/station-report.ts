import { type Command, InvalidArgumentError, Option } from 'commander'
import { cyclesCsv, cyclesJsonLines, cyclesJunit } from '../factory/records/cycle-exports.js'
import { type CycleFilter, readRecords } from '../factory/records/cycle-reader.js'
import {
  type CycleRecord,
  OUTCOMES,
  timeText,
  type UnixMs,
} from '../factory/records/cycle-record.js'
import { clockText, type GroupBy, Summary, type Tally } from '../factory/records/shift.js'
import { shortNumber } from '../report/bench-rows.js'
import { type StationReport, stationName } from '../report/station-document.js'
import { printDocument } from './document.js'
import { CommandError, EXIT } from './errors.js'
import { formatRows, type Row } from './reception.js'
import { checkOutputs, type Output, writeFiles } from './report-options.js'
import { checkWritable } from './secret-file.js'
import { openPlant, PASSWORD_HELP, readDatabaseUrl } from './station-plant.js'
import { print, warn } from './terminal.js'

interface StationReportOptions {
  readonly database?: string
  readonly from?: string
  readonly station?: string
  readonly since?: UnixMs
  readonly until?: UnixMs
  readonly rig?: string
  readonly by: GroupBy
  readonly shifts: readonly number[]
  readonly json?: true
  readonly csv?: string
  readonly jsonl?: string
  readonly report?: string
  readonly junit?: string
  readonly force?: true
}

export function addStationReport(station: Command): void {
  station
    .command('report')
    .description(
      'say what a station has done: yield, units an hour, times, reasons of failure, and what becomes of the light of each rig',
    )
    .option('--database <file>', 'the records of the station, which may be running')
    .addOption(
      new Option(
        '--from <url>',
        "the plant's database with the records of all stations, such as postgres://user@host/database",
      )
        .argParser(readDatabaseUrl)
        .conflicts('database'),
    )
    .addOption(
      new Option('--station <name>', 'only those of this station, of --from').conflicts('database'),
    )
    .option(
      '--since <time>',
      'only cycles that began then or later, such as 2026-11-30 or 2026-11-30T06:00, by the clock of this computer',
      readTime,
    )
    .option('--until <time>', 'only cycles that began before', readTime)
    .option('--rig <name>', 'only those of this rig')
    .addOption(
      new Option('--by <what>', 'count them by that, too')
        .choices(['shift', 'rig', 'day', 'station'])
        .default('shift'),
    )
    .addOption(
      new Option('--shifts <times>', 'when shifts begin')
        .argParser(readShifts)
        .default([6 * 60, 14 * 60, 22 * 60], '06:00,14:00,22:00'),
    )
    .option('--json', 'print the report as JSON')
    .option('--report <file>', 'write it as a page of HTML, with charts')
    .option('--csv <file>', 'write each cycle as a row of CSV')
    .option('--jsonl <file>', 'write each cycle, with all that is known of it, as a line of JSON')
    .option('--junit <file>', 'write each cycle as a case of JUnit XML')
    .option('--force', 'overwrite the files that it writes, if they are there')
    .addHelpText('after', PASSWORD_HELP)
    .action(runStationReport)
}

/** Where cycles are read. */
interface Source extends AsyncDisposable {
  /** Null for several stations. */
  readonly station: string | null
  cycles(filter: CycleFilter): AsyncIterable<CycleRecord> | Iterable<CycleRecord>
}

async function openSource({ database, from, station }: StationReportOptions): Promise<Source> {
  if (from !== undefined) {
    const plant = await openPlant(from)
    const { PlantCycles } = await import('../factory/plant/cycles.js')
    const all = await PlantCycles.open(plant)
    return {
      station: station ?? null,
      cycles: (filter) => all.cycles({ ...filter, ...(station !== undefined && { station }) }),
      [Symbol.asyncDispose]: () => plant[Symbol.asyncDispose](),
    }
  }
  if (database === undefined) {
    throw new CommandError(EXIT.usage, 'say what to read, with --database or --from')
  }
  const records = readRecords(database)
  return {
    station: records.station,
    cycles: (filter) => records.cycles(filter),
    [Symbol.asyncDispose]: async () => records[Symbol.dispose](),
  }
}

async function runStationReport(options: StationReportOptions): Promise<void> {
  const { database, since, until, rig, by, shifts, csv, jsonl, report, junit, force } = options
  const paths = [report, csv, jsonl, junit].filter((path) => path !== undefined)
  checkOutputs(paths, database === undefined ? [] : [database], force)
  for (const path of paths) checkWritable(path)
  await using source = await openSource(options)
  const { station } = source
  const madeAt = new Date()
  const filter: CycleFilter = {
    ...(since !== undefined && { since }),
    until: until ?? madeAt.getTime(), // each file tells of the same cycles
    ...(rig !== undefined && { rig }),
  }
  const counted = new Summary({ by, shiftStartsMin: shifts })
  for await (const cycle of source.cycles(filter)) {
    // Several stations may have rigs of one name.
    const name = station === null ? `${cycle.station}: ${cycle.rig}` : cycle.rig
    counted.add({ ...cycle, rig: name })
  }
  const { measurementNames, ...summary } = counted.end()
  const told: StationReport = {
    schema: 'blinkup.station-report/1',
    station,
    since: timeText(since),
    until: timeText(until),
    rig: rig ?? null,
    by,
    shifts: shifts.map(clockText),
    ...summary,
  }
  for (const { warning } of summary.margins) if (warning !== null) warn(warning)
  const outputs: Output[] = [
    [
      report,
      async () => [
        await (await import('../report/html/station-page.js')).stationPage(told, madeAt),
      ],
    ],
    [csv, async () => cyclesCsv(source.cycles(filter), measurementNames)],
    [jsonl, async () => cyclesJsonLines(source.cycles(filter))],
    [junit, async () => [await cyclesJunit(source.cycles(filter), stationName(station), madeAt)]],
  ]
  const error = await writeFiles(outputs, force)
  await (options.json ? printDocument({ ...told, error }) : print(reportText(told)))
}

/** A day, and a time of it where that is not its beginning; of this computer's time zone where none is given. */
function readTime(text: string): UnixMs {
  const [, day = '', time = 'T00:00'] =
    /^(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? []
  const atMs = Date.parse(day + time.replace(' ', 'T'))
  // Date.parse takes the 30th of February for a day in March.
  const isDay = day !== '' && new Date(`${day}T00:00Z`).toJSON()?.startsWith(day)
  if (!isDay || Number.isNaN(atMs)) {
    throw new InvalidArgumentError('Give a time such as 2026-11-30 or 2026-11-30T06:00.')
  }
  return atMs
}

/** Times of the day, in minutes and in their order. */
function readShifts(text: string): number[] {
  const starts = text.split(',').map((start) => {
    const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(start.trim()) ?? []
    return 60 * Number(hours) + Number(minutes)
  })
  if (starts.some(Number.isNaN) || new Set(starts).size < starts.length) {
    throw new InvalidArgumentError('Give different times of the day, such as 06:00,14:00,22:00.')
  }
  return starts.sort((a, b) => a - b)
}

function reportText({ station, all, groups, margins, unfinished }: StationReport): string {
  const rows: Row[] = [
    ['station', station ?? 'all'],
    ...groups.map((group): Row => [group.name, tallyText(group)]),
    ['all', tallyText(all)],
    ['going on', unfinished > 0 ? `${unfinished}` : null],
    ['no device', all.withoutDevice > 0 ? `${all.withoutDevice} cycles` : null],
    ...all.reasons.map(
      ({ reason, outcome, cause, cycles }): Row => [reason, `${cycles} (${outcome}, ${cause})`],
    ),
    ...all.phases.map(({ state, ...times }): Row => [state, timesText(times)]),
    ['pass', all.cycleTime && timesText(all.cycleTime)],
    ...margins.map(
      ({ rig, name, unit, min, mean, least }): Row => [
        `${name}, ${rig}`,
        `mean ${shortNumber(mean)} ${unit}, least ${shortNumber(min)}, wanted ${shortNumber(least)}`,
      ],
    ),
  ]
  return `${formatRows(rows).join('\n')}\n`
}

function tallyText({
  outcomes,
  units,
  finalYield,
  firstPassYield,
  passesPerHour,
}: Omit<Tally, 'phases' | 'reasons'>): string {
  const counts = OUTCOMES.filter((outcome) => outcomes[outcome] > 0).map(
    (outcome) => `${outcomes[outcome]} ${outcome}`,
  )
  return [
    counts.join(', ') || 'no cycle',
    ...(finalYield === null ? [] : [`${units} units: yield ${percent(finalYield)}`]),
    ...(firstPassYield === null ? [] : [`first pass ${percent(firstPassYield)}`]),
    ...(passesPerHour === null ? [] : [`${Number(passesPerHour.toPrecision(3))} passes an hour`]),
  ].join('; ')
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`

const timesText = (times: {
  readonly medianS: number
  readonly p95S: number
  readonly maxS: number
}): string =>
  `median ${times.medianS.toFixed(2)} s, 95 % within ${times.p95S.toFixed(2)} s, longest ${times.maxS.toFixed(2)} s`
