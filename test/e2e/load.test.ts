import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { BLINKUP, type Ended, faultAtWork, Run } from '../helpers/blinkup.js'
import { type Folder, test } from '../helpers/folder.js'
import { scriptsOf } from '../helpers/loaded.js'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const ENCODE = ['encode', '--dummy']
const VERIFY = ['verify', '--rig', 'emulated', '--dummy']

/** Runs a copy of the package in which something is wrong. */
async function runDamaged(
  folder: Folder,
  args: readonly string[],
  damage: (at: string) => Promise<void>,
): Promise<Ended> {
  const at = folder.at('package')
  await mkdir(at)
  for (const name of ['bin', 'dist', 'package.json']) {
    await cp(`${PROJECT}/${name}`, `${at}/${name}`, { recursive: true })
  }
  await symlink(`${PROJECT}/node_modules`, `${at}/node_modules`)
  await damage(at)
  return new Run(process.execPath, [`${at}/bin/blinkup`, ...args], {}).ended
}

describe.concurrent('a program that cannot be loaded does not end as a failed check does', () => {
  const damages = [
    ['is missing', (file: string) => rm(file)],
    ['is empty', (file: string) => writeFile(file, '')],
    ['is cut', (file: string) => writeFile(file, 'export function a(')],
    ['throws', (file: string) => writeFile(file, 'throw 0')],
  ] as const
  const files = [
    ['main.js', ENCODE],
    ['quick.js', ENCODE],
    ['full.js', VERIFY],
    ['verify.js', VERIFY],
    ['rig-options.js', VERIFY],
    ['capture.js', ['--help']],
  ] as const
  const cases = files.flatMap(([file, args]) =>
    damages.map(([how, damage]) => [file, how, damage, args] as const),
  )

  test.for([
    ...cases.map(
      ([file, how, damage, args]) =>
        [`${file} ${how}`, args, (at: string) => damage(`${at}/dist/cli/${file}`)] as const,
    ),
    ['all is missing', ENCODE, (at: string) => rm(`${at}/dist`, { recursive: true })] as const,
    ['a library is missing', ENCODE, (at: string) => rm(`${at}/node_modules`)] as const,
  ])('when %s', async ([, args, damage], { folder }) => {
    const { exitCode, stdout, stderr } = await runDamaged(folder, args, damage)
    expect({ exitCode, stdout }).toEqual({ exitCode: 70, stdout: '' })
    expect(stderr).toMatch(
      /^blinkup: it cannot be loaded: a file of it is missing or damaged: install it again \(.*\)\n$/,
    )
  })

  test('and says so in a document, where one is asked for', async ({ folder }) => {
    const { exitCode, stderr } = await runDamaged(folder, [...VERIFY, '--json'], (at) =>
      rm(`${at}/dist/cli/verify.js`),
    )
    expect(exitCode).toBe(70)
    expect(stderr).toMatch(/^blinkup: it cannot be loaded: /)
  })

  test('when what a rig needs cannot be loaded', async ({ folder }) => {
    const { exitCode, stdout, stderr } = await runDamaged(folder, VERIFY, (at) =>
      writeFile(`${at}/dist/rig/emulated/kind.js`, 'export function a('),
    )
    expect({ exitCode, stdout }).toEqual({ exitCode: 70, stdout: '' })
    expect(stderr).toMatch(
      /^blinkup: what a rig of kind emulated needs cannot be loaded: a file of it is missing or damaged, install blinkup again \(.*\)\n$/m,
    )
  })

  test.skipIf(process.platform === 'win32')('when there are too few open files', async () => {
    const exitCodes: number[] = []
    for (const most of [24, 28, 32, 36, 40, 44, 48]) {
      const limited = `ulimit -n ${most}; exec "$0" "$@"`
      const args = ['-c', limited, process.execPath, BLINKUP, '--help'] // loads most files
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
    /^(blinkup: warning: the LED may still be lit: blinkup off turns it dark\n)?blinkup: this is a bug in blinkup, please report it: Error: [^\n]*\n$/

  test('that nothing catches ends with 70 and one line', async () => {
    for (const fault of ['throw Error("oops")', 'Promise.reject(Error("oops"))']) {
      const args = ['--import', faultAtWork(fault), BLINKUP, 'decode', '-']
      const run = new Run(process.execPath, args, {}) // waits for its input
      const { exitCode, stderr } = await run.ended
      expect(exitCode).toBe(70)
      expect(stderr).toMatch(BUG)
      expect(stderr).toContain('oops')
      expect(stderr).toContain('may still be lit')
    }
  })

  test('that leaves nothing to wait for ends with 70 and one line', async ({ folder }) => {
    const command = 'program.command("off").action(() => new Promise(() => {}))'
    const { exitCode, stderr } = await runDamaged(folder, ['off'], (at) =>
      writeFile(`${at}/dist/cli/off.js`, `export const addOff = (program) => ${command}`),
    )
    expect(exitCode).toBe(70)
    // Node.js itself says something before.
    expect(stderr.replace(/^Warning: Detected unsettled .*\n.*\n.*\^\n+/, '')).toMatch(BUG)
  })
})

describe('what a command does not need is not loaded', () => {
  /** The libraries that a run of the command has loaded. */
  async function librariesOf(args: readonly string[]): Promise<string[]> {
    const scripts = await scriptsOf(
      (env) => new Run(process.execPath, [BLINKUP, ...args], { env }).ended,
    )
    const names = scripts.map((url) => /.*\/node_modules\/((@[^/]+\/)?[^/]+)\//.exec(url)?.[1])
    return [...new Set(names.filter((name) => name !== undefined))].sort()
  }

  test.for([['--version'], ENCODE])('by %j', async (args) => {
    expect(await librariesOf(args)).toEqual(['commander'])
  })

  test('by an emulated rig: what opens serial ports', async () => {
    const libraries = await librariesOf(['clear', '--rig', 'emulated'])
    expect(libraries).toContain('avr8js')
    expect(libraries).toContain('@serialport/stream')
    for (const name of ['serialport', '@serialport/bindings-cpp', 'koffi', 'onoff']) {
      expect(libraries).not.toContain(name)
    }
  })

  test('so that a message is encoded where nothing else is installed', async ({ folder }) => {
    const { exitCode, stdout } = await runDamaged(folder, ENCODE, async (at) => {
      await rm(`${at}/node_modules`)
      await mkdir(`${at}/node_modules`)
      await symlink(`${PROJECT}/node_modules/commander`, `${at}/node_modules/commander`)
    })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^[012]+\n$/)
  })
})
