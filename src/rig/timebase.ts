import { setTimeout as sleep } from 'node:timers/promises'

/** The clock that a rig's waiting and time-outs run on: the machine's, or an emulated board's. */
export interface Timebase {
  /** Monotonic time in milliseconds. */
  nowMs(): number
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const machineTimebase: Timebase = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) =>
    sleep(ms, undefined, { signal }).catch(() => {
      throw signal?.reason // Node has an error of its own for it
    }),
}
