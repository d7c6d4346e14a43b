import type { ClientBase } from 'pg'
import { PlantError } from './errors.js'

/**
 * What makes each version of the tables of the one before it; the first of nothing. What has been released is never changed: whoever
 * changes the tables adds a version.
 *
 * `records` is a file of a station, and how far its news is here; a result may be told before its cycle, which may go on.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE blinkup.records (
    id uuid PRIMARY KEY,
    station text NOT NULL,
    sequence bigint NOT NULL DEFAULT 0
  );

  CREATE TABLE blinkup.cycle (
    id uuid PRIMARY KEY,
    records uuid NOT NULL REFERENCES blinkup.records,
    station text NOT NULL,
    number bigint NOT NULL,
    rig text NOT NULL,
    rig_kind text NOT NULL,
    rig_name text NOT NULL,
    serial_number text,
    firmware_version text,
    package_version text NOT NULL,
    trigger_kind text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    duration_s double precision,
    state text NOT NULL,
    outcome text,
    reason text,
    detail text,
    device_id text,
    plan_id text
  );
  CREATE INDEX ON blinkup.cycle (started_at, id);
  CREATE INDEX ON blinkup.cycle (device_id);

  CREATE TABLE blinkup.phase (
    cycle uuid NOT NULL REFERENCES blinkup.cycle,
    position integer NOT NULL,
    state text NOT NULL,
    started_at timestamptz NOT NULL,
    duration_s double precision,
    PRIMARY KEY (cycle, position)
  );

  CREATE TABLE blinkup.measurement (
    cycle uuid NOT NULL REFERENCES blinkup.cycle,
    position integer NOT NULL,
    name text NOT NULL,
    value jsonb,
    unit text,
    least double precision,
    most double precision,
    verdict text,
    PRIMARY KEY (cycle, position)
  );
  CREATE INDEX ON blinkup.measurement (name);

  CREATE TABLE blinkup.result (
    records uuid NOT NULL REFERENCES blinkup.records,
    number bigint NOT NULL,
    cycle uuid,
    flag text NOT NULL,
    kind text NOT NULL,
    received_at timestamptz NOT NULL,
    device_id text,
    mac text,
    success boolean,
    "values" jsonb NOT NULL,
    PRIMARY KEY (records, number)
  );
  CREATE INDEX ON blinkup.result (cycle);
  CREATE INDEX ON blinkup.result (device_id);`,
]

/** Of who makes the tables: two stations may come at the same time. */
const LOCK = 0x626c6b75

/** Makes the tables in the schema `blinkup`, or brings them up to date, as a whole or not at all. @throws PlantError 'newer' */
export async function makeTables(client: ClientBase): Promise<void> {
  await client.query('BEGIN')
  await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
  if ((await versionOf(client)) === null) {
    await client.query(
      'CREATE SCHEMA IF NOT EXISTS blinkup; CREATE TABLE blinkup.version (version integer NOT NULL); INSERT INTO blinkup.version VALUES (0)',
    )
  }
  const version = (await versionOf(client)) ?? 0
  for (const sql of MIGRATIONS.slice(version)) await client.query(sql)
  await client.query('UPDATE blinkup.version SET version = $1', [MIGRATIONS.length])
  await client.query('COMMIT')
}

/** @throws PlantError 'missing' where nothing was put in yet, 'newer' */
export async function checkTables(client: ClientBase): Promise<void> {
  if ((await versionOf(client)) === null) {
    const sentence = 'the database has no records of stations: put those of a station in first'
    throw new PlantError('missing', sentence)
  }
}

/** Null where there are no tables. */
async function versionOf(client: ClientBase): Promise<number | null> {
  const found = await client.query("SELECT to_regclass('blinkup.version') AS name")
  if (found.rows[0].name === null) return null
  const { rows } = await client.query('SELECT version FROM blinkup.version')
  const version: number = rows[0].version
  if (version > MIGRATIONS.length) {
    const sentence = 'the tables of the database are of a later version of blinkup: install that'
    throw new PlantError('newer', sentence)
  }
  return version
}
