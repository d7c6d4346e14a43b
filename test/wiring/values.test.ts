import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  corners,
  GREY,
  SINK,
  saturatingLight,
  sink,
  sinkGreyRatio,
  sinkRanges,
} from '../../wiring/circuits.js'
import { tables } from '../../wiring/values.js'
import { parametersOf } from './spice.js'

const page = readFileSync(new URL('../../wiring.md', import.meta.url), 'utf8')

test.each(Object.entries(tables()))(
  'wiring.md has the table that npm run wiring prints: %s',
  (_, table) => {
    expect(page).toContain(table)
  },
)

test('so have the sentences around them their numbers', () => {
  const grey = sink(SINK, 'grey')
  expect(page).toContain(
    `R5 gets ${grey.emitterV.toFixed(2)} V and its current is ${(grey.ledA * 1e3).toFixed(0)} mA`,
  )
  expect(page).toContain(`LED with ${(sink(SINK, 'white').ledA * 1e3).toFixed(1)} mA`)
  for (const supplyV of [3.3, 5]) expect(saturatingLight(supplyV)).toBeGreaterThan(1.5)
  expect(page).toContain('begins at 1.5 times the light of 0.6')
})

test('every sum of tolerances leaves grey at 0.52 within 0.03', () => {
  for (const parts of corners(sinkRanges(SINK))) {
    expect(Math.abs(sinkGreyRatio(parts) - GREY.ratio)).toBeLessThan(GREY.tolerance)
  }
})

describe('the netlists have the parts of the formulas and of the page', () => {
  test('two lines', () => {
    const { r1, r2, r3, r5, r6 } = parametersOf('gpio.cir')
    expect({ ...SINK, r1, r2, r3, r5, r6 }).toEqual(SINK)
  })

  test('PWM: R5 and R6 side by side', () => {
    const { r1, r2, r5 } = parametersOf('pwm.cir')
    expect({ ...SINK, r1, r2 }).toEqual(SINK)
    expect(r5).toBe((SINK.r5 * SINK.r6) / (SINK.r5 + SINK.r6))
  })

  test.each([
    ['gpio-diodes.cir', { r8: 470, r9: 470 }],
    ['usb.cir', { r4: 330, v5: 5 }],
    ['sensor-3v3.cir', { vcc: 3.3, r_load: 22_000 }],
    ['sensor-5v.cir', { vcc: 5, r_load: 22_000 }],
  ])('%s', (netlist, parts) => {
    expect(parametersOf(netlist)).toMatchObject(parts)
  })
})
