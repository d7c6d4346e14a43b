// How near to the physical limit the receiver is, where it fails, how fast it is and what it never accepts:
// `npm run bench:receiver [-- [--json] [--update] [--plots FILE] [snr] [limits] [speed] [false-accepts] [fuzz]]`;
// without names, all. `--update` makes the limits that were measured the ones that later runs are compared with.
// `--plots FILE.html` also writes a page of all plots and tables, `--plots FILE.svg` the first plot alone.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { machine, report } from '../report.js'
import { disturbances } from './disturbances.js'
import { falseAccepts } from './false-accepts.js'
import { fuzz } from './fuzz.js'
import { limits } from './limits.js'
import { drawPage, drawPicture } from './plots.js'
import { snr } from './snr.js'
import { speed } from './speed.js'
import type { Section } from './trial.js'

const SECTIONS: Readonly<Record<string, () => Section>> = {
  snr,
  limits,
  speed,
  'false-accepts': falseAccepts,
  disturbances,
  fuzz,
}

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    update: { type: 'boolean' },
    plots: { type: 'string' },
  },
  allowPositionals: true,
})
const names = positionals.length > 0 ? positionals : Object.keys(SECTIONS)
const measured = names.map((name) => {
  const section = SECTIONS[name]
  if (!section) throw new Error(`there is no ${name}: name ${Object.keys(SECTIONS).join(', ')}`)
  return section()
})
const tables = Object.assign({}, ...measured.map((section) => section.tables))
report('blinkup.bench-receiver/1', tables)
if (values.plots !== undefined) {
  const figures = measured.flatMap((section) => section.figures ?? [])
  writeFileSync(
    values.plots,
    values.plots.endsWith('.svg') ? drawPicture(figures) : drawPage(machine(), figures, tables),
  )
}
