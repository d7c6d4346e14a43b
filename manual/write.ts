// Writes what the manual makes of the program: its page for man, its completion for bash, and the page of its JSON documents. `npm run manual`
import { writeFileSync } from 'node:fs'
import { MANUAL } from './files.js'

for (const [path, text] of MANUAL) writeFileSync(path, text)
