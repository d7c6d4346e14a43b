import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PolledAdc } from '../../../src/rig/raspberry-pi/adc-polling.js'
import { needs } from '../../requirements.js'

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

  test('and whose value takes longer than that is told as too slow', async () => {
    const seeing = async () => {
      const { signal } = new AbortController()
      for await (const _ of new PolledAdc(adc, 1023, 1e9).samples({ signal }));
    }
    await expect(seeing()).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringMatching(
        /^reading .*in_voltage0_raw takes \d+ µs, .*: lower --sample-rate$/,
      ),
    })
  })
})
