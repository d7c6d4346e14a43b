import { z } from 'zod'
import { count, document, flag, seconds, shared, text } from './schema.js'

/** What a station tells its broker, a message for whatever happens. */

const unixMs = (meaning: string) => z.int().meta({ unit: 'ms since 1970', description: meaning })

const RESULT = shared(
  'DeviceResult',
  z.strictObject({
    number: count('Counts from 1 in each station'),
    kind: z.enum(['report', 'blessing']).describe('Of the device, or of the server'),
    receivedAtMs: unixMs('When it came'),
    flag: z
      .enum(['matched', 'late', 'repeated', 'unknown'])
      .describe(
        '`matched` came while its cycle went on, `late` after it had ended; `repeated` was told before, to the letter; `unknown` is of no device of a cycle',
      ),
    cycleId: text('Of the cycle that it belongs to; null for none').nullable(),
    deviceId: text('16 hex digits; null where it says none').nullable(),
    mac: text('12 hex digits; null where it says none').nullable(),
    success: flag('Whether its test has passed; null where it tells something else').nullable(),
    values: z.record(z.string(), z.unknown()).describe('All other keys, as the device has them'),
  }),
  'What a device, or its agent, has told of itself.',
)

const CYCLE_RECORD = shared(
  'CycleRecord',
  z.strictObject({
    station: text('Name of the station'),
    id: text('Unique everywhere (UUID)'),
    number: count('Counts from 1 in each station'),
    rig: text('Name of the rig'),
    rigKind: text('Kind of the rig'),
    rigName: text('Of the part that lights: its port or lines'),
    serialNumber: text('Of that part; null where it has none').nullable(),
    firmwareVersion: text('Of that part; null where it has none').nullable(),
    packageVersion: text('Of this program'),
    trigger: z.enum(['key', 'gpio', 'board', 'http', 'page']).describe('What has started it'),
    startedAtMs: unixMs('When it began'),
    endedAtMs: unixMs('When it ended; of an interrupted one, when that was found').nullable(),
    durationS: seconds('How long it took; null where it was interrupted').nullable(),
    state: text('The one that it was in last'),
    end: z
      .strictObject({
        outcome: z.enum(['pass', 'fail', 'error', 'timeout', 'aborted']).describe('How it ended'),
        reason: text('Why it did not pass; null for a pass').nullable(),
        detail: text('What was found and what to do, in a sentence; null for a pass').nullable(),
      })
      .describe('How it ended; null for one that goes on')
      .nullable(),
    deviceId: text('Of the device that has come with its token; null where none has').nullable(),
    planId: text('Of that device; null where it is not known').nullable(),
    phases: z
      .array(
        z.strictObject({
          state: text('What the station did'),
          startedAtMs: unixMs('When it began'),
          durationS: seconds('How long it took; null where it was interrupted').nullable(),
        }),
      )
      .readonly()
      .describe('In their order'),
    measurements: z
      .array(
        z.strictObject({
          name: text('Name of the figure'),
          value: z
            .union([z.number(), z.string(), z.boolean()])
            .describe('Null where it could not be measured')
            .nullable(),
          unit: text('Its unit; null for none').nullable(),
          least: z.number().describe('The least that it may be; null for no limit').nullable(),
          most: z.number().describe('The most that it may be; null for no limit').nullable(),
          verdict: z
            .enum(['pass', 'marginal', 'fail'])
            .describe('What the limits make of it; null where it has none')
            .nullable(),
        }),
      )
      .readonly()
      .describe('In the order in which they were made'),
    results: z.array(RESULT).readonly().describe('What its device has told, in its order'),
  }),
  'All that is known of a cycle. It holds no secret.',
)

/** Which news it is. */
const NEWS = {
  station: text('Name of the station'),
  recordsId: text('Of its file of records (UUID): another one counts anew'),
  sequence: count(
    'Counts from 1 in each file of records, without a gap: what comes with the same number again is the same news',
  ),
}

export const CYCLE_MESSAGE = document('blinkup.station-cycle/1', { ...NEWS, cycle: CYCLE_RECORD })
export const RESULT_MESSAGE = document('blinkup.station-result/1', { ...NEWS, result: RESULT })

const counted = (what: string) => count(`Cycles since the start that ${what}`)

export const STATE_MESSAGE = document('blinkup.station-state/1', {
  station: text('Name of the station'),
  isOnline: flag('Whether it is connected to the broker: the rest is of no worth where it is not'),
  atMs: unixMs(
    'When it was so; null where the broker tells it in the place of the station',
  ).nullable(),
  rigs: z
    .array(
      z.strictObject({
        rig: text('Name of the rig'),
        state: text(
          'What it does: `opening`, `lost`, `waiting`, `label`, `lockout`, or the state of its cycle',
        ),
        sinceMs: unixMs('Since when'),
        cycleId: text('Of the cycle that goes on; null for none').nullable(),
        instruction: text('What the operator is to do now'),
        counts: z
          .strictObject({
            pass: counted('passed'),
            fail: counted('failed'),
            error: counted('could not be made'),
            timeout: counted('timed out'),
            aborted: counted('were aborted'),
            ignoredTriggers: count(
              'Triggers during a cycle, a label that is waited for, or in the lockout',
            ),
          })
          .describe('What came of its cycles'),
      }),
    )
    .readonly()
    .describe('None where it is not connected'),
})

export type StationMessage =
  | z.output<typeof CYCLE_MESSAGE>
  | z.output<typeof RESULT_MESSAGE>
  | z.output<typeof STATE_MESSAGE>
