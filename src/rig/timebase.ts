import { setTimeout as sleep } from 'node:timers/promises'
import { ClockMap, HOST_CLOCK } from '../light/clock.js'
import type { Clock } from './rig.js'

/** The clock that a rig's waiting and time-outs run on: the machine's, or an emulated board's. */
export interface Timebase {
  /** Monotonic time in milliseconds; the machine's is CLOCK_MONOTONIC. */
  nowMs(): number
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** setTimeout takes no more. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

export const machineTimebase: Timebase = {
  nowMs: () => Number(process.hrtime.bigint()) / 1e6,
  sleep: (ms, signal) =>
    sleep(ms, undefined, { signal }).catch(() => {
      throw signal?.reason // Node has an error of its own for it
    }),
}

/** This computer's CLOCK_MONOTONIC, as the clock of parts whose times it tells. */
export const machineClock: Clock = {
  id: HOST_CLOCK,
  toHost: async () => ClockMap.identity(HOST_CLOCK),
}
