// Runs a command where /sys is that of a Raspberry Pi, and ends as it does:
//   npx tsx test/install/on-a-pi.ts COMMAND...
import { spawnSync } from 'node:child_process'
import { Pi } from '../rig/raspberry-pi/pi.js'

using pi = new Pi('pi4')
const [program, args] = pi.command(process.argv.slice(2))
process.exitCode = spawnSync(program, args, { stdio: 'inherit' }).status ?? 1
