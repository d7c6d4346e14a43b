import type { Command } from 'commander'
import { CommandError, EXIT } from './errors.js'
import { loadBroker } from './station-broker.js'
import { isFaulty, readStation } from './station-settings.js'
import { loadSteps } from './station-steps.js'
import { findUrlToken, PAGE_TOKEN, REPORT_TOKEN } from './station-tokens.js'
import { print } from './terminal.js'

export function addStationCheck(station: Command): void {
  station
    .command('check')
    .argument('<file>', 'settings of the station, in TOML')
    .description(
      "check all of a station's file, and the credentials that it needs, without any light",
    )
    .action(async (file: string) => {
      const read = await readStation(file)
      if (isFaulty(read)) {
        await print(read.map(({ line, sentence }) => `${file}:${line}: ${sentence}\n`).join(''))
        const count =
          read.length === 1 ? 'a mistake: mend it' : `${read.length} mistakes: mend them`
        throw new CommandError(EXIT.badFixture, `${file} has ${count}`)
      }
      await loadSteps(file, read)
      if (read.reports) await findUrlToken(REPORT_TOKEN)
      if (read.page) await findUrlToken(PAGE_TOKEN)
      await loadBroker(read.mqtt)
      const rigs = Object.keys(read.rigs)
      await print(`${file} is right: station ${read.name} with ${rigs.join(', ')}\n`)
    })
}
