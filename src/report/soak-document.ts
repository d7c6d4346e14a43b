import { z } from 'zod'
import { TREND_NAMES } from '../bench/soak-tally.js'
import { VERDICT_FAILURES } from '../bench/verdict.js'
import { RIG_KINDS } from '../rig/config.js'
import {
  count,
  document,
  ENDING,
  FIGURE,
  hertz,
  keysOf,
  part,
  SETTINGS_OF_RUN,
  seconds,
  shared,
  text,
} from './schema.js'

const number = (meaning: string) => z.number().describe(meaning)
const REASON = z.enum(keysOf(VERDICT_FAILURES))

const TREND = shared(
  'Trend',
  z.strictObject({
    name: z.enum(TREND_NAMES as [string, ...string[]]).describe('Of what: its unit is in its name'),
    messages: count('How many messages showed it'),
    mean: number('Null without messages, as all below').nullable(),
    min: number('The least').nullable(),
    max: number('The most').nullable(),
    perHour: number('Slope of the straight line that fits best, an hour').nullable(),
    perHourUncertainty: number(
      'By how much the slope may be off by chance, with 95 % confidence; null where that is not known',
    ).nullable(),
    bins: z
      .array(
        z.strictObject({
          fromS: seconds('Start of its first message'),
          toS: seconds('Start of its last message'),
          messages: count('How many messages'),
          min: number('The least'),
          mean: number('Their mean'),
          max: number('The most'),
        }),
      )
      .readonly()
      .describe('Its course; of a long soak each is of several messages'),
  }),
  'What became of a value from message to message.',
)

export const SOAK = document('blinkup.bench-soak/1', {
  verdict: z
    .enum(['pass', 'fail', 'error', 'aborted'])
    .describe(
      '`fail` where a message failed, or a figure its limit; else `error` where the rig failed, `aborted` where it was ended before its end; `pass` only where all messages were played and passed',
    ),
  rig: z.enum(RIG_KINDS).describe('Kind of the rig'),
  settings: SETTINGS_OF_RUN,
  messages: z
    .strictObject({
      wanted: count('How many were asked for; null for as many as there was time for').nullable(),
      judged: count('How many were judged'),
      passed: count('How many passed'),
    })
    .describe('Messages'),
  passShare: z
    .strictObject({
      least: part('The least'),
      most: part('The most'),
    })
    .describe(
      'What share of all messages may pass, with 95 % confidence: the exact interval of Clopper and Pearson; null without messages',
    )
    .nullable(),
  symbols: count('How many symbols the message has'),
  symbolRateHz: hertz('What was asked for'),
  durationS: seconds(
    'From the first message to the end of the last one, on the clock of the samples',
  ),
  reasons: z
    .array(
      z.strictObject({
        reason: REASON.describe('Why they failed'),
        messages: count('How many'),
      }),
    )
    .readonly()
    .describe('Why messages failed, the most frequent first'),
  failures: z
    .array(
      z.strictObject({
        message: count('Which message, from 1 on'),
        timeS: seconds('Its start, since that of the first message'),
        reason: REASON.describe('Why it failed'),
        capture: text('The file that holds its light; null where none was kept').nullable(),
      }),
    )
    .readonly()
    .describe('The first 1,000 that failed'),
  rigErrors: z
    .array(
      z.strictObject({
        afterMessages: count('How many messages were judged before'),
        timeS: seconds('The end of the last of them'),
        message: text('What happened, in a sentence'),
      }),
    )
    .readonly()
    .describe('The first 1,000 times that the rig failed or was lost'),
  trends: z.array(TREND).readonly().describe('Margin, levels, other light and timing over time'),
  figures: z.array(FIGURE).readonly().describe('What was measured'),
  ...ENDING,
})
