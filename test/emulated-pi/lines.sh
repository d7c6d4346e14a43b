#!/bin/busybox sh
# machine: virt
# The first process on an emulated board: tries inputs and outputs of a station on the kernel's own GPIO character device.
/bin/busybox --install -s /bin
export PATH=/usr/bin:/bin:/sbin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t debugfs none /sys/kernel/debug
uname -sr

cat >/app/lines.js <<'SCRIPT'
import { readFileSync } from 'node:fs'
import { triggers } from './dist/factory/station/trigger.js'
import { GpioInput } from './dist/rig/raspberry-pi/gpio-input.js'
import { GpioChip } from './dist/rig/raspberry-pi/gpio-uapi.js'
import { loadSystemCalls } from './dist/rig/system-calls.js'

const BUTTON = 3
const LAMP = 5
let failed
const expect = (what, is) => {
  console.log(`${is ? 'ok' : 'NOT OK'}: ${what}`)
  if (!is) failed = 'something is not'
}
const table = () => readFileSync('/sys/kernel/debug/gpio', 'latin1')
const { ioctl, poll } = await loadSystemCalls()
const chip = new GpioChip('/dev/gpiochip0', ioctl)

expect('the button is free', chip.userOf(BUTTON) === null)
const input = new GpioInput(BUTTON, chip.requestEdges(BUTTON, 'up'), poll)
expect('it is taken', chip.userOf(BUTTON) === 'blinkup')
let code
try {
  chip.requestEdges(BUTTON, 'up')
} catch (error) {
  code = error.code
}
expect('once', code === 'EBUSY')

const lamp = chip.request([LAMP], false)
const isLit = () => /\|blinkup +\) out hi/.test(table())
expect('a lamp is off at first', !isLit())
lamp.set(1)
expect('and on when it is set', isLit())
lamp.set(0)
expect('and off', !isLit())

/** Presses the button so often, and gives what comes of it. */
async function ofPresses(count, least, list) {
  const ended = new AbortController()
  const found = []
  for (let i = 0; i < count; i++) console.log('press')
  for await (const one of list(ended.signal)) if (found.push(one) === least) ended.abort()
  return found
}
const begunS = Number(process.hrtime.bigint()) / 1e9
const edges = await ofPresses(2, 4, (signal) => input.edges({ signal }))
const endedS = Number(process.hrtime.bigint()) / 1e9
expect('two presses are four edges', edges.map(({ high }) => high).join() === 'true,false,true,false')
expect('none of which was lost', !edges.some(({ afterLoss }) => afterLoss))
const timesS = [begunS, ...edges.map(({ timeS }) => timeS), endedS]
expect('in order, by this clock', timesS.every((timeS, i) => i === 0 || timeS > timesS[i - 1]))
const contact = { on: 'release', activeLow: false, debounceMs: 20 }
expect('each is a trigger', (await ofPresses(2, 2, (signal) => triggers(input, contact, { signal }))).length === 2)

await input[Symbol.asyncDispose]()
lamp.close()
expect('both are free', chip.userOf(BUTTON) === null && chip.userOf(LAMP) === null)
console.log(`the end: ${failed ?? 'all is as expected'}`)
SCRIPT
cd /app && node lines.js || echo "the end: it has failed"
sleep 1000
