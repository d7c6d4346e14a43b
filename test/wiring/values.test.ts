import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { LIGHT_LIMITS } from '../../src/light/limits.js'
import {
  corners,
  GREY,
  SINK,
  sinkGreyRatio,
  sinkRanges,
  startDistanceM,
  whiteLevels,
} from '../../wiring/circuits.js'
import { sentences, startBenches, tables } from '../../wiring/values.js'
import { parametersOf } from './spice.js'

const page = readFileSync(new URL('../../wiring.md', import.meta.url), 'utf8')

test.each(Object.entries(tables()))(
  'wiring.md has the table that npm run wiring prints: %s',
  (_, table) => {
    expect(page.includes(table), `it should be:\n${table}`).toBe(true)
  },
)

test.each(sentences())('so have its sentences their numbers: %s', (sentence) => {
  expect(page.replaceAll(/\s+/g, ' ').includes(sentence), sentence).toBe(true)
})

test('its links lead to headings and files that are there', () => {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
  const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(10)
  for (const link of links) {
    if (link.startsWith('#')) expect(headings).toContain(link.slice(1))
    else expect(existsSync(new URL(`../../${link}`, import.meta.url)), link).toBe(true)
  }
})

test('every sum of tolerances leaves grey between the limits', () => {
  const ratios = corners(sinkRanges(SINK)).map(sinkGreyRatio)
  expect(Math.min(...ratios)).toBeGreaterThan(GREY.least)
  expect(Math.max(...ratios)).toBeLessThan(GREY.most)
  expect(page).toContain(`${GREY.least.toFixed(2)} to ${GREY.most}`)
})

test.each(startBenches())(
  'white is good where wiring.md says to start, whatever varies in the circuit: $candela cd, $r7 Ω, $site',
  (bench) => {
    const [least, most] = LIGHT_LIMITS.white.good
    const [low, high] = whiteLevels(bench, startDistanceM(bench))
    expect(low).toBeGreaterThan(least)
    expect(high).toBeLessThan(most)
  },
)

test('an LED of half its nominal brightness is still seen there', () => {
  for (const bench of startBenches()) {
    const dim = { ...bench, candela: bench.candela / 2 }
    expect(whiteLevels(dim, startDistanceM(bench))[0]).toBeGreaterThan(LIGHT_LIMITS.swing.good[0])
  }
})

test('the model knows what is too near: 2 cd at 5 cm with 22 kΩ saturate', () => {
  for (const site of ['USB board', 'Pi'] as const) {
    const [low] = whiteLevels({ candela: 2, r7: 22_000, site }, 0.05)
    expect(low).toBeGreaterThan(LIGHT_LIMITS.white.marginal[1])
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
