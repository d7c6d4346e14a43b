import { expect, test } from 'vitest'
import { rowOf } from '../../../src/web/station/cycle-row.js'
import { cycleRecord, idOf } from './fake-station.js'

test('the row of a cycle has its end, and its margin with the limit of that', () => {
  expect(rowOf(cycleRecord(7, 'no-result'))).toMatchObject({
    id: idOf(7),
    number: 7,
    outcome: 'timeout',
    reason: 'no-result',
    marginPct: 53,
    leastMarginPct: 25,
  })
})

test('one that goes on, and has seen no light yet, has neither', () => {
  expect(rowOf(cycleRecord(7, null, { end: null, measurements: [] }))).toMatchObject({
    outcome: null,
    reason: null,
    marginPct: null,
    leastMarginPct: null,
  })
})
