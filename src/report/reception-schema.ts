import { z } from 'zod'
import { RECEPTION_FAILURES } from '../receiver/judge/failures.js'
import {
  count,
  decibels,
  flag,
  hertz,
  hex,
  keysOf,
  ofFullScale,
  part,
  SETTINGS,
  seconds,
  shared,
  text,
} from './schema.js'

export const LEVELS = shared(
  'Levels',
  z.strictObject({
    black: ofFullScale('With the LED dark').nullable(),
    grey: ofFullScale('With the LED grey').nullable(),
    white: ofFullScale('With the LED white').nullable(),
  }),
  'What the sensor makes of each level; null for one that was not seen.',
)

const SCALE = shared(
  'Scale',
  z.strictObject({
    zero: z.number().describe('Level 0, in the unit of the file'),
    full: z.number().describe('Level 1'),
    unit: text('As the file has it; null where it does not tell').nullable(),
    isKnown: flag(
      'Whether they are no light and full scale: else they are guessed from what was seen, and levels are no parts of what the sensor could show',
    ),
  }),
  "What levels are in the file's own unit: level × (full - zero) + zero.",
)

export const CLIPPED = shared(
  'Clipped',
  z.strictObject({
    low: flag('At its lower end'),
    high: flag('At its upper end'),
  }),
  "Whether the light is at an end of the sensor's range.",
)

const TIMING_SPREAD = shared(
  'TimingSpread',
  z.strictObject({
    rmsS: seconds('Root mean square'),
    maxS: seconds('The most'),
  }),
  'How far the black-to-lit edges are off the regular grid that fits them best.',
)

const UNCERTAINTY = shared(
  'Uncertainty',
  z.strictObject({
    symbolRateHz: hertz('Of the symbol rate').nullable(),
    swing: ofFullScale('Of the swing').nullable(),
    greyRatio: part('Of the grey ratio').nullable(),
    snrDb: decibels('Of the signal-to-noise ratio').nullable(),
    timeConstantS: seconds('Of the time constant').nullable(),
    flickerPeak: ofFullScale("Of the flicker's peak").nullable(),
  }),
  'By how much figures of a reception may be off, with 95 % confidence; null where there is no such figure, or it is not known.',
)

const QUALITY = shared(
  'Quality',
  z.strictObject({
    swing: ofFullScale(
      'From black to the brightest level that was seen; without a sync, from the least sample to the most',
    ),
    snrDb: decibels(
      'Half of the step from grey to white over the rms deviation of a bit from its level; null without a sync, and for light without noise',
    ).nullable(),
    eyeHeight: part(
      'From the brightest grey bit to the darkest white one, as a part of the step from grey to white; null without both',
    ).nullable(),
    eyeWidth: part('The part of a symbol that no edge came into; null without a sync').nullable(),
    leastCertainBit: z
      .strictObject({
        bit: count('Its index in the packet'),
        margin: part('0 is at the threshold, 1 as far from it as the level of its kind'),
      })
      .describe('The bit of the packet that is nearest to the threshold; null without bits')
      .nullable(),
    flicker: z
      .strictObject({
        frequencyHz: hertz('Its frequency'),
        peak: ofFullScale('The most that it deviates from its mean'),
      })
      .describe('Flicker of other light, about 100 or 120 Hz; null where none is known')
      .nullable(),
    clipped: CLIPPED,
    lightSwitches: count(
      'How often all levels moved at once within it, as other light was switched on or off',
    ),
    timeConstantS: seconds(
      "Of the sensor's rise or fall, the slower one; null where it is too short to be seen",
    ).nullable(),
    uncertainty: UNCERTAINTY,
  }),
  'How good the light of a reception was.',
)

/** What a reception shows of its light. */
export const LIGHT_FIGURES = {
  levels: LEVELS,
  timingSpread: TIMING_SPREAD.nullable().describe('Null without a sync'),
  quality: QUALITY,
  advice: text('What to change on the bench first'),
}

const KINDS = ['message', 'bad-packet', 'bare-sync', 'no-sync', 'symbols', 'bad-symbols'] as const

const TRACED_READING = shared(
  'TracedReading',
  z.strictObject({
    cutBy: z.enum(['clock', 'edges']).describe('What told where its bits begin'),
    lit: z.enum(['brighter', 'darker']).describe('What the sensor shows of light'),
    lessFlicker: flag("Whether other light's flicker was taken away"),
    startS: seconds('When its first bit began'),
    markerS: seconds('When the last bit of its marker began; null without one').nullable(),
    symbolRateHz: hertz('How fast its symbols came'),
    logLikelihood: z
      .number()
      .describe('Of its bits against no message, in nats: 0 without a bit after the marker'),
    end: z
      .enum(['message', 'open', ...keysOf(RECEPTION_FAILURES)])
      .describe('What it ended with; open where it was given up'),
    verdict: z
      .enum(['reported', 'beaten', 'flicker', 'no message'])
      .describe(
        'Reported; beaten by another reading of the same light; what is left of flicker; nothing to tell',
      ),
  }),
  'One way in which light was read.',
)

export const RECEPTION = shared(
  'Reception',
  z.strictObject({
    kind: z
      .enum(KINDS)
      .describe(
        'A message; a marker without a packet that is right; a sync without a marker; nothing like a sync; of a file of symbols, a message, or one that is not right',
      ),
    ok: flag('Whether it is a message'),
    packetHex: hex(
      'Bytes after the marker, `**` for each that is secret; null without a marker',
    ).nullable(),
    config: SETTINGS.nullable(),
    symbolRateHz: hertz('Null without a sync, and of symbols').nullable(),
    greyRatio: part(
      'Grey as a part of white, both above black; null where it is not known',
    ).nullable(),
    levels: LEVELS.nullable(),
    scale: SCALE.optional(),
    timingSpread: TIMING_SPREAD.nullable(),
    quality: QUALITY.nullable(),
    advice: LIGHT_FIGURES.advice.nullable(),
    startS: seconds(
      'When the first bit began that was read, or without a sync the first sample; null of symbols',
    ).nullable(),
    endS: seconds(
      'When it ended or failed, or without a sync the last sample; null of symbols',
    ).nullable(),
    reason: z
      .enum(keysOf(RECEPTION_FAILURES))
      .describe('Why it is no message; null for one')
      .nullable(),
    trace: z
      .array(TRACED_READING)
      .readonly()
      .describe('How its light was read, and what became of that; only where it was asked for')
      .optional(),
  }),
  'A message, or what there was instead of one. What is of the light is null in a file of symbols.',
)

export type ReceptionDocument = z.output<typeof RECEPTION>
