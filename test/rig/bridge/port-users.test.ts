import { type ChildProcess, spawn } from 'node:child_process'
import { constants, readlinkSync } from 'node:fs'
import { open, symlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect } from 'vitest'
import { readersOf, sharingAt, withSharing } from '../../../src/rig/bridge/port-users.js'
import { test } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

const running: ChildProcess[] = []
afterEach(() => {
  if (process.getuid?.() === 0) process.seteuid?.(0)
  for (const child of running.splice(0)) child.kill()
})

/** Starts a program that has the file open until the end of the test; gives its PID. */
async function hold(file: string, redirection: '<' | '>>' | '<>'): Promise<number> {
  const child = spawn('sh', ['-c', `exec sleep 60 9${redirection}"$0"`, file], { stdio: 'ignore' })
  running.push(child)
  const pid = child.pid as number
  while (!isOpen(pid)) await sleep(5)
  return pid
}

function isOpen(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/9`) !== '' && readlinkSync(`/proc/${pid}/exe`) !== ''
  } catch {
    return false
  }
}

describe.skipIf(needs('/proc'))('who reads a port', () => {
  test.for(['<', '<>'] as const)(
    'is told by name and PID (%s)',
    async (redirection, { folder }) => {
      const port = await folder.file('port', '')
      const pid = await hold(port, redirection)
      await expect.poll(() => readersOf(port)).toEqual([`sleep (PID ${pid})`])
      expect(sharingAt(port)).toBe(`sleep (PID ${pid}) has the port open, too: end it`)
      expect(withSharing(port, 'no answer')).toBe(`no answer; ${sharingAt(port)}`)
    },
  )

  test('is told by any name of the port', async ({ folder }) => {
    await folder.file('ttyACM0', '')
    await symlink('ttyACM0', folder.at('blinkup-bridge'))
    await symlink('blinkup-bridge', folder.at('by-id'))
    const pid = await hold(folder.at('blinkup-bridge'), '<>')
    for (const name of ['ttyACM0', 'blinkup-bridge', 'by-id']) {
      await expect.poll(() => readersOf(folder.at(name))).toEqual([`sleep (PID ${pid})`])
    }
  })

  test('are all told', async ({ folder }) => {
    const port = await folder.file('port', '')
    const pids = [await hold(port, '<'), await hold(port, '<>')]
    await expect
      .poll(() => readersOf(port).sort())
      .toEqual(pids.map((pid) => `sleep (PID ${pid})`).sort())
    expect(sharingAt(port)).toMatch(/^sleep .* and sleep .* have the port open, too: end them$/)
  })

  test('is neither this program nor one that only writes', async ({ folder }) => {
    const port = await folder.file('port', '')
    const own = await open(port, constants.O_RDWR)
    await hold(port, '>>')
    expect(readersOf(port)).toEqual([])
    expect(sharingAt(port)).toBeUndefined()
    expect(withSharing(port, 'no answer')).toBe('no answer')
    await own.close()
  })

  test("is not told of another user's program, without an error", async ({ folder, skip }) => {
    skip(process.getuid?.() !== 0, 'only root can be another user')
    const port = await folder.file('port', '')
    await hold(port, '<')
    process.seteuid?.(65534)
    expect(readersOf(port)).toEqual([])
  })

  test('is nobody at a port that is not there', ({ folder }) => {
    expect(readersOf(folder.at('none'))).toEqual([])
  })
})

test.skipIf(needs('/proc') || needs('socat'))(
  'the program that makes a pseudo terminal is its device, and no reader',
  async ({ folder }) => {
    const path = folder.at('tty')
    const socat = spawn('socat', [`PTY,link=${path},rawer`, 'STDIO'], { stdio: 'pipe' })
    running.push(socat)
    const isThere = () => readersOf(path).length >= 0 && linkOf(path) !== undefined
    await expect.poll(isThere).toBe(true)
    expect(readersOf(path)).toEqual([])
    const pid = await hold(path, '<>')
    await expect.poll(() => readersOf(path)).toEqual([`sleep (PID ${pid})`])
  },
)

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
