import { closeSync, openSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect } from 'vitest'
import { PacedEmitter } from '../../../src/rig/raspberry-pi/paced-emitter.js'
import { mayBeLit } from '../../../src/rig/raspberry-pi/sysfs.js'
import { type Folder, test } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

const MESSAGE = { levels: Uint8Array.from([2, 0, 1, 0]) }
/** Nothing but a standstill ends it within a test. */
const HOURS = { levels: new Uint8Array(100_000).fill(2) }
const OPTIONS = { symbolRateHz: 20 }

/** An emitter on an output that the process which paces it cannot open, and what is done with it here. */
function emitter({ dark = () => {} }: { dark?: () => void } = {}) {
  const done: string[] = []
  const fd = openSync('/dev/null', 'w')
  const output = {
    fd,
    show: () => {},
    dark: () => {
      done.push('dark')
      dark()
    },
    release: () => {
      done.push('released')
      closeSync(fd)
    },
  }
  const config = {
    kind: 'pwm',
    chipFolder: '/none',
    channel: 0,
    brightness: 1,
    greyRatio: 0.5,
  } as const
  return { emitter: new PacedEmitter({ output, config }, null, 'BCM 18'), done }
}

/** A program in place of Node.js that tells the start of its light, and what it does then. */
async function startsLightAnd(then: string, folder: Folder): Promise<string> {
  const start = "process.send({ kind: 'started', startNs: process.hrtime.bigint() }"
  const program = await folder.file('program.js', `${start}, () => { ${then} })`)
  return folder.file('node', `#!/bin/sh\nexec '${execPath}' ${program}\n`, 0o755)
}

const noMore = (): never => {
  throw mayBeLit(new Error('EIO'))
}
const MAY_BE_LIT = {
  name: 'RigError',
  message: expect.stringMatching(/^the LED may still be lit/),
}

const { execPath } = process
afterEach(() => {
  process.execPath = execPath
})

describe.skipIf(needs('/proc'))('light that is paced by a process of its own', () => {
  test('which cannot open the output', async () => {
    const { emitter: rig, done } = emitter()
    await expect(rig.play(MESSAGE, OPTIONS)).rejects.toMatchObject({
      code: 'broken-off',
      message: expect.stringMatching(/^the light was cut short, because .*ENOENT.*: send again$/),
    })
    // What is wrong with the output is so for the next message, too.
    const { reason } = rig.lost
    await expect(rig.play(MESSAGE, OPTIONS)).rejects.toBe(reason)
    expect(reason).toMatchObject({ code: 'broken-off' })
    await rig[Symbol.asyncDispose]()
    expect(done).toEqual(['dark', 'dark', 'released'])
  })

  test('that is given up loses nothing; when it is closed it plays no more', async () => {
    const { emitter: rig } = emitter()
    const enough = new AbortController()
    const played = rig.play(MESSAGE, { ...OPTIONS, signal: enough.signal })
    enough.abort(new Error('enough'))
    await expect(played).rejects.toThrow('enough')
    expect(rig.lost.aborted).toBe(false)
    await rig[Symbol.asyncDispose]()
    await expect(rig.play(MESSAGE, OPTIONS)).rejects.toMatchObject({ code: 'refused' })
    expect(rig.lost.aborted).toBe(false)
  })

  test('which cannot even be started', async () => {
    process.execPath = '/none'
    const { emitter: rig, done } = emitter()
    await expect(rig.play(MESSAGE, OPTIONS)).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringMatching(
        /^the process that paces the light cannot be started \(.*\): /,
      ),
    })
    await rig[Symbol.asyncDispose]()
    expect(done).toEqual(['dark', 'dark', 'released'])
  })

  test.for([
    ['never says a word', 'exec sleep 60'],
    ['closes its channel and goes on', 'exec sleep 60 3>&-'],
  ])('which %s', async ([, command], { folder }) => {
    process.execPath = await folder.file('node', `#!/bin/sh\n${command}\n`, 0o755)
    const { emitter: rig, done } = emitter()
    await expect(rig.play(MESSAGE, OPTIONS)).rejects.toMatchObject({
      code: 'broken-off',
      message: expect.stringMatching(
        /, because the process that paces it was held up: send again$/,
      ),
    })
    expect(children().trim()).toBe('')
    await rig[Symbol.asyncDispose]()
    expect(done).toEqual(['dark', 'dark', 'released'])
  })

  test.for([
    ['is stopped', "process.kill(process.pid, 'SIGSTOP')"],
    ['hangs', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
  ] as const)('which starts the light, and then %s', async ([, then], { folder }) => {
    process.execPath = await startsLightAnd(then, folder)
    const { emitter: rig, done } = emitter()
    await expect(rig.play(HOURS, OPTIONS)).rejects.toMatchObject({
      code: 'broken-off',
      message: expect.stringMatching(
        /, because the process that paces it was held up: send again$/,
      ),
    })
    expect(children().trim()).toBe('')
    expect(done).toEqual(['dark'])
    await rig[Symbol.asyncDispose]()
  })

  test('which works for a second without a nap, is followed to its end', async ({ folder }) => {
    const work = 'for (const endMs = performance.now() + 1000; performance.now() < endMs;);'
    const tell = "process.send({ kind: 'failed', message: 'it says so itself' })"
    process.execPath = await startsLightAnd(`${work} ${tell}`, folder)
    const { emitter: rig } = emitter()
    await expect(rig.play(HOURS, OPTIONS)).rejects.toThrow(/because it says so itself: /)
    await rig[Symbol.asyncDispose]()
  })

  test('that cannot be told dark is never called dark, and is given back even so', async () => {
    const { emitter: rig, done } = emitter({ dark: noMore })
    await expect(rig.play(MESSAGE, OPTIONS)).rejects.toMatchObject(MAY_BE_LIT)
    await expect(rig.play(MESSAGE, OPTIONS)).rejects.toMatchObject(MAY_BE_LIT)
    await expect(rig.off()).rejects.toMatchObject(MAY_BE_LIT)
    expect(rig.lost.reason).toMatchObject(MAY_BE_LIT)
    await expect(rig[Symbol.asyncDispose]()).rejects.toMatchObject(MAY_BE_LIT)
    expect(done.at(-1)).toBe('released')
  })
})

const children = (): string =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'latin1')
