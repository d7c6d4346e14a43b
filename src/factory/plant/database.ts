import pg from 'pg'
import { PlantError, type PlantErrorCode } from './errors.js'

/** By SQLSTATEs and their classes (postgresql.org/docs/current/errcodes-appendix.html). */
const REFUSED = /^(28|3D|42501|25006)/ // who it is, no such database, no right, a copy that is only read
const NOT_NOW = /^(08|40|53|57|58)/ // connection, others at work, no room, being stopped, its system
/** What the library says for itself. */
const OF_LIBRARY = /^(Connection|Client|timeout|The server)/
const OF_PASSWORD = /^SASL/

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
    })
    if (password !== null) client.password = password // beside a URL, one among the options counts for nothing
    client.on('error', () => {}) // the query that it breaks tells it
    const database = new PlantDatabase(client, place)
    try {
      await database.work(() => client.connect())
      return database
    } catch (error) {
      await database[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Works with the connection. @throws PlantError for what is the connection's or the database's */
  async work<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    try {
      return await work(this.client)
    } catch (cause) {
      const code = codeOf(cause)
      if (!code) throw cause
      const reason = (cause as Error).message.replace(/\s+/g, ' ')
      const sentence =
        code === 'refused'
          ? `${this.place} says no (${reason}): look at user, password and rights`
          : `${this.place} cannot be reached, or has ended the connection (${reason}): try it again, what is in it stays`
      throw new PlantError(code, sentence, { cause })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end().catch(() => {}) // it may be gone
  }
}

/** Null for a fault of another one. */
function codeOf(error: unknown): PlantErrorCode | null {
  if (error instanceof pg.DatabaseError) {
    const { code = '' } = error
    return REFUSED.test(code) ? 'refused' : NOT_NOW.test(code) ? 'broken-off' : null
  }
  const { code = '', message, syscall } = error as NodeJS.ErrnoException
  if (OF_PASSWORD.test(message)) return 'refused'
  if (syscall === 'connect' || syscall === 'getaddrinfo' || /CERT|SIGN/.test(code)) {
    return 'unreachable'
  }
  return syscall !== undefined || OF_LIBRARY.test(message) ? 'broken-off' : null
}
