// Runs a command where /sys and /dev are those of a Raspberry Pi whose kernel offers GPIO lines in one way only, and ends as it
// does. As root:
//   npx tsx test/install/on-a-pi.ts device|sysfs COMMAND...
import { spawnSync } from 'node:child_process'
import { Pi, type PiGpio } from '../rig/raspberry-pi/pi.js'

const [gpio, ...wanted] = process.argv.slice(2)
using pi = new Pi('pi4', gpio as PiGpio)
const [program, args] = pi.command(wanted)
// In a network of its own, as other Pis may have their lines locked at the same time.
process.exitCode =
  spawnSync('unshare', ['--net', program, ...args], { stdio: 'inherit' }).status ?? 1
