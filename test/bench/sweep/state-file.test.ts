import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { Lattice } from '../../../src/bench/sweep/lattice.js'
import { SweepState, SweepStateError } from '../../../src/bench/sweep/state-file.js'
import type { PointResult, SweepQuestion } from '../../../src/bench/sweep/sweep.js'
import { completeConfig } from '../../../src/rig/config.js'
import { test } from '../../helpers/folder.js'
import { BASE, questionOf } from '../../helpers/sweeps.js'

const QUESTION = questionOf([{ name: 'symbolRateHz', values: [60, 142] }])

const PASS: PointResult = {
  verdict: 'pass',
  bound: null,
  messages: 6,
  passes: 6,
  confidence: 0.96,
  failures: {},
  margins: { bit: 0.9, eyeHeight: 0.9, eyeWidth: 0.8, snrDb: null },
}
const FAIL: PointResult = {
  ...PASS,
  verdict: 'fail',
  passes: 1,
  failures: { 'crc-mismatch': 5 } as never,
  margins: null,
}

async function keep(path: string): Promise<void> {
  await using state = await SweepState.open(path, QUESTION)
  await state.addPoint(0, PASS)
  await state.addPoint(1, FAIL)
  await state.addConfirmation(0, PASS)
}

async function knownOf(path: string, question = QUESTION) {
  await using state = await SweepState.open(path, question)
  const { points, confirmations } = state.known
  return { points: [...points], confirmations: [...confirmations] }
}

describe('the state of a sweep', () => {
  test('is read again as it was written, with where the proposal is to be another', async ({
    folder,
  }) => {
    const path = folder.at('state')
    await keep(path)
    const all = {
      points: [
        [0, PASS],
        [1, FAIL],
      ],
      confirmations: [[0, PASS]],
    }
    expect(await knownOf(path)).toEqual(all)
    const other = { ...QUESTION, marginSteps: 1, paints: true }
    expect(await knownOf(path, other)).toEqual(all)
    const stronger = { ...QUESTION, confirmation: { ...QUESTION.confirmation, passRate: 0.99 } }
    expect(await knownOf(path, stronger)).toEqual({ ...all, confirmations: [] })
  })

  test('goes on behind a line that was not written to its end, wherever that was cut', async ({
    folder,
  }) => {
    const path = folder.at('state')
    await keep(path)
    const whole = await readFile(path, 'utf8')
    const [head = '', first = ''] = whole.split('\n')
    for (let length = 0; length <= whole.length; length += 7) {
      await writeFile(path, whole.slice(0, length))
      await using state = await SweepState.open(path, QUESTION)
      const read = [...state.known.points.keys(), ...state.known.confirmations.keys()]
      await state.addPoint(1, FAIL)
      const lines = (await readFile(path, 'utf8')).split('\n')
      expect(lines).toHaveLength(read.length + 3)
      expect(lines[0]).toBe(head)
      if (read.length > 0) expect(lines[1]).toBe(first)
    }
  })

  test('of other settings is refused, and stays as it is', async ({ folder }) => {
    const path = folder.at('state')
    await keep(path)
    const before = await readFile(path, 'utf8')
    const others: SweepQuestion[] = [
      { ...QUESTION, dialect: 'sdk-2015' },
      { ...QUESTION, syncSymbols: 100 },
      { ...QUESTION, rig: completeConfig({ kind: 'emulated', greyRatio: 0.4 }) },
      { ...QUESTION, asked: { ...QUESTION.asked, passRate: 0.6 } },
      {
        ...QUESTION,
        lattice: new Lattice(BASE, [{ name: 'symbolRateHz', values: [60, 143] }]),
      },
      { ...QUESTION, lattice: new Lattice({ ...BASE, messageBytes: 30 }, QUESTION.lattice.axes) },
    ]
    for (const other of others) {
      await expect(SweepState.open(path, other)).rejects.toThrow(
        /is of a sweep with other settings/,
      )
    }
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('is not what another file holds', async ({ folder }) => {
    for (const text of ['precious', 'precious\n', '{"schema":"blinkup.verify/1"}\n', '\n']) {
      const path = await folder.file('other', text)
      await expect(SweepState.open(path, QUESTION)).rejects.toThrow(SweepStateError)
      expect(await readFile(path, 'utf8')).toBe(text)
    }
  })

  test('with a damaged line is refused, and tells which', async ({ folder }) => {
    const path = folder.at('state')
    await keep(path)
    await appendFile(path, '{"point":0}\n')
    await expect(SweepState.open(path, QUESTION)).rejects.toThrow(/^line 5 of .* is damaged/)
  })

  test('of a rig in real time is that of the same rig', async ({ folder }) => {
    const path = folder.at('state')
    await keep(path)
    const rig = completeConfig({ kind: 'emulated', realTime: true })
    expect((await knownOf(path, { ...QUESTION, rig })).points).toHaveLength(2)
    expect((await stat(path)).size).toBeGreaterThan(0)
  })
})
