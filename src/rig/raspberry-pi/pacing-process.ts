/**
 * The process that paces the light and does nothing else: it plays one message, tells how that went, and
 * ends. It guards the light, too: when the program that started it is gone, it turns the LED dark and
 * gives it back.
 */
import { BLACK } from '../../modulation/symbols.js'
import type { LightOutput } from './light-output.js'
import { joinOutput, type OutputConfig } from './output.js'
import { type PacingMachine, pace } from './pacing.js'

/** What to play. */
export interface PacingJob {
  readonly output: OutputConfig
  readonly levels: Uint8Array
  readonly symbolRateHz: number
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

const starter = process.ppid
const cell = new Int32Array(new SharedArrayBuffer(4))

process.once('message', async (job: PacingJob) => {
  try {
    const output = await joinOutput(job.output)
    const news = play(job, output)
    if (news) return process.send?.(news, () => process.exit())
    output.dark()
    output.release()
  } catch (error) {
    process.send?.({ kind: 'failed', message: String(error) } satisfies PacingNews, () =>
      process.exit(),
    )
  }
})
process.once('disconnect', () => process.exit())

function play({ levels, symbolRateHz }: PacingJob, output: LightOutput): PacingNews | null {
  let rehearsing = true // by the very functions that play: others would be compiled anew
  const machine: PacingMachine = {
    nowNs: process.hrtime.bigint,
    sleepNs: (ns) => {
      Atomics.wait(cell, 0, 0, Number(ns) / 1e6)
    },
    show: (level) => output.show(rehearsing ? BLACK : level),
    isAbandoned: () => process.ppid !== starter,
  }
  const startNs = process.hrtime.bigint() + LEAD_NS
  process.send?.({ kind: 'started', startNs } satisfies PacingNews)
  pace(REHEARSAL_LEVELS, REHEARSAL_RATE_HZ, process.hrtime.bigint(), machine)
  rehearsing = false
  const usedBefore = process.cpuUsage()
  const latenessNs = pace(levels, symbolRateHz, startNs, machine)
  const { user, system } = process.cpuUsage(usedBefore)
  return latenessNs && { kind: 'ended', latenessNs, cpuS: (user + system) / 1e6 }
}
