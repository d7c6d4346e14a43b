// The real firmware in the emulator at a serial port that tells when its LED gives light, in milliseconds of the
// machine's clock and of its own: `tsx benchmarks/hostile/emulated-board.ts LINK`. `u` on standard input pulls the cable.
import { spawn } from 'node:child_process'
import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Emulation } from '../../src/rig/emulated/emulation.js'

const LOOK_INTERVAL_MS = 20
const [path = ''] = process.argv.slice(2)

const emulation = new Emulation({ realTime: true })
const socat = spawn('socat', [`PTY,link=${path},rawer`, 'STDIO'], {
  stdio: ['pipe', 'pipe', 'ignore'],
  detached: true,
})
socat.stdin.on('error', () => {}) // the cable has been pulled
while (!existsSync(path)) await sleep(LOOK_INTERVAL_MS)
const held = openSync(path, constants.O_WRONLY | constants.O_NOCTTY)
emulation.onTransmit = (byte) => socat.stdin.write(Uint8Array.of(byte))
socat.stdout.on('data', (bytes: Buffer) => emulation.board.receive(bytes, emulation.board.baudRate))

let edges = 0
emulation.onLed = () => {
  edges++
}
setInterval(() => {
  if (edges > 0 || emulation.board.lit) {
    console.log(`lit ${Date.now()} ${Math.round(emulation.nowMs())}`)
  }
  edges = 0
}, LOOK_INTERVAL_MS)
process.stdin.on('data', () => {
  closeSync(held)
  socat.kill('SIGKILL')
})
console.log('ready')
