import type { Command } from 'commander'
import { readRecords } from '../factory/records/cycle-reader.js'
import { interruptible } from './interrupt.js'
import { openPlant, PASSWORD_HELP, readDatabaseUrl } from './station-plant.js'
import { print } from './terminal.js'

interface StationSyncOptions {
  readonly database: string
  readonly to: string
}

export function addStationSync(station: Command): void {
  station
    .command('sync')
    .description(
      "put what a station has recorded into the plant's PostgreSQL: what is new since the last time",
    )
    .requiredOption('--database <file>', 'the records of the station, which may be running')
    .requiredOption(
      '--to <url>',
      'the database, such as postgres://user@host/database; its schema blinkup is made, and is for all stations',
      readDatabaseUrl,
    )
    .addHelpText('after', PASSWORD_HELP)
    .action(runStationSync)
}

async function runStationSync({ database, to }: StationSyncOptions): Promise<void> {
  await interruptible(async (signal) => {
    using records = readRecords(database)
    await using plant = await openPlant(to)
    const { syncRecords } = await import('../factory/plant/sync.js')
    const { cycles, results } = await syncRecords(records, plant, signal)
    await print(
      `${cycles} cycles and ${results} results of station ${records.station} were put in\n`,
    )
  })
}
