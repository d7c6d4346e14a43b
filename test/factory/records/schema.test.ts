import { describe, expect } from 'vitest'
import { Connection } from '../../../src/factory/records/connection.js'
import { checkVersion, MIGRATIONS, migrate } from '../../../src/factory/records/schema.js'
import { test } from '../../helpers/folder.js'

const FIRST = 'CREATE TABLE note (text TEXT NOT NULL) STRICT'
const SECOND = `ALTER TABLE note ADD COLUMN words INTEGER;
  UPDATE note SET words = 1 + length(text) - length(replace(text, ' ', ''))`

describe('the tables of a file', () => {
  test('are brought up to date from each older version, with what is in them', ({ folder }) => {
    using connection = new Connection(folder.at('a.db'), 'create')
    migrate(connection, 'a.db', [FIRST])
    connection.rows('INSERT INTO note VALUES (?)', 'three small words')
    migrate(connection, 'a.db', [FIRST, SECOND])
    migrate(connection, 'a.db', [FIRST, SECOND])
    expect(connection.rows('SELECT * FROM note')).toEqual([{ text: 'three small words', words: 3 }])
    expect(checkVersion(connection, 'a.db', [FIRST, SECOND])).toBe(2)
  })

  test('stay as they were when that fails', ({ folder }) => {
    using connection = new Connection(folder.at('a.db'), 'create')
    migrate(connection, 'a.db', [FIRST])
    connection.rows('INSERT INTO note VALUES (?)', 'one')
    expect(() => migrate(connection, 'a.db', [FIRST, SECOND, 'no SQL'])).toThrow('syntax error')
    expect(connection.rows('SELECT * FROM note')).toEqual([{ text: 'one' }])
    expect(checkVersion(connection, 'a.db', [FIRST, SECOND])).toBe(1)
  })

  test('are not touched when a later version has made them', ({ folder }) => {
    using connection = new Connection(folder.at('a.db'), 'create')
    migrate(connection, 'a.db', [FIRST, SECOND])
    expect(() => migrate(connection, 'a.db', [FIRST])).toThrow(
      expect.objectContaining({ code: 'newer', message: expect.stringMatching(/^a\.db is of/) }),
    )
    expect(checkVersion(connection, 'a.db', [FIRST, SECOND])).toBe(2)
  })

  test('have no place for a secret', ({ folder }) => {
    using connection = new Connection(folder.at('a.db'), 'create')
    migrate(connection, 'a.db')
    const columns = connection
      .rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .flatMap(({ name }) => connection.rows(`SELECT name FROM pragma_table_info('${name}')`))
      .map(({ name }) => `${name}`)
    expect(columns.length).toBeGreaterThan(30)
    expect(
      columns.filter((name) => /token|password|secret|ssid|key|wave|light/.test(name)),
    ).toEqual([])
  })

  test('are of a version that is as it was released', () => {
    // Whoever changes one that has been released leaves files of it behind: add another one.
    expect(MIGRATIONS).toHaveLength(2)
  })
})
