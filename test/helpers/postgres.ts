import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Folder } from './folder.js'
import { freePort } from './mosquitto.js'

export const DATABASE_PASSWORD = 'a password of the plant'

/** PostgreSQL refuses to run as root: then it runs as the user of its package. */
const isRoot = process.getuid?.() === 0
const as = (program: string, args: readonly string[]): [string, string[]] =>
  isRoot
    ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...args]]
    : [program, [...args]]

function programs(): string {
  const [newest] = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
  return `/usr/lib/postgresql/${newest}/bin`
}

/** A real PostgreSQL on loopback, which may be killed and started again. Its user is `plant`, with a password. */
export class Postgres implements AsyncDisposable {
  #process: ChildProcess | undefined

  private constructor(
    private readonly data: string,
    readonly port: number,
  ) {}

  static async open(folder: Folder): Promise<Postgres> {
    const data = folder.at('postgres')
    const password = await folder.file('password', `${DATABASE_PASSWORD}\n`)
    if (isRoot) {
      chmodSync(folder.path, 0o755)
      execFileSync('install', ['-d', '-o', 'postgres', data])
      execFileSync('chown', ['postgres', password])
    }
    const [program, args] = as(`${programs()}/initdb`, [
      ...['-D', data, '-U', 'plant', '-A', 'scram-sha-256', '--pwfile', password],
      ...['-E', 'UTF8', '--no-locale', '--no-sync'],
    ])
    execFileSync(program, args, { stdio: 'pipe', cwd: '/' })
    const server = new Postgres(data, await freePort())
    await server.start()
    return server
  }

  /** Of a database of it, without the password. */
  url(database = 'postgres'): string {
    return `postgres://plant@127.0.0.1:${this.port}/${database}`
  }

  async start(): Promise<void> {
    const [program, args] = as(`${programs()}/postgres`, [
      ...['-D', this.data, '-p', `${this.port}`, '-c', 'listen_addresses=127.0.0.1'],
      ...['-c', `unix_socket_directories=${this.data}`],
    ])
    for (;;) {
      // It does not start while anything of one that was killed is left.
      const exitCode = this.#process?.exitCode ?? this.#process?.signalCode
      if (!this.#process || exitCode != null) {
        this.#process = spawn(program, args, { stdio: 'ignore', cwd: '/' })
      }
      try {
        return await (await this.connect()).end()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
        await sleep(20)
      }
    }
  }

  /** A new database, and its URL. */
  async create(database: string): Promise<string> {
    const client = await this.connect()
    await client.query(`CREATE DATABASE ${database}`)
    await client.end()
    return this.url(database)
  }

  async connect(url = this.url()): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url })
    client.password = DATABASE_PASSWORD
    client.on('error', () => {})
    await client.connect()
    return client
  }

  /** As when its computer fails: all of its processes end. */
  async kill(): Promise<void> {
    await this.#stop('SIGKILL')
  }

  async #stop(signal: NodeJS.Signals): Promise<void> {
    const process = this.#process
    if (!process || process.exitCode !== null || process.signalCode !== null) return
    process.kill(signal)
    await once(process, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop('SIGINT') // at once, and in order
  }
}
