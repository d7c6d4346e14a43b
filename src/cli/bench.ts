import type { Command } from 'commander'
import { addBenchSweep } from './bench-sweep.js'
import type { Add } from './program.js'

/** What the bench measures, in the order of the help. */
const MEASUREMENTS: readonly Add[] = [addBenchSweep]

export function addBench(program: Command): void {
  const bench = program
    .command('bench')
    .description('measure a rig: its timing, the limits of its light, and how it holds out')
  for (const add of MEASUREMENTS) add(bench)
}
