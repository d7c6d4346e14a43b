import { z } from 'zod'
import { BOUNDS } from '../bench/sweep/player.js'
import { VERDICT_FAILURES } from '../bench/verdict.js'
import { DIALECTS } from '../light/dialects.js'
import { RIG_KINDS } from '../rig/config.js'
import {
  count,
  decibels,
  document,
  ENDING,
  FIGURE,
  flag,
  hertz,
  keysOf,
  part,
  SETTINGS_OF_RUN,
  shared,
} from './schema.js'

const POINT_SETTINGS = {
  symbolRateHz: hertz('Symbol rate'),
  greyRatio: part('Grey as a part of white; null where the parts of the rig make it').nullable(),
  brightness: part(
    'White as a part of full light; null where the parts of the rig make it',
  ).nullable(),
  sampleRateHz: hertz('Rate of the photodiode, as asked for'),
  messageBytes: count('Length of the packet, with its length byte and CRC'),
}

const FAILURE_REASONS = [...keysOf(VERDICT_FAILURES), 'late-light'] as const

const PLAYED = shared(
  'SweepPoint',
  z.strictObject({
    verdict: z
      .enum(['pass', 'fail', 'undecided', 'unplayable'])
      .describe(
        'Whether the share of messages that pass is at least what was asked; `undecided` after the most messages; `unplayable` where there was no light',
      ),
    bound: z
      .enum(keysOf(BOUNDS))
      .describe(
        `Of \`unplayable\`: ${keysOf(BOUNDS)
          .map((bound) => `\`${bound}\`, ${BOUNDS[bound]}`)
          .join(' ')}`,
      )
      .nullable(),
    messages: count('Messages that were played'),
    passes: count('Those of them that passed'),
    confidence: part(
      'That the share is above what was asked, or below it, as the verdict says; of `undecided`, whichever is surer',
    ),
    failures: z
      .array(
        z.strictObject({
          reason: z
            .enum(FAILURE_REASONS)
            .describe(
              'Why: as of `verify`; or `late-light`, as the computer was late by more than a quarter of a symbol',
            ),
          messages: count('How many messages'),
        }),
      )
      .readonly()
      .describe('Why messages failed'),
    margins: z
      .strictObject({
        bit: part('Margin of the least certain bit: 0 at the threshold, 1 at its level').nullable(),
        eyeHeight: part('Height of the eye, of the step from grey to white').nullable(),
        eyeWidth: part('Width of the eye, of a symbol').nullable(),
        snrDb: decibels('Signal over noise').nullable(),
      })
      .describe('The least of all messages that passed; null where none did')
      .nullable(),
  }),
  'What came of the messages at a point of a sweep.',
)

const ASKED = shared(
  'Asked',
  z.strictObject({
    passRate: part('The share of messages that must pass'),
    confidence: part('How sure the answer has to be'),
    mostMessages: count('After how many messages a point is undecided'),
  }),
  'What is asked of a share of messages.',
)

export const BENCH_SWEEP = document('blinkup.bench-sweep/1', {
  verdict: z
    .enum(['pass', 'fail'])
    .describe(
      'Whether settings were found and confirmed and all limits are kept; null when it was broken off',
    )
    .nullable(),
  rig: z.enum(RIG_KINDS).describe('Kind of rig'),
  settings: SETTINGS_OF_RUN,
  dialect: z.enum(keysOf(DIALECTS)).describe('Dialect of the messages'),
  axes: z
    .array(
      z.strictObject({
        name: z.enum(keysOf(POINT_SETTINGS)).describe('Which setting of the points'),
        values: z.array(z.number()).readonly().describe('Its values, which rise'),
      }),
    )
    .readonly()
    .describe('What was swept'),
  asked: ASKED.describe('Of each point'),
  points: z
    .array(
      z.strictObject({
        ...POINT_SETTINGS,
        passes: flag(
          'Whether messages pass here: as was seen, or else as the points around show; null where that is not known',
        ).nullable(),
        played: PLAYED.describe('What was seen; null where nothing was played').nullable(),
      }),
    )
    .readonly()
    .describe('All points: each value of each axis with each of the others'),
  proposal: z
    .strictObject({
      ...POINT_SETTINGS,
      steps: count('To the nearest point that does not pass, in steps of the axes'),
      asked: ASKED.describe('Of its confirmation'),
      confirmation: PLAYED.describe('What came of messages of its own'),
    })
    .describe('Settings well inside the passing region; null where there are none')
    .nullable(),
  figures: z.array(FIGURE).readonly().describe('What was measured'),
  ...ENDING,
})
