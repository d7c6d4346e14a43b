import { z } from 'zod'
import { WITNESSES } from '../bench/figures.js'
import { TIMING_FAULTS } from '../bench/timing/faults.js'
import { RIG_KINDS } from '../rig/config.js'
import {
  count,
  document,
  ENDING,
  FIGURE,
  hertz,
  keysOf,
  SETTINGS_OF_RUN,
  seconds,
  text,
} from './schema.js'

export const TIMING_PATTERNS = ['clock', 'random', 'message'] as const

export const TIMING = document('blinkup.bench-timing/1', {
  verdict: z
    .enum(['pass', 'fail'])
    .describe('`fail` where a figure is not within its limit by its uncertainty, too'),
  rig: z.enum(RIG_KINDS).describe('Kind of the rig'),
  settings: SETTINGS_OF_RUN,
  pattern: z.enum(TIMING_PATTERNS).describe('What was played'),
  sequences: count('How often, one after another'),
  symbols: count('Of all of them'),
  durationS: seconds('Of their light'),
  symbolRateHz: z
    .strictObject({
      wanted: hertz('What was asked for'),
      played: hertz('What the emitter has made of it, by its own clock'),
    })
    .describe('Symbol rate'),
  figures: z.array(FIGURE).readonly().describe('What was measured, each by each of its witnesses'),
  faults: z
    .array(
      z.strictObject({
        fault: z.enum(keysOf(TIMING_FAULTS)).describe('What is wrong'),
        witness: z.enum(WITNESSES).describe('Who has seen it'),
        text: text('What and where, in a sentence'),
      }),
    )
    .readonly()
    .describe('What is wrong beyond what is usual, whatever the limits are'),
  notes: z.array(z.string()).readonly().describe('Which witnesses say nothing, and why'),
  ...ENDING,
})
