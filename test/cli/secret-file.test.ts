import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  open,
  readFile,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { CommandError } from '../../src/cli/errors.js'
import { createSecretFile } from '../../src/cli/secret-file.js'
import { type Folder, test } from '../helpers/folder.js'

const NOBODY = 65534
const isRoot = process.getuid?.() === 0

async function refusalOf(work: Promise<unknown>): Promise<CommandError> {
  const error = await work.then(
    () => expect.fail('nothing was refused'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(CommandError)
  return error
}

async function write(path: string, text: string, overwrite = false): Promise<void> {
  const file = await createSecretFile(path, overwrite)
  await file.write(text)
  await file.close()
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777

/** A folder that all may write, with the sticky bit of /tmp or without. */
async function shared(folder: Folder, mode: number): Promise<string> {
  const path = folder.at('shared')
  await mkdir(path)
  await chmod(path, mode)
  return path
}

describe('a file', () => {
  test('is made for its owner alone', async ({ folder }) => {
    const path = folder.at('new')
    await write(path, 'secret')
    expect(await modeOf(path)).toBe(0o600)
    expect(await readFile(path, 'utf8')).toBe('secret')
  })

  test('that is empty is taken; one with something in it only to be overwritten', async ({
    folder,
  }) => {
    const path = await folder.file('old', '')
    await write(path, 'first')
    expect(await refusalOf(createSecretFile(path))).toMatchObject({
      exitCode: 64,
      message: `${path} already exists: write to another file, or use --force to overwrite it`,
    })
    expect(await readFile(path, 'utf8')).toBe('first')
    await write(path, '2nd', true)
    expect(await readFile(path, 'utf8')).toBe('2nd')
  })

  test('that others may read is not shown to who has it open', async ({ folder }) => {
    const path = await folder.file('old', 'older')
    await chmod(path, 0o644)
    const reader = await open(path)
    await write(path, 'secret', true)
    expect(await modeOf(path)).toBe(0o600)
    expect(await readFile(path, 'utf8')).toBe('secret')
    expect(await reader.readFile('utf8')).toBe('older')
    await reader.close()
  })

  test('in a folder that is not there cannot be written', async ({ folder }) => {
    const path = folder.at('none/file')
    expect(await refusalOf(createSecretFile(path))).toMatchObject({
      exitCode: 74,
      message: `cannot write ${path}: no such file or directory`,
    })
  })
})

describe.skipIf(!isRoot)('of another user', () => {
  test.for([[0o666], [0o600]])(
    'a file of mode %o is refused, and kept',
    async ([mode = 0], { folder }) => {
      for (const content of ['', 'older']) {
        const path = await folder.file('old', content)
        await chmod(path, mode)
        await chown(path, NOBODY, NOBODY)
        expect(await refusalOf(createSecretFile(path, true))).toMatchObject({
          exitCode: 64,
          message: `${path} belongs to another user, who could read what is secret: write to another file`,
        })
        expect(await readFile(path, 'utf8')).toBe(content)
      }
    },
  )

  test('a FIFO is refused', async ({ folder }) => {
    const path = folder.at('fifo')
    spawnSync('mkfifo', [path])
    await chown(path, NOBODY, NOBODY)
    const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    expect((await refusalOf(createSecretFile(path))).message).toContain('belongs to another user')
    await reader.close()
  })

  test('a folder is one that others may write', async ({ folder }) => {
    const theirs = folder.at('theirs')
    await mkdir(theirs, 0o755)
    await symlink(await folder.file('victim', 'precious'), `${theirs}/link`)
    await chown(theirs, NOBODY, NOBODY)
    expect((await refusalOf(createSecretFile(`${theirs}/link`, true))).message).toContain('a link')
    expect(await readFile(folder.at('victim'), 'utf8')).toBe('precious')
    await write(`${theirs}/new`, 'secret')
    expect(await stat(`${theirs}/new`)).toMatchObject({ uid: 0, mode: 0o100600 })
  })
})

describe('links', () => {
  test.for([[0o777], [0o1777], [0o775]])(
    'in a folder of mode %o are refused',
    async ([mode = 0], { folder }) => {
      const path = await shared(folder, mode)
      const victim = await folder.file('victim', 'precious')
      await chmod(victim, 0o644)
      await mkdir(folder.at('home'))
      await symlink('../victim', `${path}/file`)
      await symlink(folder.at('home'), `${path}/folder`)
      await symlink('../none', `${path}/dangling`)
      await symlink(`${path}/file`, folder.at('chain'))
      for (const name of ['shared/file', 'shared/folder/new', 'shared/dangling', 'chain']) {
        expect(await refusalOf(createSecretFile(folder.at(name), true))).toMatchObject({
          exitCode: 64,
          message: `${folder.at(name)} goes through a link in a folder that other users can write to: write to another file`,
        })
      }
      await link(victim, `${path}/hard`)
      expect((await refusalOf(createSecretFile(`${path}/hard`, true))).message).toContain(
        'has other names',
      )
      expect(await readFile(victim, 'utf8')).toBe('precious')
      expect(await modeOf(victim)).toBe(0o644)
      await expect(lstat(folder.at('none'))).rejects.toThrow('ENOENT')
      await expect(lstat(folder.at('home/new'))).rejects.toThrow('ENOENT')
    },
  )

  test("of one's own, in one's own folder, are followed as by the system", async ({ folder }) => {
    await mkdir(folder.at('a/b'), { recursive: true })
    await symlink('a/b', folder.at('folder'))
    await symlink('folder/target', folder.at('link'))
    await write(folder.at('link'), 'secret')
    expect(await readFile(folder.at('a/b/target'), 'utf8')).toBe('secret')
    expect((await lstat(folder.at('link'))).isSymbolicLink()).toBe(true)
    await write(`${folder.path}/folder/../beside`, 'secret')
    expect(await readFile(folder.at('a/beside'), 'utf8')).toBe('secret')
  })

  test('in a ring are refused', async ({ folder }) => {
    await symlink('ring', folder.at('ring'))
    expect((await refusalOf(createSecretFile(folder.at('ring')))).message).toMatch(/links|loop/)
  })

  test.skipIf(process.platform !== 'linux')(
    'that come and go are never followed',
    async ({ folder }) => {
      const path = await shared(folder, 0o777)
      await mkdir(folder.at('home'))
      const victim = await folder.file('home/file', 'precious')
      await mkdir(`${path}/d`)
      const swapping = spawn(
        'sh',
        ['-c', 'while :; do mv -T d real; ln -s ../home d; rm d; mv -T real d; done'],
        { cwd: path, stdio: 'ignore' },
      )
      try {
        let written = 0
        for (let n = 0; n < 500 || written === 0; n++) {
          await write(`${path}/d/file`, 'secret', true).then(
            () => written++,
            (error) => expect(error).toBeInstanceOf(CommandError),
          )
        }
        expect(written).toBeGreaterThan(0)
        expect(await readFile(victim, 'utf8')).toBe('precious')
      } finally {
        swapping.kill('SIGKILL')
        await once(swapping, 'exit')
        // The last program that it started may still be at work.
        await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
      }
    },
  )
})

describe.skipIf(process.platform === 'win32').concurrent('a FIFO', () => {
  const LARGE = 'x'.repeat(1 << 20)
  const fifo = (folder: Folder): string => {
    spawnSync('mkfifo', [folder.at('fifo')])
    return folder.at('fifo')
  }

  test('waits for its reader, and is for its owner alone', async ({ folder }) => {
    const path = fifo(folder)
    const writing = write(path, LARGE)
    await sleep(200)
    expect(await readFile(path, 'utf8')).toBe(LARGE)
    await writing
    expect(await modeOf(path)).toBe(0o600)
  })

  test('that nobody opens is given up', async ({ folder }) => {
    const path = fifo(folder)
    expect(await refusalOf(write(path, LARGE))).toMatchObject({
      exitCode: 74,
      message: `nothing has read ${path} for 10 s: check the program that should read it`,
    })
  })

  test('that nobody empties is given up, or at the signal', async ({ folder }) => {
    const path = fifo(folder)
    const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const file = await createSecretFile(path)
    const interrupt = new AbortController()
    const writing = file.write(LARGE, interrupt.signal)
    interrupt.abort(new CommandError(130, 'interrupted'))
    expect(await refusalOf(writing)).toMatchObject({ exitCode: 130 })
    expect(await refusalOf(file.write(LARGE))).toMatchObject({ exitCode: 74 })
    await file.close()
    await reader.close()
  })

  test('whose reader leaves is a broken pipe', async ({ folder }) => {
    const path = fifo(folder)
    const reader = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const file = await createSecretFile(path)
    await reader.close()
    expect(await refusalOf(file.write(LARGE))).toMatchObject({
      exitCode: 74,
      message: `cannot write ${path}: broken pipe`,
    })
    await file.close()
  })
})
