import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PolledAdc } from '../../../src/rig/raspberry-pi/adc-polling.js'
import { needs } from '../../helpers/requirements.js'

describe.skipIf(needs('/proc'))('an ADC that is polled', () => {
  const adc = { name: 'mcp3008', input: 'in_voltage0', folder: mkdtempSync(join(tmpdir(), 'adc-')) }
  beforeAll(() => writeFileSync(join(adc.folder, 'in_voltage0_raw'), '512\n'))
  afterAll(() => rmSync(adc.folder, { recursive: true }))

  test('gives a sample, or tells that it is missing, for each period, however late samples are', async () => {
    const busy = Array.from({ length: 8 }, () => new Worker('for (;;) {}', { eval: true }))
    const enough = new AbortController()
    const timesS: number[] = []
    let told = 0
    for await (const block of new PolledAdc(adc, 1023, 9000).samples(enough)) {
      if (timesS.length > 0) told += block.gap?.samples ?? 0
      timesS.push(...block.timesS)
      if (timesS.length > 9000) enough.abort()
    }
    await Promise.all(busy.map((worker) => worker.terminate()))
    const periods = ((timesS.at(-1) as number) - (timesS[0] as number)) * 9000
    // Of the first and the last, each has its part of a period.
    expect(Math.abs(timesS.length - 1 + told - periods)).toBeLessThan(2)
  })

  test('while nobody takes its samples has no more of them waiting than a pipe holds, and tells what is missing', async () => {
    const enough = new AbortController()
    let waited = 0
    for await (const { timesS, gap } of new PolledAdc(adc, 1023, 9000).samples(enough)) {
      if (waited === 0) await sleep(4000)
      if (gap && gap.samples > 9000) enough.abort()
      waited += timesS.length
    }
    expect(waited).toBeLessThan(3 * 9000)
  })

  /** PIDs of the children of this thread. */
  const children = (): string[] =>
    readFileSync('/proc/thread-self/children', 'latin1').trim().split(' ')

  test('and whose read never comes back is told as such; the process that hangs is ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'adc-'))
    execFileSync('mkfifo', [join(folder, 'in_voltage0_raw')])
    const hanging = new PolledAdc({ ...adc, folder }, 1023, 1000)
    const seeing = async () => {
      const { signal } = new AbortController()
      for await (const _ of hanging.samples({ signal }));
    }
    await expect(seeing()).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringMatching(/in_voltage0_raw gives no values: check the ADC$/),
    })
    await expect.poll(children).toEqual([''])
    rmSync(folder, { recursive: true })
  })

  test('ends by its signal at any moment, with the process that reads it', async () => {
    for (const ms of [0, 20, 100, 300]) {
      const signal = AbortSignal.timeout(ms)
      for await (const _ of new PolledAdc(adc, 1023, 1000).samples({ signal }));
      await expect.poll(children).toEqual([''])
    }
  })

  test('goes on where this program and the one that reads it have both stood still', async () => {
    const enough = new AbortController()
    const standStill = (): void => {
      const pids = children().map(Number)
      for (const pid of pids) process.kill(pid, 'SIGSTOP')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000)
      for (const pid of pids) process.kill(pid, 'SIGCONT')
    }
    let seen = 0
    for await (const { timesS } of new PolledAdc(adc, 1023, 1000).samples(enough)) {
      if (seen === 0) setImmediate(standStill) // while the next ones are awaited
      seen += timesS.length
      if (seen > 2000) enough.abort()
    }
  })

  test('and whose process is killed is told', async () => {
    const seeing = async () => {
      const { signal } = new AbortController()
      for await (const _ of new PolledAdc(adc, 1023, 1000).samples({ signal })) {
        for (const pid of children()) process.kill(Number(pid), 'SIGKILL')
      }
    }
    await expect(seeing()).rejects.toMatchObject({
      code: 'unplugged',
      message: expect.stringMatching(/the process that reads it has ended/),
    })
  })

  test('and whose value takes longer than that is told as too slow', async () => {
    const seeing = async () => {
      const { signal } = new AbortController()
      for await (const _ of new PolledAdc(adc, 1023, 1e9).samples({ signal }));
    }
    await expect(seeing()).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringMatching(
        /^reading .*in_voltage0_raw takes \d+ µs, .*: lower the sample rate$/,
      ),
    })
  })
})
