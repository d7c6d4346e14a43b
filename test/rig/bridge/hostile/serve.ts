// A hostile board at a serial port, to try a command against by hand until Ctrl-C:
// npx tsx test/rig/bridge/hostile/serve.ts LINK '[{"lie":"dropped","topic":"s","from":20}]'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import type { Lie } from './lies.js'
import { serveHostileBoard } from './terminal.js'

const [path, lies = '[]'] = process.argv.slice(2)
if (path === undefined) throw new Error('name the link that leads to the board')
const terminal = await serveHostileBoard(path, JSON.parse(lies) as Lie[])
console.log(`at ${path}`)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await terminal.end()
rmSync(path, { force: true })
