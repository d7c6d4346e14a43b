import { randomLcg, randomUniform } from 'd3-random'
import { describe, expect, test } from 'vitest'
import {
  corners,
  GREY,
  LEDS,
  PIN_OHM,
  pwmRipple,
  riseS,
  SINK,
  saturatingLight,
  sink,
  span,
} from '../../wiring/circuits.js'
import { needs } from '../helpers/requirements.js'
import { type Parameters, parametersOf, simulate } from './spice.js'

const LOW = { led_v: 2, led_n: 2, led_r: 9 }
const HIGH = { led_v: 2.97, led_n: 3, led_r: 15 }

const around = (nominal: number, part: number) =>
  [nominal * (1 - part), nominal * (1 + part)] as const

/** From spreads of the parameters, a set at random. */
const draw = (spreads: Readonly<Record<string, readonly [number, number]>>, random: () => number) =>
  Object.fromEntries(
    Object.entries(spreads).map(([name, [low, high]]) => [
      name,
      randomUniform.source(random)(low, high)(),
    ]),
  )

const ledSpreads = ({ forwardV, n, seriesOhm }: (typeof LEDS)[keyof typeof LEDS]) => ({
  led_v: forwardV,
  led_n: n,
  led_r: seriesOhm,
})

const greyRatios = (results: readonly Parameters[]) =>
  results.map(
    ({ black = Number.NaN, grey = Number.NaN, white = Number.NaN }) =>
      (grey - black) / (white - black),
  )

const all = (results: readonly Parameters[], name: string) =>
  results.map((result) => result[name] ?? Number.NaN)

/** Within what the two lines promise, or so near to the wanted ratio. */
function expectGrey(results: readonly Parameters[], tolerance?: number): void {
  const [low, high] = span(greyRatios(results))
  expect(low).toBeGreaterThan(tolerance ? GREY.ratio - tolerance : GREY.least)
  expect(high).toBeLessThan(tolerance ? GREY.ratio + tolerance : GREY.most)
}

/** By how much the emitter of the two lines' Q1 falls from grey to white. */
const emitterFall = ({ emitter_grey = Number.NaN, emitter_white = Number.NaN }: Parameters) =>
  emitter_grey - emitter_white

const most = (numbers: readonly number[]) => Math.max(...numbers.map(Math.abs))

/** The Raspberry Pi's supply was designed for about so much a pin (wiring.md). */
const MOST_A_PIN = 0.003

describe.skipIf(needs('/usr/bin/ngspice'))('simulated', () => {
  describe('Raspberry Pi, two lines', () => {
    const spreads = {
      v33: around(3.3, 0.05),
      v5: [4.75, 5.25],
      r_pin: PIN_OHM,
      r1: around(1000, 0.01),
      r2: around(1000, 0.01),
      r5: around(470, 0.01),
      r6: around(470, 0.01),
      vbe: [0.58, 0.72],
      hfe: [70, 800],
      br: [0.2, 10],
      t_c: [0, 50],
    } as const

    test('grey stays within 0.50 to 0.56 at every corner of parts, pins, supply and temperature', () => {
      const { r2: _r2, v5: _v5, ...deciding } = spreads // these move it least
      const results = simulate('gpio.cir', corners(deciding))
      expectGrey(results)
      expect(most(all(results, 'pin_grey'))).toBeLessThan(MOST_A_PIN)
      expect(most(all(results, 'pin_white'))).toBeLessThan(MOST_A_PIN)
      expect(most(all(results, 'black'))).toBeLessThan(1e-6)
      expect(most(results.map(emitterFall))).toBeLessThan(0.05)
    })

    test('and for LEDs of any colour with all else at random', () => {
      const random = randomLcg(4)
      const kinds = Object.values(LEDS)
      const sets = Array.from({ length: 200 }, (_, i) => ({
        ...draw(spreads, random),
        ...draw(ledSpreads(kinds[i % kinds.length] as (typeof kinds)[number]), random),
      }))
      expectGrey(simulate('gpio.cir', sets))
    })

    test('the LED does not matter: from 1.8 to 3.3 V grey moves by less than 0.002', () => {
      const sets = Object.values(LEDS).flatMap((kind) => corners(ledSpreads(kind)))
      const [low, high] = span(greyRatios(simulate('gpio.cir', sets)))
      expect(high - low).toBeLessThan(0.002)
    })

    test('Q1 is not saturated with the highest LED at the least supply, and shows it with a higher one', () => {
      const worst = { ...HIGH, v5: 4.75, v33: 3.3 * 1.05, vbe: 0.58, t_c: 50, hfe: 800 }
      const [good, bad] = simulate('gpio.cir', [
        { ...worst, led_v: 3.3 },
        { ...worst, led_v: 3.9 },
      ])
      const reserve = (result: Parameters | undefined) =>
        (result?.collector_grey ?? Number.NaN) - (result?.emitter_grey ?? Number.NaN)
      expect(reserve(good)).toBeGreaterThan(0.25)
      expect(reserve(bad)).toBeLessThan(0.25)
    })

    test('no order of the two writes is brighter than the brighter of the two symbols', () => {
      const sets = [LOW, HIGH].flatMap((led) => [
        { ...led, br: 0.2 },
        { ...led, br: 10 },
      ])
      for (const result of simulate('gpio.cir', sets)) {
        const { grey = 0, white = 0 } = result
        expect(result.brightest).toBeLessThan(1.005 * white) // charge of Q2's base, for less than 1 µs
        expect(result.brightest_when_grey).toBeLessThan(1.005 * grey)
        expect(result.brightest_after_white).toBeLessThan(1.005 * grey)
        expect(result.brightest_before_white).toBeLessThan(1.005 * grey)
        expect(result.white_at_once).toBeCloseTo(white, 5)
        expect(result.white_alone).toBeLessThan(1e-6)
        expect(result.black_again).toBeLessThan(1e-6)
      }
    })

    test('dark with the pins open, as they are at boot; no harm to a pin with the LED out', () => {
      const [open, noLed] = simulate('gpio.cir', [{ r_pin: 1e9 }, { v5: 0 }])
      expect(open?.white).toBeLessThan(1e-6)
      expect(most([noLed?.pin_grey ?? Number.NaN, noLed?.pin_white ?? Number.NaN])).toBeLessThan(
        MOST_A_PIN,
      )
    })

    test('mistakes of the build show on the multimeter as wiring.md says', () => {
      const [noR2, noLed, reversedQ1, noR6] = simulate('gpio.cir', [
        { r2: 1e9 },
        { v5: 0 },
        { hfe: 4 }, // what a transistor that is turned round amplifies by
        { r6: 1e9 },
      ])
      expect(noR2?.emitter_grey).toBeGreaterThan(1.5)
      expect(noLed?.emitter_grey).toBeLessThan(0.6)
      expect(emitterFall(reversedQ1 ?? {})).toBeGreaterThan(0.05)
      expect(noR6?.white).toBeCloseTo(noR6?.grey ?? 0, 5)
    })

    test('the formulas say the same', () => {
      const [result] = simulate('gpio.cir')
      const grey = sink(SINK, 'grey')
      const white = sink(SINK, 'white')
      expect((result?.grey ?? 0) / grey.ledA).toBeCloseTo(1, 2)
      expect((result?.white ?? 0) / white.ledA).toBeCloseTo(1, 1)
      expect((result?.emitter_white ?? 0) / white.emitterV).toBeCloseTo(1, 2)
      expect(-(result?.pin_grey ?? 0) / white.pinA).toBeCloseTo(1, 1)
    })
  })

  describe('Raspberry Pi, two lines with diodes', () => {
    const spreads = {
      v33: around(3.3, 0.05),
      r_pin: PIN_OHM,
      r8: around(470, 0.01),
      r9: around(470, 0.01),
      t_c: [0, 50],
    } as const

    test('grey stays within 0.50 to 0.56 for a red, amber or yellow-green LED', () => {
      const sets = corners({ ...spreads, ...ledSpreads(LEDS['red, amber, yellow-green']) })
      const results = simulate('gpio-diodes.cir', sets)
      expectGrey(results)
      expect(most(all(results, 'pin_grey'))).toBeLessThan(0.0035) // as wiring.md says
    })

    test('but not for a white one', () => {
      const [ratio] = greyRatios(simulate('gpio-diodes.cir', [{ ...HIGH, v33: 3.135 }]))
      expect(ratio).toBeGreaterThan(GREY.most)
    })
  })

  describe.each([
    {
      name: 'Raspberry Pi, PWM',
      netlist: 'pwm.cir',
      frequencyHz: 40_000,
      mostAPin: MOST_A_PIN,
      highest: { v5: 5.25, v33: 3.465, vbe: 0.58 },
    },
    {
      name: 'USB board',
      netlist: 'usb.cir',
      frequencyHz: 31_372,
      mostAPin: 0.015,
      highest: { v5: 5.25 },
    },
  ])('$name', ({ netlist, frequencyHz, mostAPin, highest }) => {
    test('grey is its part of the time, to 0.01: in the LED, whatever its kind, and at the sensor', () => {
      const sets = [LOW, HIGH].flatMap((led) => [4.75, 5.25].map((v5) => ({ ...led, v5 })))
      const results = simulate(netlist, [{}, ...sets])
      expectGrey(
        results.map(({ grey_led, white_led }) => ({
          black: 0,
          grey: grey_led ?? 0,
          white: white_led ?? 0,
        })),
        0.01,
      )
      expectGrey(results.slice(0, 1), 0.01)
    })

    test('the pin gives no more than it may, at the highest supply and the lowest LED', () => {
      const [result] = simulate(netlist, [{ ...highest, led_v: 1.8, led_n: 1.5, led_r: 3 }])
      expect(-(result?.pin ?? Number.NaN)).toBeLessThan(mostAPin)
    })

    test('C1 takes the ripple of grey to what the formula says', () => {
      const sensors = [
        { loadOhm: 4700, loadF: 47e-9 },
        { loadOhm: 22_000, loadF: 10e-9 },
        { loadOhm: 68_000, loadF: 10e-9 },
      ]
      const known = parametersOf(netlist)
      const whiteV = (known.white_a ?? 0) * (known.r_load ?? 0)
      const results = simulate(
        netlist,
        sensors.map(({ loadOhm, loadF }) => ({
          r_load: loadOhm,
          c_load: loadF,
          white_a: whiteV / loadOhm,
        })),
      )
      for (const [i, { grey_high = 0, grey_low = 0, white = 0 }] of results.entries()) {
        const ripple = pwmRipple(sensors[i] as (typeof sensors)[number], frequencyHz)
        expect((grey_high - grey_low) / white / ripple).toBeGreaterThan(0.3) // Q3 itself takes some
        expect((grey_high - grey_low) / white / ripple).toBeLessThan(1.05)
      }
    })
  })

  describe.each([
    { netlist: 'sensor-3v3.cir', vcc: 3.3 },
    { netlist: 'sensor-5v.cir', vcc: 5 },
  ])('Sensor, $netlist', ({ netlist, vcc }) => {
    const at = (level: number, loadOhm: number, loadF: number) => ({
      white_a: (level * vcc) / loadOhm,
      r_load: loadOhm,
      c_load: loadF,
    })

    test('white, grey and the rise time are what the formulas say, for each load', () => {
      const sensors = [
        { loadOhm: 4700, loadF: 47e-9 },
        { loadOhm: 22_000, loadF: 10e-9 },
        { loadOhm: 68_000, loadF: 10e-9 },
      ]
      const results = simulate(
        netlist,
        sensors.map(({ loadOhm, loadF }) => at(0.6, loadOhm, loadF)),
      )
      expectGrey(results, 0.01)
      for (const [i, { white = 0, rise = 0, fall = 0, black_again = 1 }] of results.entries()) {
        const expected = riseS(sensors[i] as (typeof sensors)[number])
        expect(white / vcc).toBeCloseTo(0.6, 1)
        expect(Math.abs(rise / expected - 1)).toBeLessThan(0.15)
        expect(Math.abs(fall / expected - 1)).toBeLessThan(0.15)
        expect(black_again / white).toBeLessThan(0.01)
      }
    })

    test('the model rises in about 11 µs into 1 kΩ, as assumed', () => {
      const [result] = simulate(netlist, [{ ...at(0.6, 1000, 1e-13), step: 0.1e-6 }])
      expect(result?.rise).toBeGreaterThan(9e-6)
      expect(result?.rise).toBeLessThan(14e-6)
    })

    test('there is light to spare before white saturates; beyond, grey tells', () => {
      const [spare, beyond] = simulate(netlist, [
        at(0.6 * 0.9 * saturatingLight(vcc), 22_000, 10e-9),
        at(0.6 * 1.25 * saturatingLight(vcc), 22_000, 10e-9),
      ])
      expectGrey([spare as Parameters], 0.015) // of which the Early effect takes 0.01
      const [ratio] = greyRatios([beyond as Parameters])
      expect(ratio).toBeGreaterThan(GREY.most)
      expect((beyond?.white ?? 0) / vcc).toBeGreaterThan(0.9)
    })
  })
})
