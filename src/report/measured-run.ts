import { z } from 'zod'
import type { MeasuredRun } from '../bench/compare.js'
import { FIGURES, type Figure, WITNESSES } from '../bench/figures.js'

/**
 * Documents of runs that can be compared, as far as that needs them: a later program of the same version of a document may have added members.
 */

const FIGURE = z.object({
  name: z.string(),
  witness: z.enum(WITNESSES).nullable(),
  value: z.number().nullable(),
  uncertainty: z.number().min(0).nullable(),
})
const SETTING = z.union([z.string(), z.number(), z.boolean(), z.null()])
const RUN = z.object({
  rig: z.string(),
  settings: z.record(z.string(), SETTING).default({}),
  figures: z.array(FIGURE),
})

/** Those that this program knows. */
const known = (figures: readonly z.output<typeof FIGURE>[]): Figure[] =>
  figures.filter((figure): figure is Figure => Object.hasOwn(FIGURES, figure.name))

const SOAK = RUN.extend({
  messages: z.object({ judged: z.int().min(0), passed: z.int().min(0) }),
}).transform(({ rig, settings, figures, messages: { judged, passed } }): MeasuredRun => {
  const freedom = Math.max(1, judged - 1)
  const passes = { passed: Math.min(passed, judged), tried: judged }
  return {
    settings: { rig, ...settings },
    figures: known(figures),
    passes,
    freedom,
    exposure: Math.max(1, judged),
  }
})

/** Their messages end as soon as a point is decided, so that their numbers have another chance than those of a soak. */
const SWEEP = RUN.transform(
  ({ rig, settings, figures }): MeasuredRun => ({
    settings: { rig, ...settings },
    figures: known(figures),
    passes: null,
    freedom: null,
    exposure: 1,
  }),
)

const TIMING = RUN.extend({ durationS: z.number().positive() }).transform(
  ({ rig, settings, figures, durationS }): MeasuredRun => ({
    settings: { rig, ...settings },
    figures: known(figures),
    passes: null,
    freedom: null,
    exposure: durationS,
  }),
)

const VERIFY = z
  .object({
    reason: z.string().nullable(),
    rig: z.string(),
    symbols: z.number(),
    symbolRateHz: z.object({ wanted: z.number() }),
    greyRatio: z.object({ played: z.number().nullable() }),
    figures: z.array(FIGURE),
  })
  .transform(({ reason, rig, symbols, symbolRateHz, greyRatio, figures }): MeasuredRun => {
    const passed = reason === null ? 1 : 0
    return {
      settings: { rig, symbolRateHz: symbolRateHz.wanted, symbols, greyRatio: greyRatio.played },
      figures: [
        { name: 'pass-rate-pct', witness: null, value: 100 * passed, uncertainty: null },
        ...known(figures),
      ],
      passes: { passed, tried: 1 },
      freedom: 1,
      exposure: 1,
    }
  })

/** By their names, how what can be compared is read from it. */
const COMPARABLE = new Map<string, z.ZodType<MeasuredRun>>([
  ['blinkup.bench-timing/1', TIMING],
  ['blinkup.bench-sweep/1', SWEEP],
  ['blinkup.bench-soak/1', SOAK],
  ['blinkup.verify/1', VERIFY],
])

const NAMED = z.object({ schema: z.string() })
const FAILED = z.object({ error: z.object({ message: z.string() }) })

/**
 * Takes from a document what can be compared, and its name.
 *
 * @returns or what is wrong with it, as the end of a sentence that begins with the name of its file
 */
export function measuredRun(
  document: unknown,
): { readonly schema: string; readonly run: MeasuredRun } | string {
  const schema = NAMED.safeParse(document).data?.schema
  if (!schema?.startsWith('blinkup.')) return 'is no JSON document of blinkup'
  if (schema === 'blinkup.error/1') {
    const { data } = FAILED.safeParse(document)
    return `is of a run that measured nothing${data ? `: ${data.error.message}` : ''}`
  }
  const reader = COMPARABLE.get(schema)
  if (!reader) {
    return `is a ${schema}: what can be compared are ${[...COMPARABLE.keys()].join(', ')}`
  }
  const { data, error } = reader.safeParse(document)
  if (data) return { schema, run: data }
  const [issue] = error.issues
  return `is no whole ${schema}: ${issue?.path.join('.') || 'it'} is missing or wrong`
}
