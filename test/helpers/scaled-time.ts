import { machineTimebase, type Timebase } from '../../src/rig/timebase.js'

/** The machine's time, so many times as fast: for devices that talk with a real server meanwhile. */
export const scaledTime = (factor: number): Timebase => ({
  nowMs: () => factor * machineTimebase.nowMs(),
  sleep: (ms, signal) => machineTimebase.sleep(ms / factor, signal),
})
