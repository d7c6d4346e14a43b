import pg from 'pg'
import { PlantError, type PlantErrorCode } from './errors.js'

/** By the classes of SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html). */
const REFUSED = ['28', '3D', '42501'] // authorization, no such database, no right
const NOT_THERE = ['08', '57'] // connection, operator intervention

/** A connection with the plant's database. */
export class PlantDatabase implements AsyncDisposable {
  private constructor(
    private readonly client: pg.Client,
    private readonly place: string,
  ) {}

  /**
   * @param url `postgres://user@host/database`; what is missing in it, such as a password, is looked for where psql looks: in PGPASSWORD,
   *   ~/.pgpass and others
   * @param password null for that of psql's places
   * @throws PlantError 'unreachable', 'refused'
   */
  static async open(url: string, password: string | null): Promise<PlantDatabase> {
    const { host, pathname } = new URL(url)
    const place = `the database ${host}${pathname}`
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      application_name: 'blinkup',
      ...(password !== null && { password }),
    })
    client.on('error', () => {}) // the query that it breaks tells it
    const database = new PlantDatabase(client, place)
    await database.work(() => client.connect(), 'unreachable')
    return database
  }

  /** Works with the connection. @throws PlantError for all that is the connection's or the database's */
  async work<T>(
    work: (client: pg.Client) => Promise<T>,
    otherwise: PlantErrorCode = 'broken-off',
  ): Promise<T> {
    try {
      return await work(this.client)
    } catch (cause) {
      const { code = '', message } = cause as Error & { code?: string }
      const isOfConnection = code !== '' || /^(Connection|Client|timeout|The server)/i.test(message)
      if (cause instanceof PlantError || !isOfConnection) throw cause
      const is = (classes: readonly string[]): boolean =>
        classes.some((one) => code.startsWith(one))
      const reason = message.replace(/\s+/g, ' ')
      if (is(REFUSED)) {
        const sentence = `${this.place} says no (${reason}): look at user, password and rights`
        throw new PlantError('refused', sentence, { cause })
      }
      const end = 'what has got there is whole; do it again when it is back'
      const sentence = `${this.place} cannot be reached, or has ended the connection (${reason}): ${end}`
      throw new PlantError(is(NOT_THERE) ? 'broken-off' : otherwise, sentence, { cause })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end().catch(() => {}) // it may be gone
  }
}
