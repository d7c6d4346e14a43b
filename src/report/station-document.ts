import { z } from 'zod'
import { count, document, ENDING, part, seconds, shared, text } from './schema.js'

const TIMES = shared(
  'Times',
  z.strictObject({
    count: count('How many'),
    medianS: seconds('Their median'),
    p95S: seconds('What 95 % of them do not exceed'),
    maxS: seconds('The longest'),
  }),
  'How long something took.',
)

const OUTCOME = z.enum(['pass', 'fail', 'error', 'timeout', 'aborted'])

const TALLY = shared(
  'Tally',
  z.strictObject({
    name: text(
      '`all`, a rig, a station, a day such as `2026-11-30`, or a shift such as `2026-11-30 06:00`, by the clock of the computer',
    ),
    cycles: count('Cycles that have ended'),
    outcomes: z
      .record(OUTCOME, z.int())
      .describe(
        'How they ended: `fail` is of the device, `error` of the station, `timeout` of something that has not come',
      ),
    withoutDevice: count('Cycles, but aborted ones, in which no device has come'),
    units: count(
      'Device IDs that have come. Each is counted where its first cycle is; its aborted cycles are left out',
    ),
    finalYield: part('Units whose last cycle has passed; null without units').nullable(),
    firstPassYield: part('Units whose first cycle has passed; null without units').nullable(),
    workedS: seconds('From the first cycle of each shift to the end of its last'),
    passesPerHour: z
      .number()
      .describe('Cycles that have passed, an hour of that; null for no time')
      .nullable(),
    cycleTime: TIMES.describe('Of the cycles that have passed; null without any').nullable(),
    phases: z
      .array(TIMES.extend({ state: text('State of a cycle') }))
      .readonly()
      .describe('How long cycles were in each state'),
    reasons: z
      .array(
        z.strictObject({
          reason: text('Why cycles did not pass'),
          outcome: OUTCOME.describe('How they ended'),
          cause: text('Where to look: `light`, `network`, `device`, `station`, `operator`'),
          cycles: count('How many'),
        }),
      )
      .readonly()
      .describe('The most frequent first'),
  }),
  'What came of cycles.',
)

const MARGIN = shared(
  'MarginTrend',
  z.strictObject({
    rig: text('Of which rig'),
    name: text('Of what: its unit is in its name'),
    unit: text('Its unit'),
    cycles: count('How many cycles have measured it'),
    min: z.number().describe('The least'),
    mean: z.number().describe('Their mean'),
    max: z.number().describe('The most'),
    least: z.number().describe('What it must not fall below'),
    perHour: z
      .number()
      .describe('Slope of the straight line that fits best, an hour; null for too few')
      .nullable(),
    perHourUncertainty: z
      .number()
      .describe(
        'By how much that may be off by chance, with 95 % confidence; null where that is not known',
      )
      .nullable(),
    hoursLeft: z
      .number()
      .describe(
        'After how many hours from the last cycle on the line comes to the least; null where it does not surely fall, or not within a week',
      )
      .nullable(),
    warning: text('What to do about that; null for nothing').nullable(),
    bins: z
      .array(
        z.strictObject({
          fromS: seconds('Begin of its first cycle, since 1970'),
          toS: seconds('Begin of its last cycle'),
          count: count('How many cycles'),
          min: z.number().describe('The least'),
          mean: z.number().describe('Their mean'),
          max: z.number().describe('The most'),
        }),
      )
      .readonly()
      .describe('Its course; of many cycles each is of several'),
  }),
  'What became of the light of a rig.',
)

export const STATION_REPORT = document('blinkup.station-report/1', {
  station: text("Name of the station; null for all in a plant's database").nullable(),
  since: text('Only cycles that began then or later, in ISO 8601; null for all').nullable(),
  until: text('Only cycles that began before, in ISO 8601; null for all').nullable(),
  rig: text('Only those of that rig; null for all').nullable(),
  by: z.enum(['shift', 'rig', 'day', 'station']).describe('What the groups are'),
  shifts: z.array(z.string()).readonly().describe('When shifts begin, such as `06:00`'),
  all: TALLY,
  groups: z.array(TALLY).readonly().describe('In the order of their names'),
  unfinished: count('Cycles that go on, which are counted nowhere else'),
  margins: z.array(MARGIN).readonly().describe('By rig'),
  ...ENDING,
})

/** What a report of a station tells. */
export type StationReport = Omit<z.output<typeof STATION_REPORT>, 'warnings' | 'error'>
/** Whose report it is, as a heading. */
export const stationName = (station: string | null): string =>
  station === null ? 'all stations' : `station ${station}`
export type StationTally = z.output<typeof TALLY>
