import { commandsFor } from './commands.js'
import { run } from './run.js'

/** Runs any command. */
export const start = async (args: readonly string[]): Promise<never> => run(await commandsFor(args))
