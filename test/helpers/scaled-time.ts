import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { machineTimebase, type Timebase } from '../../src/rig/timebase.js'

/** However long a turn of the event loop has taken, so much of it counts: a server in this process has its turns, too, before a device gives it up. */
const MOST_MS_A_TURN = 2

/** The machine's time, without that in which this process stood still. */
let presentMs = 0

async function pass(): Promise<never> {
  let seenMs = machineTimebase.nowMs()
  for (;;) {
    await wait(1, undefined, { ref: false })
    await turn() // what has come meanwhile is read before
    const nowMs = machineTimebase.nowMs()
    presentMs += Math.min(nowMs - seenMs, MOST_MS_A_TURN)
    seenMs = nowMs
  }
}
void pass()

/** So many times as fast as the machine's: for devices that talk with a real server meanwhile. */
export const scaledTime = (factor: number): Timebase => ({
  nowMs: () => factor * presentMs,
  sleep: async (ms, signal) => {
    const untilMs = presentMs + ms / factor
    do await machineTimebase.sleep(untilMs - presentMs, signal)
    while (presentMs < untilMs)
  },
})
