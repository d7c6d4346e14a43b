import { fileURLToPath } from 'node:url'
import { commandsFor } from '../src/cli/commands.js'
import { createProgram } from '../src/cli/program.js'
import { bashCompletion } from './bash-completion.js'
import { jsonPage } from './json-page.js'
import { manPage } from './man-page.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

const program = createProgram(await commandsFor([]))

/** The files that are made from the program and its documents, by their paths. */
export const MANUAL: ReadonlyMap<string, string> = new Map([
  [pathOf('install/blinkup.1'), manPage(program)],
  [pathOf('install/blinkup.bash'), bashCompletion(program)],
  [pathOf('docs/json.md'), jsonPage()],
])
