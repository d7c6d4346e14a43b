/**
 * The process that paces the light and does nothing else: it plays one message, tells how that went, and
 * ends. It guards the light, too: when the program that started it is gone, it turns the LED dark and
 * gives it back.
 */
import { endIfOverheard } from '../../guard-memory.js'
import { BLACK } from '../../light/symbols.js'
import type { LightOutput } from './light-output.js'
import { joinOutput, type OutputConfig } from './output.js'
import { type PacingMachine, pace, scheduleNs } from './pacing.js'

/** What to play, and for whom. */
export interface PacingJob {
  readonly output: OutputConfig
  readonly levels: Uint8Array
  readonly symbolRateHz: number
  readonly starterPid: number
}

/** What the process tells; times in nanoseconds of CLOCK_MONOTONIC. */
export type PacingNews =
  | { readonly kind: 'started'; readonly startNs: bigint }
  /** By how much each change of the level came late: see `pace`. */
  | { readonly kind: 'ended'; readonly latenessNs: Float64Array; readonly cpuS: number }
  | { readonly kind: 'failed'; readonly message: string }

/** Without light, just before the message: V8 compiles what has run often, and must not do so later. */
const REHEARSAL_RATE_HZ = 5000
const REHEARSAL_LEVELS = Uint8Array.from({ length: 1500 }, (_, i) => i % 2)
/** The rehearsal, and time to get ready after it. */
const LEAD_NS = BigInt((REHEARSAL_LEVELS.length / REHEARSAL_RATE_HZ) * 1e9 + 20e6)

/** How long nobody looks whether the program that started it is still there. */
const LONGEST_NAP_MS = 50

endIfOverheard()
process.once('message', async (job: PacingJob) => {
  const tell = (news: PacingNews): void => void process.send?.(news, () => process.exit())
  try {
    const output = await joinOutput(job.output)
    const news = play(job, output)
    if (news) return tell(news)
    output.dark()
    output.release()
  } catch (error) {
    tell({ kind: 'failed', message: String(error) })
  }
})
process.once('disconnect', () => process.exit())

function play(job: PacingJob, output: LightOutput): PacingNews | null {
  const { levels, symbolRateHz, starterPid } = job
  const cell = new Int32Array(new SharedArrayBuffer(4))
  let rehearsing = true // by the very functions that play: others would be compiled anew
  const machine: PacingMachine = {
    nowNs: process.hrtime.bigint,
    sleepNs: (ns) => {
      const wakeNs = machine.nowNs() + ns
      for (let leftNs = ns; leftNs > 0n; leftNs = wakeNs - machine.nowNs()) {
        if (machine.isAbandoned()) return
        Atomics.wait(cell, 0, 0, Math.min(Number(leftNs) / 1e6, LONGEST_NAP_MS))
      }
    },
    show: (level) => output.show(rehearsing ? BLACK : level),
    isAbandoned: () => process.ppid !== starterPid,
  }
  const schedule = scheduleNs(levels.length, symbolRateHz)
  const rehearsal = scheduleNs(REHEARSAL_LEVELS.length, REHEARSAL_RATE_HZ)
  const startNs = process.hrtime.bigint() + LEAD_NS
  process.send?.({ kind: 'started', startNs } satisfies PacingNews)
  pace(REHEARSAL_LEVELS, rehearsal, process.hrtime.bigint(), machine)
  rehearsing = false
  const usedBefore = process.cpuUsage()
  const latenessNs = pace(levels, schedule, startNs, machine)
  const { user, system } = process.cpuUsage(usedBefore)
  return latenessNs && { kind: 'ended', latenessNs, cpuS: (user + system) / 1e6 }
}
