import type { Connection } from './connection.js'
import { RecordsError } from './errors.js'

/** What a file of records has in its header (`PRAGMA application_id`), so that it is told from those of other programs. */
const APPLICATION_ID = 0x626c6b75

/**
 * What makes each version of the tables of the one before it; the first of nothing. What has been released is never changed:
 * whoever changes the tables adds a version.
 *
 * `news` is what other programs are to be told, see outbox.ts; `station.id` tells these records from others of a station of that name, and
 * `station.published` is the last sequence number that the broker has taken.
 *
 * `label` has each time that a label was printed, or was to be; its `outcome` is null where nobody knows.
 *
 * Times are in ms since 1970. `values_json` and `value_json` are JSON, as a device may tell anything, and a value is of any type.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE station (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE cycle (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rig TEXT NOT NULL,
    rig_kind TEXT NOT NULL,
    rig_name TEXT NOT NULL,
    serial_number TEXT,
    firmware_version TEXT,
    package_version TEXT NOT NULL,
    trigger_kind TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    duration_s REAL,
    state TEXT NOT NULL,
    outcome TEXT,
    reason TEXT,
    detail TEXT,
    device_id TEXT COLLATE NOCASE,
    plan_id TEXT
  ) STRICT;
  CREATE INDEX unfinished_cycle ON cycle (number) WHERE outcome IS NULL;
  CREATE INDEX cycle_of_device ON cycle (device_id);

  CREATE TABLE phase (
    cycle INTEGER NOT NULL REFERENCES cycle,
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    duration_s REAL,
    PRIMARY KEY (cycle, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE measurement (
    cycle INTEGER NOT NULL REFERENCES cycle,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    value_json TEXT NOT NULL,
    unit TEXT,
    least REAL,
    most REAL,
    verdict TEXT,
    PRIMARY KEY (cycle, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE result (
    number INTEGER PRIMARY KEY,
    cycle INTEGER REFERENCES cycle,
    flag TEXT NOT NULL,
    kind TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    device_id TEXT COLLATE NOCASE,
    mac TEXT,
    success INTEGER,
    values_json TEXT NOT NULL,
    digest TEXT NOT NULL
  ) STRICT;
  CREATE INDEX result_of_cycle ON result (cycle, digest);
  CREATE INDEX result_of_device ON result (device_id);

  CREATE TABLE news (
    sequence INTEGER PRIMARY KEY,
    cycle INTEGER REFERENCES cycle,
    result INTEGER REFERENCES result,
    CHECK ((cycle IS NULL) <> (result IS NULL))
  ) STRICT;`,

  `CREATE TABLE label (
    number INTEGER PRIMARY KEY,
    cycle INTEGER NOT NULL REFERENCES cycle,
    started_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    outcome TEXT,
    detail TEXT
  ) STRICT;
  CREATE INDEX label_of_cycle ON label (cycle);`,
]

/**
 * Makes the tables of a file that is to be written, or brings those of an older version up to date, as a whole or not at all.
 *
 * @throws RecordsError 'damaged' for a file of something else, 'newer'
 */
export function migrate(connection: Connection, path: string, migrations = MIGRATIONS): void {
  connection.transaction(() => {
    checkTables(connection, path, migrations)
    const version = Number(connection.pragma('user_version'))
    for (const sql of migrations.slice(version)) connection.execute(sql)
    connection.execute(
      `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`,
    )
  })
}

/** Refuses a file that has other tables than records of this version or an earlier one. @throws RecordsError 'damaged', 'newer' */
export function checkTables(connection: Connection, path: string, migrations = MIGRATIONS): void {
  if (connection.row('SELECT 1 FROM sqlite_schema')) checkVersion(connection, path, migrations)
}

/**
 * Refuses a file that has no records, or of which a later version knows more.
 *
 * @returns the version of its tables
 * @throws RecordsError 'damaged', 'newer'
 */
export function checkVersion(
  connection: Connection,
  path: string,
  migrations = MIGRATIONS,
): number {
  if (connection.pragma('application_id') !== APPLICATION_ID) {
    throw new RecordsError('damaged', `${path} is no file of records: name another one`)
  }
  const version = Number(connection.pragma('user_version'))
  if (version > migrations.length) {
    throw new RecordsError(
      'newer',
      `${path} is of a later version of blinkup: install that, or name another file`,
    )
  }
  return version
}
