import { readdir, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, expect } from 'vitest'
import { loadAgentFirmware, loadDeviceFirmware } from '../../../src/factory/index.js'
import { FakeHost } from '../../helpers/device-host.js'
import { test } from '../../helpers/folder.js'

const TYPESCRIPT = `
  import type { DeviceApi } from 'blinkup/factory'
  import { greeting } from './greeting'
  export default ({ server }: DeviceApi): void => void server.log(greeting satisfies string)
`

/** Where the loader would keep what it has made of a module. */
const caches = async () => (await readdir(tmpdir())).filter((name) => name.includes('jiti'))

describe('a firmware', () => {
  test.for([
    ['fixture.ts', 'greeting.ts', TYPESCRIPT],
    ['fixture.mts', 'greeting.ts', TYPESCRIPT],
    ['fixture.js', 'greeting.js', TYPESCRIPT.replace(/import type.*|: \w+| satisfies \w+/g, '')],
    ['fixture.mjs', 'greeting.js', TYPESCRIPT.replace(/import type.*|: \w+| satisfies \w+/g, '')],
  ] as const)(
    'of %s is loaded with what it imports, and runs',
    async ([name, other, code], { folder }) => {
      await folder.file(other, "export const greeting = 'hello'")
      const before = await caches()
      const host = new FakeHost().run(await loadDeviceFirmware(await folder.file(name, code)))
      await host.after(1)
      expect(host.all('log')).toEqual(['hello'])
      // Nothing is kept anywhere.
      expect((await readdir(folder.path)).sort()).toEqual([name, other].sort())
      expect(await caches()).toEqual(before)
    },
  )

  test('is loaded anew each time, with a state of its own', async ({ folder }) => {
    const path = await folder.file('a.ts', 'let runs = 0\nexport default () => ++runs')
    const load = async () => (await loadAgentFirmware(path)) as unknown as () => number
    const [first, second] = [await load(), await load()]
    expect([first(), first(), second()]).toEqual([1, 2, 1])
    await folder.file('a.ts', "export default () => 'changed'")
    expect((await load())()).toBe('changed')
  })

  test.for<[string, string, RegExp]>([
    [
      'cannot be read as TypeScript',
      'export default () => {\n  let\n  }}',
      /Unexpected.* \(fixture\.ts:2\)$/,
    ],
    [
      'fails when it is loaded',
      '\n\nthrow new TypeError("at once")\n',
      /TypeError: at once \(fixture\.ts:3\)$/,
    ],
    ['imports what is not there', 'import "./gone"\n', /Cannot find module '\.\/gone'/],
    ['imports what is broken', 'import "./broken"\n', /\(broken\.ts:1\)$/],
    ['has no default export', 'export const a = 1', /default export/],
    ['exports something else', 'export default { a: 1 }', /default export/],
    ['is empty', '', /default export/],
  ])('that %s is told in one sentence', async ([, code, sentence], { folder }) => {
    await folder.file('broken.ts', 'const = 1')
    const path = await folder.file('fixture.ts', code)
    await expect(loadDeviceFirmware(path)).rejects.toMatchObject({
      code: 'no-firmware',
      message: expect.stringMatching(sentence),
    })
    await expect(loadDeviceFirmware(path)).rejects.toMatchObject({
      message: expect.stringMatching(/^the firmware [^\n]*fixture\.ts [^\n]*$/),
    })
  })

  test('that is not there', async ({ folder }) => {
    const path = folder.at('gone.ts')
    for (const load of [loadDeviceFirmware, loadAgentFirmware]) {
      const message = `there is no firmware at ${path}: give a module's file`
      await expect(load(path)).rejects.toMatchObject({ code: 'no-firmware', message })
    }
    await expect(loadDeviceFirmware(await realpath(folder.path))).rejects.toThrow('no firmware')
  })
})
