// Blinks an LED on GPIO lines in one of three ways, for gpio.ts: gpio-player.ts METHOD RATE_HZ EDGES. It says in JSON
// what part of a CPU that took, and with blinkup whether it was granted real-time priority.
import { createRequire } from 'node:module'
import { RigError } from '../src/rig/errors.js'
import { findSysfsHeader } from '../src/rig/raspberry-pi/gpio-sysfs.js'
import { openGpioEmitter } from '../src/rig/raspberry-pi/open.js'

const WHITE_LINE = 17
const GREY_LINE = 27

const [method, rate, count] = process.argv.slice(2)
const periodMs = 1000 / Number(rate)
const edges = Number(count)
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** Toggles one line through onoff, each time when `delayMs` says. */
async function blink(delayMs: (edge: number, startMs: number) => number): Promise<void> {
  const { Gpio } = createRequire(import.meta.url)('onoff')
  const line = new Gpio((await findSysfsHeader()).base + GREY_LINE, 'low')
  const startMs = nowMs() + 100
  await new Promise<void>((resolve) => {
    let edge = 0
    const step = (): void => {
      line.writeSync(edge % 2 === 0 ? 1 : 0)
      edge++
      if (edge < edges) setTimeout(step, delayMs(edge, startMs))
      else resolve()
    }
    setTimeout(step, startMs - nowMs())
  })
}

/** As blinkup does it. */
async function play(): Promise<object> {
  const lines = { whiteLine: WHITE_LINE, greyLine: GREY_LINE, activeLow: false }
  const emitter = await openGpioEmitter(lines)
  const levels = Uint8Array.from({ length: edges + 1 }, (_, i) => i % 2) // symbol 0 is no edge
  try {
    const { pacing } = await emitter.play({ levels }, { symbolRateHz: Number(rate) })
    return { cpuPart: pacing?.cpuPart, realTime: pacing?.scheduling.realTime }
  } catch (error) {
    if (error instanceof RigError) return { failed: error.message }
    throw error
  } finally {
    await emitter[Symbol.asyncDispose]()
  }
}

async function naive(): Promise<object> {
  const before = process.cpuUsage()
  const beganMs = nowMs()
  await blink(
    method === 'chain'
      ? () => periodMs
      : (edge, startMs) => Math.max(0, startMs + edge * periodMs - nowMs()),
  )
  const { user, system } = process.cpuUsage(before)
  return { cpuPart: (user + system) / 1000 / (nowMs() - beganMs) }
}

console.log(JSON.stringify(await (method === 'blinkup' ? play() : naive())))
