// Renews the examples of docs/json.md by runs of the built program; `npm run manual` puts them into the page. `npm run examples`
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DOCUMENT_PAGES } from './document-pages.js'
import { exampleFile } from './json-page.js'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))

for (const [name, { example }] of Object.entries(DOCUMENT_PAGES)) {
  const blinkup = `blinkup() { '${process.execPath}' '${PROJECT}bin/blinkup' "$@"; }`
  const { stdout } = spawnSync('sh', ['-c', `${blinkup}; ${example}`], { encoding: 'utf8' })
  // As on a machine like others.
  const document = stdout
    .replaceAll(PROJECT, '/usr/lib/node_modules/blinkup/')
    .replace(/Linux [^"]*/, 'Linux 6.12.47')
  writeFileSync(exampleFile(name as keyof typeof DOCUMENT_PAGES), document)
}
