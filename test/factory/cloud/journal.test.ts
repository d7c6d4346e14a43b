import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rmdir,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { openJournal, readLines } from '../../../src/factory/cloud/journal.js'
import { type Change, Changes } from '../../../src/factory/cloud/records.js'
import { readChanges, Store } from '../../../src/factory/cloud/store.js'
import { test } from '../../helpers/folder.js'

const all = (): boolean => true
const product = (id: string, name = id): Change => ({
  put: 'product',
  record: { id, name, description: '' },
})

describe('a state file', () => {
  test('gives back what was committed, and is for its owner only', async ({ folder }) => {
    const path = folder.at('state')
    const store = await Store.open(path, all)
    store.commit([product('a'), product('b')])
    store.commit([product('a', 'new'), { drop: 'product', id: 'b' }])
    await store.settled()
    await store.close()
    const again = await Store.open(path, all)
    expect(Array.from(again.world.records())).toEqual([product('a', 'new')])
    expect(again.tornBytes).toBe(0)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder.path)).toEqual(['state'])
    await again.close()
  })

  test('has each change on the disk when it is settled, many at once included', async ({
    folder,
  }) => {
    const path = folder.at('state')
    const store = await Store.open(path, all)
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        store.commit([product(`${i}`)])
        await store.settled()
        expect(await readFile(path, 'utf8')).toContain(JSON.stringify(product(`${i}`)))
      }),
    )
    await store.close()
  })

  test('takes nothing that could not be read again', async ({ folder }) => {
    const path = folder.at('state')
    const store = await Store.open(path, all)
    const wrong = { put: 'product', record: { id: '', name: 'x', description: '' } } as const
    expect(() => store.commit([product('a'), wrong])).toThrow()
    expect(store.world.products.size).toBe(0)
    await store.close()
    await (await Store.open(path, all)).close()
  })

  test('is written anew at the start without what is not worth it', async ({ folder }) => {
    const path = folder.at('state')
    const first = await Store.open(path, all)
    for (let i = 0; i < 50; i++) first.commit([product('a', `${i}`), product('b')])
    await first.close()
    const { size } = await stat(path)
    const second = await Store.open(
      path,
      (change) => !('put' in change && change.record.id === 'b'),
    )
    expect(Array.from(second.world.records())).toEqual([product('a', '49')])
    expect((await stat(path)).size).toBeLessThan(size / 20)
    await second.close()
  })

  test('is not written through what lies where its draft will be', async ({ folder }) => {
    const other = await folder.file('other', 'kept', 0o644)
    await symlink(other, folder.at('state.new'))
    await (await Store.open(folder.at('state'), all)).close()
    expect(await readFile(other, 'utf8')).toBe('kept')
    expect((await lstat(folder.at('state'))).isFile()).toBe(true)
  })

  test('that others may read is for its owner only after the start, and a link stays one', async ({
    folder,
  }) => {
    const path = await folder.file('state', 'blinkup.cloud-state/1\n', 0o644)
    await chmod(path, 0o644)
    await symlink(path, folder.at('link'))
    await (await Store.open(folder.at('link'), all)).close()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await readdir(folder.path)).toSorted()).toEqual(['link', 'state'])
  })

  test('belongs to one process, by whatever name, until it is closed', async ({ folder }) => {
    const path = folder.at('state')
    const store = await Store.open(path, all)
    await symlink(path, folder.at('link'))
    for (const name of [path, folder.at('link')]) {
      await expect(Store.open(name, all)).rejects.toMatchObject({
        name: 'FactoryError',
        code: 'locked',
      })
    }
    await store.close()
    await (await Store.open(path, all)).close()
  })

  test('that is none, or damaged, is refused, and left as it is', async ({ folder }) => {
    for (const text of [
      'other\n',
      '\n',
      '{"a":1}\n',
      'blinkup.cloud-state/1\n{}\n',
      'blinkup.cloud-state/1\n[]\nnonsense\n[]\n',
      'blinkup.cloud-state/1\n[{"put":"product","record":{"id":"secret"}}]\n',
      'other without an end',
    ]) {
      const path = await folder.file('state', text)
      const refusal = await Store.open(path, all).catch((error) => error)
      expect(refusal).toMatchObject({ name: 'FactoryError', code: 'damaged' })
      expect(refusal.message).not.toMatch(/secret|nonsense/)
      expect(await readFile(path, 'utf8')).toBe(text)
    }
    await writeFile(folder.at('state'), '')
    await (await Store.open(folder.at('state'), all)).close()
  })

  test('whose last line was never finished is cut there, and told of', async ({ folder }) => {
    const path = folder.at('state')
    const store = await Store.open(path, all)
    store.commit([product('a')])
    await store.close()
    await appendFile(path, JSON.stringify([product('b')])) // whole, but for its end
    const again = await Store.open(path, all)
    expect(Array.from(again.world.records())).toEqual([product('a')])
    expect(again.tornBytes).toBe(JSON.stringify([product('b')]).length)
    again.commit([product('c')])
    await again.close()
    const last = await Store.open(path, all)
    expect(last.tornBytes).toBe(0)
    expect(Array.from(last.world.records())).toEqual([product('a'), product('c')])
    await last.close()
  })

  test('in a folder that is not there cannot be opened', async ({ folder }) => {
    await expect(Store.open(folder.at('no/state'), all)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('whose folder takes no file cannot be opened, and is free again', async ({ folder }) => {
    const path = folder.at('state')
    await mkdir(`${path}.new`)
    await expect(Store.open(path, all)).rejects.toMatchObject({ code: 'ERR_FS_EISDIR' })
    await rmdir(`${path}.new`)
    await (await Store.open(path, all)).close()
  })
})

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.oneof(
    fc
      .tuple(fc.string({ minLength: 1, maxLength: 5 }), fc.string())
      .map(([id, name]) => product(id, name)),
    fc.string({ minLength: 1, maxLength: 5 }).map((id): Change => ({ drop: 'product', id })),
  ),
  { maxLength: 5 },
)

describe('the lines of a journal', () => {
  const HEADER = 'blinkup.cloud-state/1\n'

  test('that ends anywhere are those that were finished', () => {
    fc.assert(
      fc.property(fc.array(changes), fc.nat(), (all, at) => {
        const lines = all.map((changes) => JSON.stringify(changes))
        const text = Buffer.from(HEADER + lines.map((line) => `${line}\n`).join(''))
        const end = HEADER.length + (at % (text.length - HEADER.length + 1))
        const { lines: read, tornBytes } = readLines(text.subarray(0, end), 'state')
        expect(read).toEqual(lines.slice(0, read.length))
        const whole = Buffer.byteLength(HEADER + read.map((line) => `${line}\n`).join(''))
        expect(whole + tornBytes).toBe(end)
        expect(read.map((line, i) => readChanges(line, i, 'state'))).toEqual(
          all.slice(0, read.length),
        )
      }),
    )
  })

  test('are changes, or refused in a sentence, whatever they are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        try {
          expect(Changes.parse(readChanges(line, 0, 'state'))).toEqual(JSON.parse(line))
        } catch (error) {
          expect(error).toMatchObject({ name: 'FactoryError', code: 'damaged' })
        }
      }),
    )
  })
})

test('a journal that cannot be written says so from then on', async ({ folder }) => {
  const file = await openJournal(folder.at('state'))
  const journal = await file.compact([])
  await journal.close()
  journal.append('[]')
  await expect(journal.settled()).rejects.toThrow()
  journal.append('[]')
  await expect(journal.settled()).rejects.toThrow()
  await file.close()
})
