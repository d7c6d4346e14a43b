import { readdir, readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { readRecords } from '../../src/factory/records/cycle-reader.js'
import { blinkup, type Run, start } from '../helpers/blinkup.js'
import { type Folder, test } from '../helpers/folder.js'
import { readSymbols } from '../helpers/read-symbols.js'

const fileOf = (output: string): string => `name = "line 3"
database = "records.db"
rate = 500
lockout = 0
[message]
dummy = true
[page]
[label]
size = [40, 20]
symbol = "datamatrix"
code = "{station}/{rig}/{unit}"
text = ["unit {unit}", "{date}"]
${output}
[rigs.left]
rig = "emulated"
sample-rate = 4000
`

function startStation(folder: Folder, env: Readonly<Record<string, string>> = {}): Run {
  return start(['station', folder.at('station.toml')], { input: '', inputGoesOn: true, env })
}

/** Starts a unit as soon as the rig is there. */
async function passes(run: Run, cycle: number): Promise<void> {
  await run.says('stderr', /left: the rig is ready/)
  run.process.stdin?.write('left\n')
  await run.says('stderr', new RegExp(`left: cycle ${cycle} PASS`))
}

describe('a station that labels its units', () => {
  test('writes the label of a unit that has passed, and again when it is told to', async ({
    folder,
  }) => {
    await folder.file('station.toml', fileOf('folder = "."'))
    expect((await blinkup(['station', 'check', folder.at('station.toml')])).stderr).toBe('')
    const run = startStation(folder)
    await run.says('stderr', /pages: http\S+/)
    const [, url = ''] = /pages: (http\S+)/.exec(run.stderr) ?? []
    const reprint = async (): Promise<number> => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ do: 'reprint', rig: 'left' })
      return (await fetch(`${url}control`, { method: 'POST', headers, body })).status
    }
    expect(await reprint()).toBe(409)
    await passes(run, 1)
    const name = folder.at('line 3-1.png')
    const isThere = () => readFile(name).catch(() => null)
    while (!(await isThere())) await sleep(20)
    expect(await readSymbols(await readFile(name))).toEqual([['DataMatrix', 'line 3/left/1']])
    await rm(name)
    while ((await reprint()) !== 200) await sleep(20) // the page of the same label may still be written
    while (!(await isThere())) await sleep(20)
    run.process.kill('SIGTERM')
    expect((await run.ended).exitCode).toBe(143)
    expect((await readdir(folder.path)).filter((file) => file.startsWith('line 3'))).toEqual([
      'line 3-1.pdf',
      'line 3-1.png',
    ])
  })

  test('that is killed while it prints says that nobody knows, and the unit has passed', async ({
    folder,
  }) => {
    await folder.file('station.toml', fileOf('printer = "zebra"'))
    // It is asked for once at the start, and hangs when the label is printed.
    await folder.file(
      'lpstat',
      `#!/bin/sh\n[ -e '${folder.at('asked')}' ] && exec /bin/sleep 60\n: > '${folder.at('asked')}'\necho '${folder.at('none')}'\n`,
      0o755,
    )
    const run = startStation(folder, { PATH: folder.path })
    await run.says('stderr', /warning: labels: CUPS does not answer \(.*\): start it/)
    await passes(run, 1)
    using records = readRecords(folder.at('records.db'))
    while (!records.lastLabel('left')) await sleep(20)
    run.process.kill('SIGKILL')
    await run.ended
    await rm(folder.at('asked'))
    const next = startStation(folder, { PATH: folder.path })
    await next.says(
      'stderr',
      /warning: left: cycle 1 may have no label: the station was killed while it was printed/,
    )
    next.process.kill('SIGTERM')
    await next.ended
    const report = await blinkup(['station', 'report', '--database', folder.at('records.db')])
    expect(report.stdout).toMatch(/^all +1 pass/m)
  })
})
