// Takes a line of the header, as a program of its own, which sees another machine.
//   npx tsx test/rig/raspberry-pi/line-program.ts input LINE PULL        tells its edges, until standard input ends
//   npx tsx test/rig/raspberry-pi/line-program.ts output LINE ACTIVE_LOW does what it is told: on, off, exit, throw; or end
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { openGpioInput } from '../../../src/rig/raspberry-pi/gpio-input.js'
import { openGpioSwitch } from '../../../src/rig/raspberry-pi/gpio-switch.js'
import type { Pull } from '../../../src/rig/raspberry-pi/gpio-uapi.js'

const [kind, line, option] = process.argv.slice(2)
const say = (it: unknown): void => console.log(JSON.stringify(it))

async function input(): Promise<void> {
  await using taken = await openGpioInput(Number(line), option as Pull)
  const ended = new AbortController()
  once(process.stdin.resume(), 'end').then(() => ended.abort())
  const edges = taken.edges({ signal: ended.signal })
  const first = edges.next() // edges count from now on
  say('taken')
  for (let edge = await first; !edge.done; edge = await edges.next()) say(edge.value)
}

async function output(): Promise<void> {
  using taken = await openGpioSwitch(Number(line), option === 'true')
  for await (const command of createInterface(process.stdin)) {
    if (command === 'exit') process.exit()
    if (command === 'throw') throw new Error('thrown')
    taken.set(command === 'on')
    say(command)
  }
}

try {
  await (kind === 'input' ? input() : output())
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  say({ code, message })
  process.exitCode = 1
}
