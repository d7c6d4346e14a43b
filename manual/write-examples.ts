// Renews the examples of docs/json.md by runs of the built program; `npm run manual` puts them into the page. `npm run examples`
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EnrollmentServer, KEY } from '../test/helpers/enrollment-server.js'
import { writeStation } from '../test/helpers/station-records.js'
import { brokerExamples } from './broker-examples.js'
import { DOCUMENT_PAGES } from './document-pages.js'
import { exampleFile } from './json-page.js'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))

/** Where the examples run: with the files that they name. */
const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
await using server = await EnrollmentServer.open()
const enrollment = `[enrollment]\nurl = "${server.url}"\n`
writeFileSync(join(folder, 'fixture.toml'), `rig = "emulated"\nrate = 142\n${enrollment}`)
writeStation(join(folder, 'records.db'), Date.UTC(2026, 10, 30, 6), 5)
const command = `#!/bin/sh\nexec '${process.execPath}' '${PROJECT}bin/blinkup' "$@"\n`
writeFileSync(join(folder, 'blinkup'), command, { mode: 0o755 })
const PATH = `${folder}:${process.env['PATH']}`
const env = { ...process.env, PATH, BLINKUP_ENROLLMENT_KEY: KEY }

const told = await brokerExamples(folder)
for (const [name, line] of told)
  writeFileSync(exampleFile(name as keyof typeof DOCUMENT_PAGES), line)
for (const [name, { example }] of Object.entries(DOCUMENT_PAGES)) {
  if (told.has(name)) continue
  const stdout = await new Promise<string>((resolve) => {
    // An example may be of a failure.
    execFile('sh', ['-c', example], { cwd: folder, env }, (_, stdout) => resolve(stdout))
  })
  // As on a machine like others.
  const document = stdout
    .replaceAll(PROJECT, '/usr/lib/node_modules/blinkup/')
    .replace(/Linux [^"]*/, 'Linux 6.12.47')
  writeFileSync(exampleFile(name as keyof typeof DOCUMENT_PAGES), document)
}
rmSync(folder, { recursive: true })
