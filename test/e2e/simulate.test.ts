import { readFile, stat } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { matching, tableAfter } from '../helpers/bench-page.js'
import { blinkup } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'

const SIMULATE = ['simulate', '--dummy']

async function adviceOf(args: readonly string[]): Promise<string | null> {
  const { stdout: capture } = await blinkup(args)
  const { stdout } = await blinkup(['decode', '-', '--json'], { input: capture })
  return JSON.parse(stdout).receptions[0].advice
}

describe('simulate, piped into decode', () => {
  test.for(tableAfter('blinkup simulate --dummy'))(
    'shows as the page has it: %s: %s',
    async ([options, advice]) => {
      expect(await adviceOf([...SIMULATE, ...options.split(' ')])).toMatch(matching(advice))
    },
  )

  test('is the light that the emulated rig has', async () => {
    const options = '--swing 0.3 --black 0.1 --led-rise 1000 --led-fall 1000'
    const light = ['--ssid', 'net', '--open', ...options.split(' ')]
    const seen = async (args: readonly string[]) => {
      const { stdout: capture } = await blinkup([...args, ...light])
      const { stdout } = await blinkup(['decode', '-', '--json'], { input: capture })
      const [{ config, levels, symbolRateHz }] = JSON.parse(stdout).receptions
      return { config, levels, symbolRateHz }
    }
    const simulated = await seen(['simulate'])
    const emulated = await seen(['capture', '--rig', 'emulated', '--send'])
    expect(simulated.config).toEqual(emulated.config)
    expect(simulated.symbolRateHz).toBeCloseTo(emulated.symbolRateHz, 1)
    for (const level of ['black', 'white'] as const) {
      expect(simulated.levels[level]).toBeCloseTo(emulated.levels[level], 2)
    }
  })
})

test('a file of it is for its owner only, and is not overwritten unasked', async ({ folder }) => {
  const file = folder.at('capture.csv')
  const made = await blinkup([...SIMULATE, file])
  expect(made).toMatchObject({ exitCode: 0, stdout: '' })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const text = await readFile(file, 'utf8')
  expect(text).toMatch(/^time_s,level\n(\d+\.\d{6},\d\.\d{5}\n)+$/)
  const samples = text.split('\n').length - 2
  expect(made.stderr).toBe(`blinkup: ${samples} samples\n`)
  expect((await blinkup([...SIMULATE, file])).exitCode).toBe(64)
  const again = await blinkup([...SIMULATE, '--force', '--seed', '2', file])
  expect(again.exitCode).toBe(0)
  expect(await readFile(file, 'utf8')).not.toBe(text)
  expect((await blinkup([...SIMULATE, '--seed', '1'])).stdout).toBe(text)
})

test.for([
  [['simulate'], 'say what to send'],
  [[...SIMULATE, '--noise-rms', 'loud'], "argument 'loud' is invalid. Give a number."],
  [[...SIMULATE, '--noise-rms', '-1'], '--noise-rms must be a number from 0 to 100'],
  [[...SIMULATE, '--adc-bits', '10.5'], '--adc-bits must be a whole number from 4 to 16'],
  [[...SIMULATE, '--rate', '3'], '--rate must be a number from 10 to 2000'],
  [[...SIMULATE, '--gap-samples', '0'], '--gap-samples must be a whole number from 1 to 100000'],
  [[...SIMULATE, '--clip-low', '0.5', '--clip-high', '0.4'], 'must be below the high one'],
  [[...SIMULATE, '--sample-rate', '1e5', '--sync', '120000'], 'more than 10000000 samples'],
  [[...SIMULATE, '--rig', 'emulated'], "unknown option '--rig'"],
] as const)('%j: %s', async ([args, sentence]) => {
  const { exitCode, stdout, stderr } = await blinkup(args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' })
  expect(stderr).toContain(sentence)
})
