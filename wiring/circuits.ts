/**
 * The circuits of wiring.md as formulas: what their parts carry, at their nominal values and over all that
 * may vary. Volts, amperes, ohms, farads, seconds, hertz, lux and degrees Celsius throughout.
 */

import { LIGHT_LIMITS } from '../src/light/limits.js'

/** The wanted ratio of grey to white, and what the circuits of two lines keep it between. */
export const GREY = { ratio: 0.52, least: 0.5, most: 0.56 }

/** Lowest and highest of each of some named values. */
type Ranges<K extends string> = Readonly<Record<K, readonly [low: number, high: number]>>

/** All combinations of lowest and highest. */
export function corners<K extends string>(ranges: Ranges<K>): Record<K, number>[] {
  let found: Record<string, number>[] = [{}]
  for (const [name, ends] of Object.entries<readonly number[]>(ranges)) {
    found = found.flatMap((values) => ends.map((end) => ({ ...values, [name]: end })))
  }
  return found
}

export const span = (numbers: readonly number[]): readonly [low: number, high: number] => [
  Math.min(...numbers),
  Math.max(...numbers),
]

const around = (nominal: number, part: number) =>
  [nominal * (1 - part), nominal * (1 + part)] as const

const parallel = (a: number, b: number) => (a * b) / (a + b)

/** Where a falling function crosses zero. */
function zero(falling: (x: number) => number, low: number, high: number): number {
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2
    if (falling(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const thermalV = (temperatureC: number) => 8.617e-5 * (temperatureC + 273.15)

/** 5 V as USB has it (USB 2.0 specification, section 7.3.2); the Pi's header should too. */
const SUPPLY_5V = [4.75, 5.25] as const

// --- Raspberry Pi: the sink -----------------------------------------------------------------------------

/**
 * A Pi pin's output resistance at its default drive strength. The most by Raspberry Pi's documentation ("Voltage Specifications"
 * of the GPIO): the Pi 4's pin falls to no less than 2.6 V with 4 mA, 175 ohm; those before it to 3.0 V with 2 mA, 150 ohm. No
 * least is published: an assumption.
 */
export const PIN_OHM = [20, 175] as const

/** What decides the current of the Pi's sink. R1 to R6 as in wiring.md. */
export type Sink = {
  /** A pin's high level without load, and its output resistance. */
  pinV: number
  pinOhm: number
  r1: number
  r2: number
  r3: number
  r5: number
  r6: number
  /** Of Q1: base-emitter voltage at 2 mA and 25 °C, current gain. */
  baseEmitterV: number
  currentGain: number
  /** Of Q2, which gets more base current than it carries collector current. */
  saturationV: number
  temperatureC: number
}

export const SINK: Sink = {
  pinV: 3.3,
  pinOhm: 40,
  r1: 1000,
  r2: 1000,
  r3: 1000,
  r5: 470,
  r6: 470,
  baseEmitterV: 0.66,
  currentGain: 290,
  saturationV: 0.03,
  temperatureC: 25,
}

/**
 * All that may vary: resistors of 1 %; any BC547 or 2N3904, by the limits usual in their datasheets (the least gain
 * is the 2N3904's at 1 mA). They give VCE(sat) only as at most 0.2 to 0.25 V at 10 mA and a gain of 10 to 20. Here
 * the gain is below 1, and with a reverse gain as low as 0.2 it is the 0.07 V taken (simulated in gpio.cir).
 */
export const sinkRanges = ({ r5, r6 }: Pick<Sink, 'r5' | 'r6'>): Ranges<keyof Sink> => ({
  pinV: around(3.3, 0.05),
  pinOhm: PIN_OHM,
  r1: around(1000, 0.01),
  r2: around(1000, 0.01),
  r3: around(1000, 0.01),
  r5: around(r5, 0.01),
  r6: around(r6, 0.01),
  baseEmitterV: [0.58, 0.72],
  currentGain: [70, 800],
  saturationV: [0.005, 0.07],
  temperatureC: [0, 50],
})

/** Currents of the LED and of the grey pin, and the emitter's voltage, while Q1 is not saturated. */
export function sink(
  parts: Sink,
  level: 'grey' | 'white',
): { ledA: number; pinA: number; emitterV: number } {
  const { pinV, pinOhm, r1, r2, r5, r6, baseEmitterV, currentGain, saturationV, temperatureC } =
    parts
  const emitterV = (emitterA: number) =>
    level === 'grey' ? emitterA * r5 : (emitterA + saturationV / r6) * parallel(r5, r6)
  const baseV = (emitterA: number) =>
    emitterV(emitterA) +
    baseEmitterV -
    0.002 * (temperatureC - 25) +
    thermalV(temperatureC) * Math.log(emitterA / 0.002)
  const sourceOhm = pinOhm + r1
  const emitterA = zero(
    (a) => (pinV - baseV(a)) / sourceOhm - baseV(a) / r2 - a / (currentGain + 1),
    1e-6,
    0.1,
  )
  return {
    ledA: emitterA * (currentGain / (currentGain + 1)),
    pinA: (pinV - baseV(emitterA)) / sourceOhm,
    emitterV: emitterV(emitterA),
  }
}

export const sinkGreyRatio = (parts: Sink) => sink(parts, 'grey').ledA / sink(parts, 'white').ledA

/**
 * R6 that brings grey's light to 0.52 when it was seen at another ratio, as an LED's light does not grow
 * exactly as its current: near a current as a power of it, which the seen ratio tells.
 */
export function trimmedR6(seenRatio: number): number {
  const power = Math.log(seenRatio) / Math.log(sinkGreyRatio(SINK))
  const wanted = GREY.ratio ** (1 / power)
  return zero((r6) => wanted - sinkGreyRatio({ ...SINK, r6 }), 100, 2000)
}

/** Current of the white pin through R3 into Q2's base, which needs little more than Q1's base. */
export const whitePinA = ({ pinV, pinOhm, r3, baseEmitterV, temperatureC }: Sink) =>
  (pinV - baseEmitterV + 0.002 * (temperatureC - 25)) / (pinOhm + r3)

/** Q1 must keep so much between collector and emitter to be no switch, or else the LED decides the current. */
const LEAST_COLLECTOR_EMITTER_V = 0.25

/** The highest forward voltage at which the LED leaves Q1 enough of the least supply. */
export function highestLedV(ranges: Ranges<keyof Sink>): number {
  const [, emitterV] = span(corners(ranges).map((parts) => sink(parts, 'grey').emitterV))
  return SUPPLY_5V[0] - emitterV - LEAST_COLLECTOR_EMITTER_V
}

// --- LED -------------------------------------------------------------------------------------------------

/** A forward voltage at 10 mA, and the slope there: V = forwardV + n kT/q ln(I / 10 mA) + seriesOhm (I - 10 mA). */
type Led = { forwardV: number; n: number; seriesOhm: number }

/** Usual spreads; look up your part's. */
export const LEDS = {
  'red, amber, yellow-green': { forwardV: [1.8, 2.2], n: [1.5, 2.5], seriesOhm: [3, 20] },
  'white, blue, true green': { forwardV: [2.7, 3.3], n: [2, 5], seriesOhm: [5, 30] },
} as const satisfies Record<string, Ranges<keyof Led>>
export type LedKind = keyof typeof LEDS

/** Current of an LED at a source of a voltage and an inner resistance. */
function ledA({ forwardV, n, seriesOhm }: Led, sourceV: number, sourceOhm: number): number {
  const voltage = (a: number) =>
    forwardV + n * thermalV(25) * Math.log(a / 0.01) + (a - 0.01) * seriesOhm
  return zero((a) => sourceV - a * sourceOhm - voltage(a), 1e-12, 0.1)
}

// --- Simpler circuits for two lines ----------------------------------------------------------------------

/** Two lines, each with a resistor to the one LED. */
type ResistorPair = { sourceV: number; pinOhm: number; greyOhm: number; whiteOhm: number }

/** Currents of the LED, of which one pin gives all in grey; an idle line sinks through its resistor, unless a diode or a transistor blocks it. */
function pairA(led: Led, pair: ResistorPair, idle: 'sinks' | 'blocks') {
  const greyOhm = pair.greyOhm + pair.pinOhm
  const whiteOhm = pair.whiteOhm + pair.pinOhm
  const both = parallel(greyOhm, whiteOhm)
  return {
    grey:
      idle === 'blocks'
        ? ledA(led, pair.sourceV, greyOhm)
        : ledA(led, (pair.sourceV * whiteOhm) / (greyOhm + whiteOhm), both),
    white: ledA(led, pair.sourceV, both),
  }
}

const lessV = (supplyV: readonly [number, number], leastV: number, mostV = leastV) =>
  [supplyV[0] - mostV, supplyV[1] - leastV] as const

const PINS = { sourceV: around(3.3, 0.05), pinOhm: PIN_OHM }

/** The simpler circuits: what feeds the LED, and through which resistors. */
const PAIRS = {
  bare: { ...PINS, greyOhm: around(390, 0.01), whiteOhm: around(1500, 0.01) },
  schottky: {
    ...PINS,
    sourceV: lessV(PINS.sourceV, 0.2, 0.3), // of a BAT85 at some milliamperes, warm and cold
    greyOhm: around(470, 0.01),
    whiteOhm: around(470, 0.01),
  },
  switches: {
    sourceV: lessV(SUPPLY_5V, 0.1),
    pinOhm: [0, 0],
    greyOhm: around(680, 0.01),
    whiteOhm: around(680, 0.01),
  },
} as const satisfies Record<string, Ranges<keyof ResistorPair>>

/** All that a simpler circuit makes of a kind of LED. */
export function pairCorners(name: keyof typeof PAIRS, kind: LedKind) {
  return corners({ ...LEDS[kind], ...PAIRS[name] }).map((all) =>
    pairA(all, all, name === 'bare' ? 'sinks' : 'blocks'),
  )
}

// --- Sensor ----------------------------------------------------------------------------------------------

/** White on the ADC, as a part of its full scale, for which the loads are compared. */
const WHITE_LEVEL = 0.6

/**
 * Phototransistor. Sensitivity: TEPT4400, typical, CIE illuminant A (its datasheet); an LED's colour changes it.
 * Speed [assumption, as its datasheet has no times]: 11 µs of rise into 1 kΩ. As its collector's capacitance,
 * amplified, makes it, it is as if the load had a larger capacitor.
 */
const PHOTOTRANSISTOR = { ampsPerLux: 2e-6, saturationV: 0.3, amplifiedF: 5e-9 }

/** The receiver follows a pole of so much of a symbol (docs of Receiver). */
const MOST_POLE_OF_SYMBOL = 0.15

interface Sensor {
  readonly loadOhm: number
  readonly loadF: number
}

const poleS = ({ loadOhm, loadF }: Sensor) => loadOhm * (loadF + PHOTOTRANSISTOR.amplifiedF)

/** From 10 to 90 %. */
export const riseS = (sensor: Sensor) => poleS(sensor) * Math.log(9)

export const highestSymbolRateHz = (sensor: Sensor) => MOST_POLE_OF_SYMBOL / poleS(sensor)

/** Light that makes white WHITE_LEVEL of the supply, which is the ADC's full scale. */
export const whiteLux = ({ loadOhm }: Sensor, supplyV: number) =>
  (WHITE_LEVEL * supplyV) / loadOhm / PHOTOTRANSISTOR.ampsPerLux

/** So many times the light of WHITE_LEVEL saturates it. */
export const saturatingLight = (supplyV: number) =>
  (supplyV - PHOTOTRANSISTOR.saturationV) / (WHITE_LEVEL * supplyV)

/** Peak-to-peak ripple of grey by PWM, as a part of white. */
export const pwmRipple = (sensor: Sensor, frequencyHz: number) =>
  (GREY.ratio * (1 - GREY.ratio)) / frequencyHz / poleS(sensor)

/** Illuminance at a distance on the axis of an LED whose luminous intensity is given at 20 mA. */
export const illuminanceLux = (candela: number, ledA: number, distanceM: number) =>
  (candela * ledA) / 0.02 / distanceM ** 2

// --- USB board -------------------------------------------------------------------------------------------

/** An ATmega328P's pin gives 4.1 V or more at 20 mA (its datasheet, "DC Characteristics"); no least is published. */
const BOARD_PIN_OHM = [0, 45] as const

/** Currents of an LED at a pin of the board through a resistor of 5 %, and what the multimeter shows across that. */
export const boardLedCorners = (kind: LedKind, ohm: number) =>
  corners({
    ...LEDS[kind],
    supplyV: SUPPLY_5V,
    pinOhm: BOARD_PIN_OHM,
    resistorOhm: around(ohm, 0.05),
  }).map(({ supplyV, pinOhm, resistorOhm, ...led }) => {
    const amps = ledA(led, supplyV, pinOhm + resistorOhm)
    return { ledA: amps, resistorV: amps * resistorOhm, supplyV }
  })

// --- LED and sensor, face to face ------------------------------------------------------------------------

/** An LED, by its luminous intensity at 20 mA, in front of a sensor. */
export interface Bench {
  readonly candela: number
  readonly r7: number
  /** Where the LED is, and where the sensor. */
  readonly site: 'USB board' | 'Pi' | "Pi's LED, USB board's sensor"
  /** Of an LED at the USB board. */
  readonly kind?: LedKind
  readonly r4?: number
}

/**
 * White on the ADC at a distance on the axis of the LED, over all that varies in the circuits, with R7 of 5 %; by nominal
 * brightness of the LED, typical sensitivity of the phototransistor, and no other light.
 */
export function whiteLevels(bench: Bench, distanceM: number): readonly [low: number, high: number] {
  const lux = illuminanceLux(bench.candela, 1, distanceM)
  const levels = litCorners(bench).flatMap(({ ledA, fullScaleV }) =>
    around(bench.r7, 0.05).map(
      (loadOhm) => (lux * ledA * PHOTOTRANSISTOR.ampsPerLux * loadOhm) / fullScaleV,
    ),
  )
  return span(levels)
}

/** The distance in steps of 5 mm that puts white into the middle of what is good. */
export function startDistanceM(bench: Bench): number {
  const [low, high] = whiteLevels(bench, 1)
  const [least, most] = LIGHT_LIMITS.white.good
  return Math.round(200 * Math.sqrt(Math.sqrt((low * high) / (least * most)))) / 200
}

/** Currents of the lit LED, each with the voltage of the ADC's full scale. */
function litCorners({ site, kind = 'white, blue, true green', r4 = 330 }: Bench) {
  if (site === 'USB board') {
    return boardLedCorners(kind, r4).map(({ ledA, supplyV }) => ({ ledA, fullScaleV: supplyV }))
  }
  return corners(sinkRanges(SINK)).flatMap((parts) => {
    const { ledA } = sink(parts, 'white')
    const fullScales = site === 'Pi' ? [parts.pinV] : SUPPLY_5V
    return fullScales.map((fullScaleV) => ({ ledA, fullScaleV }))
  })
}
