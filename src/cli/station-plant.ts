import { InvalidArgumentError } from 'commander'
import type { PlantDatabase } from '../factory/plant/database.js'
import { findSecret, type Secret } from './credentials.js'

export const DATABASE_PASSWORD: Secret = {
  variable: 'BLINKUP_DATABASE_PASSWORD',
  credential: 'blinkup-database-password',
  name: "password of the plant's database",
  otherwise: 'or put it where psql looks for it: in PGPASSWORD or ~/.pgpass',
}

export const PASSWORD_HELP = `
The password of the database is never an argument. It is looked for in ${DATABASE_PASSWORD.variable}, in the systemd
credential ${DATABASE_PASSWORD.credential}, and where psql looks for it: in PGPASSWORD and ~/.pgpass.`

/** The URL of a database; every user of the computer may see a password in it. */
export function readDatabaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('Give a URL such as postgres://user@host/database.')
  }
  if (url.password !== '' || url.searchParams.has('password')) {
    throw new InvalidArgumentError(
      `A password in it can be seen by every user of this computer: put it in ${DATABASE_PASSWORD.variable}.`,
    )
  }
  return text
}

/** @throws PlantError, CommandError */
export async function openPlant(url: string): Promise<PlantDatabase> {
  const { PlantDatabase } = await import('../factory/plant/database.js')
  return PlantDatabase.open(url, (await findSecret(DATABASE_PASSWORD)) ?? null)
}
