import { fileURLToPath } from 'node:url'
import { commandsFor } from '../src/cli/commands.js'
import { createProgram } from '../src/cli/program.js'
import { bashCompletion } from './bash-completion.js'
import { manPage } from './man-page.js'

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../install/${name}`, import.meta.url))

const program = createProgram(await commandsFor([]))

/** The files that are made from the program, by their paths. */
export const MANUAL: ReadonlyMap<string, string> = new Map([
  [pathOf('blinkup.1'), manPage(program)],
  [pathOf('blinkup.bash'), bashCompletion(program)],
])
