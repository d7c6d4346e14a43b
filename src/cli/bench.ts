import type { Command } from 'commander'
import { addBenchCompare } from './bench-compare.js'
import { addBenchSoak } from './bench-soak.js'
import { addBenchSweep } from './bench-sweep.js'
import { addBenchTiming } from './bench-timing.js'
import type { Add } from './program.js'

/** What the bench measures, in the order of the help. */
const MEASUREMENTS: readonly Add[] = [addBenchTiming, addBenchSweep, addBenchSoak, addBenchCompare]

export function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .description('measure a rig: its timing, the limits of its light, and how it holds out')
  for (const add of MEASUREMENTS) add(bench)
}
