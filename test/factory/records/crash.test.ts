import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { build } from 'esbuild'
import { beforeAll, describe, expect } from 'vitest'
import type { CycleRecord } from '../../../src/factory/records/cycle-record.js'
import { Records } from '../../../src/factory/records/records.js'
import { Run } from '../../helpers/blinkup.js'
import { type Folder, test } from '../../helpers/folder.js'
import { NAMESPACE, needs } from '../../helpers/requirements.js'
import { deviceOf, measurementsOf, STATES, STATION, T0 } from './example.js'

/** How often a writer is killed; more by hand. */
const KILLS = Number(process.env.KILLS ?? 20)
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

let script: string
beforeAll(async () => {
  // One file: a child that has to be compiled begins ten times as late.
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('write-on.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
  })
  script = outputFiles[0]?.text ?? ''
})

/** What a writer has said, by what it was. */
function toldBy(stdout: string): Record<'begun' | 'kept' | 'ended' | 'failed', Set<string>> {
  const told = { begun: new Set(''), kept: new Set(''), ended: new Set(''), failed: new Set('') }
  for (const [, what = '', id = ''] of stdout.matchAll(/^(\w+) (.*)\n/gm)) {
    if (what in told) told[what as keyof typeof told].add(id)
  }
  return told
}

/** What is wrong with a cycle, if something is. */
function wholeness(cycle: CycleRecord): string {
  const { end, number, phases, measurements, results, deviceId } = cycle
  if (end?.reason === 'interrupted') {
    const last = phases.at(-1)
    return last?.state === cycle.state && last.durationS === null ? 'marked' : 'its phases'
  }
  const seen = { states: phases.map(({ state }) => state), measurements, deviceId }
  const wanted = {
    states: ['triggered', ...STATES],
    measurements: measurementsOf(number),
    deviceId: deviceOf(number),
  }
  if (!isDeepStrictEqual(seen, wanted)) return JSON.stringify(cycle)
  const isDone = end?.outcome === 'pass' && results.map(({ flag }) => flag).join() === 'matched'
  return isDone && phases.every(({ durationS }) => durationS !== null) ? 'whole' : 'its end'
}

/** Opens a file as after an accident. Each finished cycle must be there once and whole, each other one must be marked. */
function checkAll(path: string, stdout: string): CycleRecord[] {
  using records = Records.open(path, STATION, T0 + 1)
  const cycles = Array.from(records.cycles())
  const told = records.news(0, Number.MAX_SAFE_INTEGER).map(({ cycle }) => cycle?.number)
  expect(told.toSorted()).toEqual(cycles.map(({ number }) => number).toSorted())
  const { begun, kept, ended } = toldBy(stdout)
  const byId = new Map(cycles.map((cycle) => [cycle.id, cycle]))
  expect(byId.size).toBe(cycles.length)
  expect(cycles.map(({ number }) => number)).toEqual(
    Array.from({ length: cycles.length }, (_, i) => cycles.length - i),
  )
  // Few expectations, as there may be thousands of cycles.
  expect(Array.from(begun).filter((id) => !byId.has(id))).toEqual([])
  expect(Array.from(kept).filter((id) => byId.get(id)?.results.length !== 1)).toEqual([])
  expect(Array.from(ended).filter((id) => byId.get(id)?.end?.outcome !== 'pass')).toEqual([])
  expect(cycles.map(wholeness).filter((text) => text !== 'whole' && text !== 'marked')).toEqual([])
  return cycles
}

describe('a station that is killed', () => {
  test(`leaves each finished cycle once and whole, and marks the others (${KILLS} times)`, async ({
    folder,
  }) => {
    const file = await folder.file('write-on.mjs', script)
    let stdout = ''
    let interrupted = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(process.execPath, [file, folder.at('records.db')], {
        env: { ...process.env, NODE_PATH: MODULES },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let lines = 0
      // The first says that the file is being opened.
      const wanted = 1 + Math.floor(40 * Math.random())
      await new Promise<void>((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          stdout += text
          lines += text.split('\n').length - 1
          if (lines >= wanted) resolve()
        })
      })
      await sleep(10 * Math.random())
      child.kill('SIGKILL')
      await once(child, 'close')
      expect(child.signalCode).toBe('SIGKILL')
      const cycles = checkAll(folder.at('records.db'), stdout)
      interrupted = cycles.filter(({ end }) => end?.reason === 'interrupted').length
    }
    expect(interrupted).toBeGreaterThan(0)
    expect(toldBy(stdout).ended.size).toBeGreaterThan(0)
  })
})

/** Runs the writer until it fails, in a shell in which $1 is its script and $2 its file. */
async function writeUntilFailure(folder: Folder, command: string[], path: string): Promise<string> {
  const file = await folder.file('write-on.mjs', script)
  const [program = '', ...args] = command
  const run = new Run(program, [...args, process.execPath, file, path], {
    env: { ...process.env, NODE_PATH: MODULES },
  })
  const { stdout, stderr, exitCode } = await run.ended
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  return stdout
}

describe('a disk that takes no more', () => {
  describe.skipIf(needs('unshare'))('as it is full', () => {
    test.for(['600k', '5m'])('at %s: nothing is lost that was told', async (size, { folder }) => {
      const disk = folder.at('disk')
      const shell = `mkdir "$1" "$1.copy" && mount -t tmpfs -o size=${size} tmpfs "$1" && "$2" "$3" "$4" && cp "$1"/* "$1.copy"`
      const command = ['unshare', ...NAMESPACE, 'sh', '-c', shell, 'sh', disk]
      const stdout = await writeUntilFailure(folder, command, join(disk, 'records.db'))
      expect(Array.from(toldBy(stdout).failed)).toEqual(['full'])
      const cycles = checkAll(join(`${disk}.copy`, 'records.db'), stdout)
      expect(cycles.length).toBeGreaterThan(2)
    })

    test.for([0, 16])(
      'before it begins, with %i KiB left: it says so',
      async (free, { folder }) => {
        const disk = folder.at('disk')
        // Records of before, the rest of the disk full, and what is left of that.
        const shell = `mkdir "$1" && mount -t tmpfs -o size=2m tmpfs "$1" && prlimit --fsize=300000 "$2" "$3" "$4" && rm -f "$4"-* &&
        (cat /dev/zero > "$1/rest" 2>"$1.said" || truncate -s -${free}K "$1/rest") && "$2" "$3" "$4"`
        const command = ['unshare', ...NAMESPACE, 'sh', '-c', shell, 'sh', disk]
        const stdout = await writeUntilFailure(folder, command, join(disk, 'records.db'))
        expect(stdout.match(/failed .*/g)?.at(-1)).toBe('failed full')
      },
    )
  })

  describe.skipIf(needs('prlimit'))('as no file may be larger', () => {
    test('nothing is lost that was told', async ({ folder }) => {
      const path = folder.at('records.db')
      const stdout = await writeUntilFailure(folder, ['prlimit', '--fsize=300000'], path)
      expect(Array.from(toldBy(stdout).failed)).toEqual(['unwritable'])
      expect(checkAll(path, stdout).length).toBeGreaterThan(2)
    })
  })
})
