import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FLOODS, type Lie } from '../../test/rig/bridge/hostile/lies.js'
import { progress, type Row, round, type Tables } from '../report.js'
import { Command } from './command.js'

const SERVE = fileURLToPath(new URL('../../test/rig/bridge/hostile/serve.ts', import.meta.url))
const LOOK_INTERVAL_MS = 50

/** Beside what an honest board says; its samples are those of the flood where that has some. */
const LIES: Readonly<Record<string, readonly Lie[]>> = {
  none: [],
  ...Object.fromEntries(
    FLOODS.map((of): [string, Lie[]] => [
      of,
      [
        { lie: 'flood', of, topic: 'sense on' },
        ...(of === 's' ? [{ lie: 'dropped', topic: 's' } as const] : []),
      ],
    ]),
  ),
}

/** The memory of `capture` while the board floods it at full speed. */
export async function floods(seconds: number, folder: string): Promise<Tables> {
  const rows: Row[] = []
  for (const [kind, lies] of Object.entries(LIES)) {
    progress(`flood: ${kind}`)
    rows.push({ flood: kind, ...(await flooded(lies, seconds, folder)) })
  }
  return {
    [`Memory of capture --seconds ${seconds} under a flood, from the first line of its file on`]:
      rows,
  }
}

async function flooded(lies: readonly Lie[], seconds: number, folder: string): Promise<Row> {
  const path = join(folder, 'flooding')
  const file = join(folder, 'flooded.csv')
  rmSync(file, { force: true })
  const board = spawn(process.execPath, ['--import', 'tsx', SERVE, path, JSON.stringify(lies)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(board.stdout, 'data')
  const command = new Command(['capture', file, '--port', path, '--seconds', String(seconds)])
  const pid = command.process.pid as number
  const startedMs = Date.now()
  let startMib: number | undefined
  let mostMib = 0
  let exitCode: number | undefined
  void command.ended.then((code) => {
    exitCode = code
  })
  // A board that floods may slow its own samples, by which capture knows the time.
  while (exitCode === undefined && Date.now() - startedMs < 1000 * (2 * seconds + 20)) {
    const mib = residentMib(pid)
    if (existsSync(file) && statSync(file).size > 0) startMib ??= mib
    if (startMib !== undefined) mostMib = Math.max(mostMib, mib)
    await sleep(LOOK_INTERVAL_MS)
  }
  if (exitCode === undefined) command.process.kill('SIGKILL')
  await command.ended
  const gone = once(board, 'exit')
  board.kill('SIGTERM')
  await gone
  return {
    startMib: round(startMib ?? Number.NaN, 1),
    mostMib: round(mostMib, 1),
    growthMib: round(mostMib - (startMib ?? Number.NaN), 1),
    lastedS: round(((command.endMs ?? Date.now()) - startedMs) / 1000, 1),
    exitCode: exitCode ?? 'none',
    said: command.stderr.trimEnd().split('\n').at(-1) ?? '',
  }
}

/** Nothing of a process that has ended. */
function residentMib(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
