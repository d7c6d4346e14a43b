import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { machine } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RecordsError, type RecordsErrorCode } from './errors.js'

/** What a column holds. libsql ends the process when it is given anything else. */
export type Value = string | number | null
export type Row = Readonly<Record<string, Value>>

/** What is used of libsql, and its name. TypeScript must not look for it, as it is an optional dependency. */
interface Libsql {
  readonly inTransaction: boolean
  exec(sql: string): void
  prepare(sql: string): LibsqlStatement
  close(): void
}
interface LibsqlStatement {
  all(values: readonly Value[]): Row[]
}
const LIBSQL: string = 'libsql'

/** By SQLite's result codes, primary or extended (sqlite.org/rescode.html). */
const FAILURES: Readonly<Record<number, readonly [code: RecordsErrorCode, sentence: string]>> = {
  3: ['unwritable', 'may not be written: allow this user to write it and its folder'],
  5: ['locked', 'is being written by another process: end that'],
  6: ['locked', 'is being written by another process: end that'],
  8: ['unwritable', 'may not be written: allow this user to write it and its folder'],
  10: ['unwritable', 'cannot be read or written: look after its disk'],
  11: ['damaged', 'is damaged: restore it from a copy, or begin with another file'],
  13: ['full', 'cannot grow, as its disk is full: make room'],
  14: ['unwritable', 'cannot be opened: allow this user to write it and its folder'],
  26: ['damaged', 'is no file of records: name another one'],
  4874: ['full', 'cannot be opened, as its disk is full, or fails: make room, or look after it'], // SQLITE_IOERR_SHMSIZE
}

/** A connection to an SQLite file. What it throws is a RecordsError, unless the fault is ours. */
export class Connection implements Disposable {
  readonly #database: Libsql
  readonly #statements = new Map<string, LibsqlStatement>()

  /** @param access 'create' also writes it, and makes it where there is none */
  constructor(
    private readonly path: string,
    access: 'read' | 'create',
  ) {
    const Database = loadLibsql()
    // libsql does not know the option to only read; SQLite does, and in a URL only.
    const url = `${pathToFileURL(path).href}?mode=${access === 'read' ? 'ro' : 'rwc'}`
    try {
      this.#database = new Database(url)
    } catch (cause) {
      const [code, sentence] = FAILURES[14] ?? []
      throw new RecordsError(code ?? 'unwritable', `${path} ${sentence}`, { cause })
    }
  }

  /** Several statements, without values. */
  execute(sql: string): void {
    this.#try(() => this.#database.exec(sql))
  }

  /** All rows that a statement gives; values take the places of its question marks. */
  rows(sql: string, ...values: readonly Value[]): Row[] {
    return this.#try(() => {
      const statement = this.#statements.get(sql) ?? this.#database.prepare(sql)
      this.#statements.set(sql, statement)
      return statement.all(values.map(storable))
    })
  }

  row(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.rows(sql, ...values)[0]
  }

  pragma(name: string): Value {
    return Object.values(this.row(`PRAGMA ${name}`) ?? {})[0] ?? null
  }

  /** All that is written by it, or nothing. It is on the disk when this returns. */
  transaction<T>(work: () => T): T {
    return this.#within('IMMEDIATE', work)
  }

  /** All that is read by it is as it was at one moment. */
  snapshot<T>(work: () => T): T {
    return this.#within('DEFERRED', work)
  }

  [Symbol.dispose](): void {
    this.#statements.clear()
    this.#database.close()
  }

  #within<T>(kind: 'IMMEDIATE' | 'DEFERRED', work: () => T): T {
    this.execute(`BEGIN ${kind}`)
    try {
      const result = work()
      this.execute('COMMIT')
      return result
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK') // some faults already have
      throw error
    }
  }

  #try<T>(work: () => T): T {
    try {
      return work()
    } catch (cause) {
      const { rawCode = 0 } = cause as { rawCode?: number }
      const [code, sentence] = FAILURES[rawCode] ?? FAILURES[rawCode & 0xff] ?? []
      if (code === undefined) throw cause
      throw new RecordsError(code, `${this.path} ${sentence}`, { cause })
    }
  }
}

/** libsql ends a text at its first NUL, so that two could become one. */
const storable = (value: Value): Value =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value

function loadLibsql(): new (url: string) => Libsql {
  if (machine() === 'armv6l') {
    const reason = 'libsql, which writes the records, has no build for ARMv6 (Pi 1, Zero)'
    throw new RecordsError('not-loaded', `${reason}: take a later one`) // its ARMv7 one would crash
  }
  try {
    return createRequire(import.meta.url)(LIBSQL)
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n')
    throw new RecordsError(
      'not-loaded',
      `libsql, which writes the records, cannot be loaded (${reason}): install blinkup again, with its optional packages`,
      { cause },
    )
  }
}

/**
 * Takes a file for this process alone, which a kernel gives back however the process ends. Whoever only reads the file is not hindered: what is
 * locked is a file beside it.
 *
 * @throws RecordsError 'locked', 'unwritable', 'not-loaded'
 */
export function lockBeside(path: string): Disposable {
  const guard = new Connection(`${path}-lock`, 'create')
  try {
    guard.execute('BEGIN EXCLUSIVE')
    return guard
  } catch (cause) {
    guard[Symbol.dispose]()
    if (!(cause instanceof RecordsError && cause.code === 'locked')) throw cause
    const sentence = `another station uses ${path}: end it, or name another file`
    throw new RecordsError('locked', sentence, { cause })
  }
}

/** Of a file that need not be there: two names of one file must not be two locks. @throws RecordsError 'unwritable' */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {}
  try {
    return join(realpathSync(dirname(resolve(path))), basename(path))
  } catch (cause) {
    throw new RecordsError('unwritable', `there is no folder for ${path}: make it`, { cause })
  }
}
