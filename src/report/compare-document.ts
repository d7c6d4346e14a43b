import { z } from 'zod'
import { FIGURES, WITNESSES } from '../bench/figures.js'
import { document, ENDING, keysOf, part, text } from './schema.js'

const SETTING = z.union([z.string(), z.number(), z.boolean(), z.null()])
const NAME = z.enum(keysOf(FIGURES)).describe('Which figure: its unit is in its name')
const WITNESS = z.enum(WITNESSES).describe('What has timed or seen it; null for what is of none')
const number = (meaning: string) => z.number().describe(meaning)

export const COMPARE = document('blinkup.bench-compare/1', {
  verdict: z
    .enum(['worse', 'better', 'same'])
    .describe(
      '`worse` where any figure became so, beyond what chance explains; else `better` where any did; `same` as far as can be seen',
    ),
  confidence: part(
    'With which any figure is said to be worse or better, over all of them together',
  ),
  comparedSchema: text('Name and version of the documents that were compared'),
  differing: z
    .array(
      z.strictObject({
        name: text('Which setting'),
        before: SETTING.describe('In the first document; null where it is not there'),
        after: SETTING.describe('In the second document; null where it is not there'),
      }),
    )
    .readonly()
    .describe('Settings that are not the same, and may be what makes the difference'),
  changes: z
    .array(
      z.strictObject({
        name: NAME,
        witness: WITNESS.nullable(),
        before: number('In the first document'),
        after: number('In the second document'),
        uncertainty: number(
          'By how much their difference may be off, with 95 % confidence; null where that is not known, and of counts and shares, which have exact tests',
        ).nullable(),
        chance: part(
          'How likely this difference, or a larger one, is by chance alone, with all figures allowed for; null where that is not known',
        ).nullable(),
        outcome: z
          .enum(['worse', 'better', 'changed', 'same', 'unknown'])
          .describe(
            '`changed` where no direction is better; `same` as far as chance lets see it; `unknown` where nothing tells by how much it may be off',
          ),
      }),
    )
    .readonly()
    .describe('Each figure that both have: what is worse first'),
  lacking: z
    .array(
      z.strictObject({
        name: NAME,
        witness: WITNESS.nullable(),
        from: z.enum(['before', 'after']).describe('The document that lacks it'),
      }),
    )
    .readonly()
    .describe('Figures that only one of them has'),
  ...ENDING,
})
