// What comes of it when everything goes wrong: a board that lies, stops and signals at random moments, floods.
// `npm run bench:hostile [-- --json] [--seed N] [--lies N] [--stops N] [--signals N] [--flood-seconds N] [lies] [stops] [signals] [floods]`;
// without names, all. `--conversation JSON` has one of the conversations again that were printed.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { report, type Tables } from '../report.js'
import { floods } from './floods.js'
import { again, lies } from './lies.js'
import { signals, stops } from './strikes.js'

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    lies: { type: 'string', default: '100000' },
    stops: { type: 'string', default: '200' },
    signals: { type: 'string', default: '200' },
    'flood-seconds': { type: 'string', default: '60' },
    conversation: { type: 'string' },
  },
  allowPositionals: true,
})
const seed = Number(values.seed)
const folder = mkdtempSync(join(tmpdir(), 'blinkup-hostile-'))
const lanes = cpus().length

const SECTIONS: Readonly<Record<string, () => Promise<Tables>>> = {
  lies: () => lies(Number(values.lies), seed),
  stops: () => stops({ count: Number(values.stops), seed, folder, lanes }),
  signals: () => signals({ count: Number(values.signals), seed, folder, lanes }),
  floods: () => floods(Number(values['flood-seconds']), folder),
}

let tables: Tables = { seed: [{ seed }] }
try {
  if (values.conversation !== undefined) tables = await again(values.conversation)
  else {
    for (const name of positionals.length > 0 ? positionals : Object.keys(SECTIONS)) {
      const section = SECTIONS[name]
      if (!section) throw new Error(`there is no ${name}: name ${Object.keys(SECTIONS).join(', ')}`)
      tables = { ...tables, ...(await section()) }
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
report('blinkup.bench-hostile/1', tables)
process.exit() // some of those that were fooled still wait
