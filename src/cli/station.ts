import type { Command } from 'commander'
import { addStationCheck } from './station-check.js'
import { addStationReport } from './station-report.js'
import { addStationRun } from './station-run.js'
import { addStationSync } from './station-sync.js'

export function addStation(program: Command): void {
  const station = program
    .command('station')
    .description('set up one device after the other on a line, and say what came of it')
  addStationRun(station)
  addStationCheck(station)
  addStationReport(station)
  addStationSync(station)
}
