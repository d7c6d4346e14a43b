// How near to the physical limit the receiver is, where it fails, how fast it is and what it never accepts:
// `npm run bench:receiver [-- [--json] [--update] [--short] [--against REF] [--plots FILE] [snr] [limits] [speed] [false-accepts] [disturbances] [truth]
// [fuzz]]`;
// without names, all. `--against REF` builds that commit, too, and `speed` measures both in turns. `--short` tries only whether a
// few messages arrive at the limits that are kept. `--update` makes the limits that were measured the ones that later runs
// are compared with. `--plots FILE.html` also writes a page of all plots and tables, `--plots FILE.svg` the first plot alone.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machine, report } from '../report.js'
import { builtAt } from './builds.js'
import { disturbances } from './disturbances.js'
import { falseAccepts } from './false-accepts.js'
import { fuzz } from './fuzz.js'
import { limits } from './limits.js'
import { drawPage, drawPicture } from './plots.js'
import { shortLimits } from './short-limits.js'
import { snr } from './snr.js'
import { speed } from './speed.js'
import type { Section } from './trial.js'
import { truth } from './truth.js'

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    update: { type: 'boolean' },
    short: { type: 'boolean' },
    against: { type: 'string' },
    plots: { type: 'string' },
  },
  allowPositionals: true,
})
const { against } = values
const SECTIONS: Readonly<Record<string, () => Section | Promise<Section>>> = {
  snr,
  limits: values.short ? shortLimits : limits,
  speed: async () => speed(against === undefined ? undefined : await builtAt(against)),
  'false-accepts': falseAccepts,
  disturbances,
  truth,
  fuzz,
}
const names = positionals.length > 0 ? positionals : Object.keys(SECTIONS)
const measured: Section[] = []
for (const name of names) {
  const section = SECTIONS[name]
  if (!section) throw new Error(`there is no ${name}: name ${Object.keys(SECTIONS).join(', ')}`)
  measured.push(await section())
}
const tables = Object.assign({}, ...measured.map((section) => section.tables))
report('blinkup.bench-receiver/1', tables)
if (values.plots !== undefined) {
  const figures = measured.flatMap((section) => section.figures ?? [])
  writeFileSync(
    values.plots,
    values.plots.endsWith('.svg') ? drawPicture(figures) : drawPage(machine(), figures, tables),
  )
}
