import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { type Folder, test } from '../cli/folder.js'
import { BLINKUP, type Ended, Run } from './blinkup.js'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const ENCODE = ['encode', '--dummy']

/** Runs a copy of the package in which something is wrong. */
async function runDamaged(folder: Folder, damage: (at: string) => Promise<void>): Promise<Ended> {
  const at = folder.at('package')
  await mkdir(at)
  for (const name of ['bin', 'dist', 'package.json']) {
    await cp(`${PROJECT}/${name}`, `${at}/${name}`, { recursive: true })
  }
  await symlink(`${PROJECT}/node_modules`, `${at}/node_modules`)
  await damage(at)
  return new Run(process.execPath, [`${at}/bin/blinkup`, ...ENCODE], {}).ended
}

describe.concurrent('a program that cannot be loaded does not end as a failed check does', () => {
  test.for([
    ['a file is missing', (at: string) => rm(`${at}/dist/cli/message.js`)],
    ['all is missing', (at: string) => rm(`${at}/dist`, { recursive: true })],
    ['a library is missing', (at: string) => rm(`${at}/node_modules`)],
    ['a file is empty', (at: string) => writeFile(`${at}/dist/cli/encode.js`, '')],
    ['a file is cut', (at: string) => writeFile(`${at}/dist/cli/encode.js`, 'export function a(')],
    ['a file throws', (at: string) => writeFile(`${at}/dist/cli/encode.js`, 'throw 0')],
  ] as const)('when %s', async ([, damage], { folder }) => {
    const { exitCode, stdout, stderr } = await runDamaged(folder, damage)
    expect({ exitCode, stdout }).toEqual({ exitCode: 70, stdout: '' })
    expect(stderr).toMatch(
      /^blinkup: it cannot be loaded: a file of it is missing or damaged: install it again \(.*\)\n$/,
    )
  })

  test.skipIf(process.platform === 'win32')('when there are too few open files', async () => {
    const exitCodes: number[] = []
    for (const most of [24, 28, 32, 36, 40, 44, 48]) {
      const limited = `ulimit -n ${most}; exec "$0" "$@"`
      const args = ['-c', limited, process.execPath, BLINKUP, ...ENCODE]
      const { exitCode, stderr } = await new Run('sh', args, {}).ended
      exitCodes.push(exitCode)
      if (exitCode === 71) expect(stderr).toMatch(/^blinkup: [^\n]*\(ulimit -a\)[^\n]*\n$/)
      // With still fewer Node.js itself aborts.
      else expect(exitCode === 0 || exitCode > 128, `${exitCode}: ${stderr}`).toBe(true)
    }
    // Later versions load one file after another, and need no more than they have.
    if (process.versions.node.startsWith('20.')) expect(exitCodes).toContain(71)
  })
})

describe('a bug', () => {
  const BUG =
    /^(blinkup: the LED may still be lit: blinkup off turns it dark\n)?blinkup: this is a bug of blinkup, please report it: Error: [^\n]*\n$/

  test('that nothing catches ends with 70 and one line', async () => {
    for (const fault of [
      'setTimeout(() => { throw Error("oops") })',
      'Promise.reject(Error("oops"))',
    ]) {
      const preload = `data:text/javascript,setTimeout(() => { ${fault} }, 1500)`
      const args = ['--import', preload, BLINKUP, 'decode', '-']
      const run = new Run(process.execPath, args, {}) // waits for its input
      const { exitCode, stderr } = await run.ended
      expect(exitCode).toBe(70)
      expect(stderr).toMatch(BUG)
      expect(stderr).toContain('oops')
      expect(stderr).toContain('may still be lit')
    }
  })

  test('that leaves nothing to wait for ends with 70 and one line', async ({ folder }) => {
    const { exitCode, stderr } = await runDamaged(folder, (at) =>
      writeFile(
        `${at}/dist/cli/encode.js`,
        'export const addEncode = (program) => program.command("encode").option("--dummy").action(() => new Promise(() => {}))',
      ),
    )
    expect(exitCode).toBe(70)
    // Node.js itself says something before.
    expect(stderr.replace(/^Warning: Detected unsettled .*\n.*\n.*\^\n+/, '')).toMatch(BUG)
  })
})
