import type { Command } from 'commander'
import { addStationReport } from './station-report.js'

export function addStation(program: Command): void {
  const station = program
    .command('station')
    .description('set up one device after the other on a line, and say what came of it')
  addStationReport(station)
}
