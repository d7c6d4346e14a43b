import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { progress } from '../report.js'

const HERE = fileURLToPath(new URL('../..', import.meta.url))

/** A receiver as it is installed: what runs TypeScript as it is makes it slower. */
export interface Built {
  readonly name: string
  readonly Receiver: typeof import('../../src/receiver/index.js').Receiver
}

async function load(name: string, folder: string): Promise<Built> {
  const { Receiver } = await import(pathToFileURL(join(folder, 'dist/receiver/index.js')).href)
  return { name, Receiver }
}

/** What `npm run build` has made here. */
export const builtHere = (): Promise<Built> => load('this version', HERE)

/**
 * Builds the commit `ref` of this repository in a folder of its own, which is gone as soon as its receiver is loaded, or when
 * that fails or is broken off. Packages are those here, unless that commit locks others.
 */
export async function builtAt(ref: string): Promise<Built> {
  progress(`${ref} is built`)
  const folder = mkdtempSync(join(tmpdir(), 'blinkup-'))
  const broken = new AbortController()
  const breakOff = () => broken.abort()
  process.once('SIGINT', breakOff).once('SIGTERM', breakOff)
  const run = (file: string, args: readonly string[], cwd: string) =>
    promisify(execFile)(file, args, { cwd, signal: broken.signal })
  try {
    const archive = join(folder, 'ref.tar')
    await run('git', ['archive', `--output=${archive}`, ref], HERE)
    await run('tar', ['-xf', archive], folder)
    if (locked(folder) === locked(HERE)) {
      symlinkSync(join(HERE, 'node_modules'), join(folder, 'node_modules'))
    } else {
      await run('npm', ['ci', '--no-audit', '--no-fund'], folder)
    }
    await run('npm', ['run', '--silent', 'build'], folder)
    return await load(ref, folder)
  } finally {
    process.off('SIGINT', breakOff).off('SIGTERM', breakOff)
    rmSync(folder, { recursive: true })
  }
}

function locked(folder: string): string {
  const file = join(folder, 'package-lock.json')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
