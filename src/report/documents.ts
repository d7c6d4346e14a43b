import { z } from 'zod'
import { AIM_ADVICE } from '../bench/aiming.js'
import { VERDICT_FAILURES } from '../bench/verdict.js'
import { DIALECTS } from '../light/dialects.js'
import { RIG_KINDS } from '../rig/config.js'
import { COMPARE } from './compare-document.js'
import { CLOUD, DUT, FIXTURE } from './factory-documents.js'
import { CLIPPED, LEVELS, LIGHT_FIGURES, RECEPTION } from './reception-schema.js'
import {
  count,
  document,
  ENDING,
  ERROR,
  FIGURE,
  flag,
  hertz,
  hex,
  keysOf,
  ofFullScale,
  part,
  REMEDY,
  SETTINGS,
  seconds,
  shared,
  text,
  WARNINGS,
} from './schema.js'
import { SOAK } from './soak-document.js'
import { STATION_REPORT } from './station-document.js'
import { CYCLE_MESSAGE, RESULT_MESSAGE, STATE_MESSAGE } from './station-messages.js'
import { BENCH_SWEEP } from './sweep-document.js'
import { TIMING } from './timing-document.js'
import { TUNE } from './tune-document.js'

/**
 * The JSON documents that commands print: what they print is typed by these schemas, and docs/json.md is made from them. Whoever
 * takes a member away or gives it another meaning raises the number in the document's name; members may be added.
 */

const PACING = shared(
  'Pacing',
  z.strictObject({
    edges: count('Changes of the level'),
    medianS: seconds('By how much they came late: the median'),
    p99S: seconds('99 of 100 were no later'),
    p999S: seconds('999 of 1000 were no later'),
    maxS: seconds('The latest'),
    lateSymbols: count('Those later than a quarter of a symbol, with which the message has failed'),
    lengthErrorS: seconds('By how much all took longer than it should'),
    cpuPart: part('Of one CPU, what the pacing took'),
    scheduling: z
      .strictObject({
        realTime: flag('Whether it had real-time priority'),
        isolatedCpu: z
          .int()
          .describe('The isolated CPU that it had for itself; null for none')
          .nullable(),
        refusals: z
          .array(z.string())
          .readonly()
          .describe('Why it had less than it could have; these are warnings, too'),
      })
      .describe('What the machine granted'),
  }),
  'How well a computer kept to the schedule of the light.',
)

const LIGHT = shared(
  'LightComparison',
  z.strictObject({
    beginLateS: seconds('By how much its beginning was late; early is negative'),
    endLateS: seconds('By how much its end was late'),
    rateError: part('Symbol rate, seen over played, less 1'),
    greyError: part('Grey ratio, seen less played; null where either is not known').nullable(),
    toleranceS: seconds('What the times may be off'),
  }),
  'How the light that was seen differs from the light that was played.',
)

const GAP = shared(
  'Gap',
  z.strictObject({
    startS: seconds("Time of the first sample that is missing, on the photodiode's clock"),
    samples: count('How many are missing'),
  }),
  'Samples that were lost on the way.',
)

const ENCODE = document('blinkup.encode/1', {
  dialect: z.enum(keysOf(DIALECTS)).describe('Which version of the SDK it is as of'),
  symbolRateHz: hertz('How fast it is to be played'),
  durationS: seconds('How long that takes'),
  config: SETTINGS,
  packetHex: hex('Its bytes, `**` for each that is secret'),
  symbols: text(
    'Each symbol as a digit: 0 black, 1 grey, 2 white. Whoever has them has the secrets',
  ),
  ...ENDING,
})

const DECODE = document('blinkup.decode/2', {
  channels: z
    .array(
      z.strictObject({
        name: text('As the file has it'),
        unit: text('What its values are in; null where the file does not tell').nullable(),
        kind: z.enum(['analog', 'logic']).describe('What has recorded it'),
        isRead: flag('Whether the receptions are of it, or of it and another line'),
      }),
    )
    .readonly()
    .describe('All channels of the file, in its order; none of symbols'),
  receptions: z.array(RECEPTION).readonly().describe('What was found, in the order of the file'),
  ...ENDING,
})

/** What was played, in the documents of what plays one message. */
const PLAYED = {
  symbols: count('How many symbols the message has'),
  symbolRateHz: hertz('What the emitter really made; null where the light failed').nullable(),
  durationS: seconds('How long it took; null where the light failed').nullable(),
  greyRatio: part(
    'Grey as a part of white, as the emitter made it; null where the parts of the rig make it, or the light failed',
  ).nullable(),
  pacing: PACING.nullable().describe('Null where a microcontroller keeps the time'),
}

const SEND = document('blinkup.send/2', {
  planId: text('Plan ID that it was sent with; null without a token').nullable(),
  ...PLAYED,
  ...ENDING,
})

const VERIFY = document('blinkup.verify/1', {
  verdict: z
    .enum(['pass', 'fail'])
    .describe(
      '`pass` for the very bytes, once, in the light of this rig, and all figures within their limits',
    ),
  reason: z
    .enum(keysOf(VERDICT_FAILURES))
    .describe('Why it failed; null for a pass, and where only a figure is not within its limit')
    .nullable(),
  sentHex: hex('Bytes that were sent, `**` for each that is secret'),
  receivedHex: hex('Bytes that were received; null without a marker').nullable(),
  config: SETTINGS,
  rig: z.enum(RIG_KINDS).describe('Kind of the rig'),
  symbols: count('How many symbols the message has'),
  durationS: seconds('How long it took'),
  symbolRateHz: z
    .strictObject({
      wanted: hertz('What was asked for'),
      played: hertz('What the emitter made'),
      seen: hertz('What was received; null without a sync').nullable(),
    })
    .describe('Symbol rate'),
  greyRatio: z
    .strictObject({
      played: part('What the emitter made; null where the parts of the rig make it').nullable(),
      seen: part('What was received; null where it is not known').nullable(),
    })
    .describe('Grey as a part of white'),
  ...LIGHT_FIGURES,
  startS: z
    .strictObject({
      played: seconds('Of the first symbol; null where that is of another clock').nullable(),
      seen: seconds('Of what was received'),
    })
    .describe("When it began, on the photodiode's clock"),
  light: LIGHT.nullable().describe('Null unless the right message was received'),
  differences: z
    .array(z.string())
    .readonly()
    .describe('Of `not-this-light`: what differs, in words'),
  pacing: PACING.nullable().describe('Null where a microcontroller keeps the time'),
  gaps: z.array(GAP).readonly().describe('Samples that were lost, which the verdict allows for'),
  figures: z.array(FIGURE).readonly().describe('What was measured'),
  ...ENDING,
})

const ENROLL = document('blinkup.enroll/1', {
  config: SETTINGS,
  device: z
    .strictObject({
      deviceId: text('Its device ID, 16 hex digits'),
      planId: text('Its plan ID, as the server tells it').nullable(),
      agentUrl: text('Where its agent is').nullable(),
      claimedAt: text("When it has come, in the server's words").nullable(),
    })
    .describe('The device that has come with the token; null where none has')
    .nullable(),
  ...PLAYED,
  ...ENDING,
})

const HELD = ['black', 'grey', 'white'] as const

const AIM = document('blinkup.aim/1', {
  rig: z.enum(RIG_KINDS).describe('Kind of the rig'),
  held: z.enum(HELD).describe('The level that was held last'),
  levels: LEVELS,
  swing: ofFullScale(
    'From black to the held level, or of black to white; null where one of them is not known',
  ).nullable(),
  greyRatio: part(
    'Grey as a part of white, both above black; null unless all are known',
  ).nullable(),
  flicker: ofFullScale('Peak to peak, at the held level; null without samples').nullable(),
  clipped: CLIPPED.nullable().describe('Null without samples'),
  verdict: z
    .enum(keysOf(AIM_ADVICE))
    .describe('How good the light is; null without samples')
    .nullable(),
  advice: text('The verdict in words').nullable(),
  lostSamples: count('Samples that were lost on the way'),
  ...ENDING,
})

const DOCTOR = document('blinkup.doctor/1', {
  checks: z
    .array(
      z.strictObject({
        name: text('What was looked at'),
        status: z.enum(['ok', 'warning', 'failure']).describe('How it is'),
        finding: text('What was found'),
        repair: text('What mends it').optional(),
        remedy: REMEDY.optional(),
      }),
    )
    .readonly()
    .describe('What was looked at, in its order'),
  ...ENDING,
})

const FIRMWARE = document('blinkup.firmware/1', {
  image: z
    .strictObject({
      path: text('Its file, in Intel HEX'),
      version: text('Its version'),
      sizeBytes: z.int().meta({ unit: 'bytes', description: 'Flash that it takes' }),
      sha256: z.string().meta({ unit: 'hex', description: 'SHA-256 of the file' }),
    })
    .describe('The firmware that comes with this program'),
  board: z
    .strictObject({
      name: text('Who answers'),
      firmwareVersion: text('What it runs'),
      protocolVersion: text('The protocol that it speaks'),
      serialNumber: text('What its owner has named it, `-` for none'),
      clockHz: hertz('Its clock'),
      maxSymbols: count('The longest message that it holds, in symbols'),
      isShippedVersion: flag('Whether it runs the version above'),
    })
    .describe('The board at `--port`; null without that option')
    .nullable(),
  ...ENDING,
})

const FAILED = document('blinkup.error/1', { error: ERROR, warnings: WARNINGS })

/** Every JSON document of the commands, by its name. */
export const DOCUMENTS = {
  'blinkup.encode/1': ENCODE,
  'blinkup.decode/2': DECODE,
  'blinkup.send/2': SEND,
  'blinkup.verify/1': VERIFY,
  'blinkup.enroll/1': ENROLL,
  'blinkup.aim/1': AIM,
  'blinkup.doctor/1': DOCTOR,
  'blinkup.bench-sweep/1': BENCH_SWEEP,
  'blinkup.firmware/1': FIRMWARE,
  'blinkup.bench-soak/1': SOAK,
  'blinkup.bench-compare/1': COMPARE,
  'blinkup.bench-timing/1': TIMING,
  'blinkup.station-report/1': STATION_REPORT,
  'blinkup.error/1': FAILED,
} as const

/** Every JSON document that commands print one a line until they end, or tell a broker, by its name. */
export const LINES = {
  'blinkup.dut/1': DUT,
  'blinkup.fixture/1': FIXTURE,
  'blinkup.cloud/1': CLOUD,
  'blinkup.tune/1': TUNE,
  'blinkup.station-cycle/1': CYCLE_MESSAGE,
  'blinkup.station-result/1': RESULT_MESSAGE,
  'blinkup.station-state/1': STATE_MESSAGE,
} as const

export type LineName = keyof typeof LINES
/** Of a stand-in of an imp. */
export type ImpLineName = 'blinkup.dut/1' | 'blinkup.fixture/1'
/** A document of that name. */
export type LineOf<N extends LineName> = { [M in N]: z.output<(typeof LINES)[M]> }[N]

export type DocumentName = keyof typeof DOCUMENTS
/** A document of that name. */
export type DocumentOf<N extends DocumentName> = { [M in N]: z.output<(typeof DOCUMENTS)[M]> }[N]
/** Why a command does not end with 0. */
export type Failure = z.output<typeof ERROR>
/** A message, or what there was instead of one. */
export type ReceptionDocument = z.output<typeof RECEPTION>
/** What a reception shows of its light. */
export type LightFigures = Pick<DocumentOf<'blinkup.verify/1'>, keyof typeof LIGHT_FIGURES>
