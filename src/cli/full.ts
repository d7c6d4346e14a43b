import { commandsFor } from './commands.js'
import { run } from './run.js'

await run(await commandsFor(process.argv.slice(2)))
