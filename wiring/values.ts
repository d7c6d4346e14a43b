// The values of wiring.md, as the tables that stand there. `npm run wiring`
import { fileURLToPath } from 'node:url'
import {
  type Bench,
  boardLedCorners,
  corners,
  highestLedV,
  highestSymbolRateHz,
  LEDS,
  type LedKind,
  pairCorners,
  pwmRipple,
  riseS,
  SINK,
  type Sink,
  saturatingLight,
  sink,
  sinkGreyRatio,
  sinkRanges,
  startDistanceM,
  trimmedR6,
  whiteLevels,
  whiteLux,
  whitePinA,
} from './circuits.js'

const LOW: LedKind = 'red, amber, yellow-green'
const HIGH: LedKind = 'white, blue, true green'

/** How a quantity is written: so many of its unit, with so many digits after the point. */
type Unit = { readonly per: number; readonly digits: number; readonly name: string }
const MILLIAMPERES: Unit = { per: 1e3, digits: 1, name: ' mA' }
const VOLTS: Unit = { per: 1, digits: 2, name: ' V' }
const TENTHS_OF_VOLTS: Unit = { per: 1, digits: 1, name: ' V' }
const RATIO: Unit = { per: 1, digits: 2, name: '' }
const FINE_RATIO: Unit = { per: 1, digits: 3, name: '' }

const one = (value: number, { per, digits, name }: Unit) => (per * value).toFixed(digits) + name

/** "2.4 to 5.1 mA": all of them are within it, as the ends are rounded outwards. */
const to = (numbers: readonly number[], { per, digits, name }: Unit): string =>
  `${outwards(per * Math.min(...numbers), digits, Math.floor)} to ${atMost(numbers, { per, digits, name })}`

const atMost = (numbers: readonly number[], { per, digits, name }: Unit): string =>
  outwards(per * Math.max(...numbers), digits, Math.ceil) + name

const outwards = (value: number, digits: number, round: (x: number) => number): string =>
  (round(value * 10 ** digits) / 10 ** digits).toFixed(digits)

const two = (value: number) => String(Number(value.toPrecision(2)))
const ohms = (value: number) => (value < 1000 ? `${value} Ω` : `${value / 1000} kΩ`)
const nF = (farads: number) => `${Math.round(farads * 1e9)} nF`

/** A table in Markdown, its columns made even. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n')
}

/** R5 and R6 are alike; brighter ones need transistors with more gain (least gain: their datasheets'). */
const SINKS = [
  { ohm: 470, transistors: 'BC547, 2N3904', currentGain: 70 },
  { ohm: 330, transistors: 'BC547', currentGain: 110 },
  { ohm: 220, transistors: 'BC547B, BC547C', currentGain: 200 },
]

const rangesOf = (ohm: number, currentGain = 70) => ({
  ...sinkRanges({ r5: ohm, r6: ohm }),
  currentGain: [currentGain, 800] as const,
})

const TRIMS = [0.46, 0.48, 0.5, 0.52, 0.54, 0.56, 0.58, 0.6]
/** Of the E24 series (IEC 60063), what R6 may be trimmed to. */
const E24 = [300, 330, 360, 390, 430, 470, 510, 560, 620, 680]
const nearestE24 = (ohm: number) =>
  E24.reduce((best, value) => (Math.abs(value - ohm) < Math.abs(best - ohm) ? value : best))

/** The sink of the PWM line: R5 and R6 side by side. */
const asOneLine = (parts: Sink): Sink => ({
  ...parts,
  r5: (parts.r5 * parts.r6) / (parts.r5 + parts.r6),
})

/** Of the Pi, and the slowest of the USB board's. */
const PWM_HZ = { pi: 40_000, usbBoard: 31_372 }

const SENSORS = [
  { loadOhm: 4700, loadF: 47e-9 },
  { loadOhm: 10_000, loadF: 22e-9 },
  { loadOhm: 22_000, loadF: 10e-9 },
  { loadOhm: 33_000, loadF: 10e-9 },
  { loadOhm: 47_000, loadF: 10e-9 },
  { loadOhm: 68_000, loadF: 10e-9 },
]

const SITES = ['USB board', 'Pi', "Pi's LED, USB board's sensor"] as const

/** LEDs with what their sensor is loaded with at first. */
const STARTS = [
  { candela: 2, loadOhm: 10_000, loadF: 22e-9 },
  { candela: 5, loadOhm: 4700, loadF: 47e-9 },
  { candela: 20, loadOhm: 4700, loadF: 47e-9 },
]
const brightest = STARTS.at(-1) as (typeof STARTS)[number]

/** R4 for the brightest LED, so that it need not be so far away. */
const DIMMING_OHM = 1500

/** All that wiring.md says to start with. */
export const startBenches = (): Bench[] => [
  ...STARTS.flatMap(({ candela, loadOhm: r7 }) => SITES.map((site) => ({ candela, r7, site }))),
  { candela: brightest.candela, r7: brightest.loadOhm, site: 'USB board', r4: DIMMING_OHM },
]

/** "7 cm (0.38 to 0.81)": the distance, and what white is there. */
function start(bench: Bench): string {
  const distanceM = startDistanceM(bench)
  const [low, high] = whiteLevels(bench, distanceM)
  return `${Number((100 * distanceM).toFixed(1))} cm (${to([low, high], RATIO)})`
}

const boardLedA = (kind: LedKind, ohm: number) => boardLedCorners(kind, ohm).map(({ ledA }) => ledA)

/** The tables of wiring.md by what they show. */
export function tables(): Record<string, string> {
  const all = corners(rangesOf(470))
  const white = all.map((parts) => sink(parts, 'white'))
  const ratiosOf = (...pair: Parameters<typeof pairCorners>) =>
    pairCorners(...pair).map(({ grey, white }) => grey / white)

  return {
    'grey and white of the two lines': table(
      [
        'R5 = R6',
        'transistors',
        'white',
        'grey of white, nominal',
        'over all that varies',
        'LED up to',
      ],
      SINKS.map(({ ohm, transistors, currentGain }) => {
        const ranges = rangesOf(ohm, currentGain)
        const found = corners(ranges)
        return [
          ohms(ohm),
          transistors,
          to(
            found.map((parts) => sink(parts, 'white').ledA),
            MILLIAMPERES,
          ),
          sinkGreyRatio({ ...SINK, r5: ohm, r6: ohm }).toFixed(3),
          to(found.map(sinkGreyRatio), FINE_RATIO),
          `${highestLedV(ranges).toFixed(1)} V`,
        ]
      }),
    ),
    'what the multimeter shows, two lines': table(
      ['lines', 'across R5', 'across R6', 'LED'],
      [
        ['both off', '0 V', '0 V', 'dark'],
        [
          'grey on',
          to(
            all.map((parts) => sink(parts, 'grey').emitterV),
            VOLTS,
          ),
          '0 V',
          'lit',
        ],
        [
          'both on',
          to(
            white.map(({ emitterV }) => emitterV),
            VOLTS,
          ),
          to(
            all.map((parts, i) => (white[i]?.emitterV ?? 0) - parts.saturationV),
            VOLTS,
          ),
          'brighter',
        ],
      ],
    ),
    'what the pins of the Pi give': table(
      ['pin', 'nominal', 'at most'],
      [
        [
          'grey, PWM',
          one(sink(SINK, 'white').pinA, MILLIAMPERES),
          atMost(
            white.map(({ pinA }) => pinA),
            MILLIAMPERES,
          ),
        ],
        ['white', one(whitePinA(SINK), MILLIAMPERES), atMost(all.map(whitePinA), MILLIAMPERES)],
      ],
    ),
    'circuits for two lines': table(
      ['circuit', 'LED', 'grey of white', 'white'],
      [
        [
          '**this one**',
          'any up to 3.3 V',
          to(all.map(sinkGreyRatio), RATIO),
          to(
            white.map(({ ledA }) => ledA),
            MILLIAMPERES,
          ),
        ],
        ...(
          [
            ['bare', LOW, 'a resistor a line, 390 Ω and 1.5 kΩ'],
            ['schottky', LOW, 'a 470 Ω resistor and a Schottky diode a line'],
            ['schottky', HIGH, 'the same'],
            ['switches', LOW, 'a transistor as switch and 680 Ω a line, at 5 V'],
            ['switches', HIGH, 'the same'],
          ] as const
        ).map(([name, kind, circuit]) => [
          circuit,
          kind,
          to(ratiosOf(name, kind), RATIO),
          to(
            pairCorners(name, kind).map((currents) => currents.white),
            MILLIAMPERES,
          ),
        ]),
      ],
    ),
    'trim of R6': table(
      ['grey ratio seen', ...TRIMS.map((seen) => seen.toFixed(2))],
      [['R6', ...TRIMS.map((seen) => ohms(nearestE24(trimmedR6(seen))))]],
    ),
    'what the multimeter shows, PWM line': table(
      ['PWM pin', 'across R5 and R6', 'LED'],
      [
        ['low', '0 V', 'dark'],
        [
          'high',
          to(
            all.map((parts) => sink(asOneLine(parts), 'grey').emitterV),
            VOLTS,
          ),
          `lit, ${to(
            all.map((parts) => sink(asOneLine(parts), 'grey').ledA),
            MILLIAMPERES,
          )}`,
        ],
      ],
    ),
    'LED of the USB board': table(
      ['D1', 'through 330 Ω'],
      (Object.keys(LEDS) as LedKind[]).map((kind) => [
        kind,
        to(boardLedA(kind, 330), MILLIAMPERES),
      ]),
    ),
    'load of the phototransistor': table(
      [
        'R7',
        'C1',
        'light for 0.6, 3.3 V',
        'light for 0.6, 5 V',
        'rise 10-90 %',
        'up to',
        'ripple, Pi PWM',
        'ripple, USB board',
      ],
      SENSORS.map((sensor) => [
        ohms(sensor.loadOhm),
        nF(sensor.loadF),
        `${two(whiteLux(sensor, 3.3))} lx`,
        `${two(whiteLux(sensor, 5))} lx`,
        `${(riseS(sensor) * 1e3).toFixed(2)} ms`,
        `${two(highestSymbolRateHz(sensor))} Hz`,
        `${(pwmRipple(sensor, PWM_HZ.pi) * 100).toFixed(1)} %`,
        `${(pwmRipple(sensor, PWM_HZ.usbBoard) * 100).toFixed(1)} %`,
      ]),
    ),
    'where to start': table(
      ['LED, at its 20 mA', 'R7', 'C1', ...SITES],
      STARTS.map(({ candela, loadOhm, loadF }) => [
        `${candela} cd`,
        ohms(loadOhm),
        nF(loadF),
        ...SITES.map((site) => start({ candela, r7: loadOhm, site })),
      ]),
    ),
  }
}

/** Numbers that stand in sentences of wiring.md, each with as many words as tell what it is. */
export function sentences(): string[] {
  const grey = sink(SINK, 'grey')
  const baseV = (SINK.pinV * SINK.r2) / (SINK.pinOhm + SINK.r1 + SINK.r2)
  const [leastR5, mostR5] = sinkRanges(SINK).r5
  const coneCm = (degrees: number) => (2 * 5 * Math.tan((degrees / 360) * Math.PI)).toFixed(1)
  const { candela, loadOhm } = brightest
  const dimmed: Bench = { candela, r7: loadOhm, site: 'USB board', r4: DIMMING_OHM }
  const saturated = (supplyV: number) => outwards(0.6 * saturatingLight(supplyV), 2, Math.floor)
  const startCm = (r7: number) => 100 * startDistanceM({ candela: 5, r7, site: 'Pi' })
  const startOf = (kind: LedKind) =>
    startDistanceM({ candela: 5, r7: loadOhm, site: 'USB board', kind })
  return [
    `R1 and R2 hold its base at ${baseV.toFixed(1)} V`,
    `R5 gets ${one(grey.emitterV, VOLTS)} and its current is ${(grey.ledA * 1e3).toFixed(0)} mA`,
    `a pin gives up to ${atMost(
      pairCorners('schottky', LOW).map((currents) => currents.grey),
      MILLIAMPERES,
    )}`,
    `${Math.ceil(leastR5)} to ${Math.floor(mostR5)} Ω`,
    `across R4 ${to(
      [LOW, HIGH].flatMap((kind) => boardLedCorners(kind, 330).map(({ resistorV }) => resistorV)),
      TENTHS_OF_VOLTS,
    )}`,
    `${ohms(DIMMING_OHM)} instead of 330 Ω the ${candela} cd LED starts at ${start(dimmed)}`,
    `${(startOf(LOW) / startOf(HIGH)).toFixed(1)} times as far`,
    `22 kΩ wants 5 cd at ${startCm(22_000)} cm, and 68 kΩ at ${startCm(68_000)} cm`,
    `at 5 cm a cone of 30° is ${coneCm(30)} cm wide, one of 15° only ${coneCm(15)} cm`,
    `begins at ${(Math.floor(10 * Math.min(...[3.3, 5].map(saturatingLight))) / 10).toFixed(1)} times the light of 0.6`,
    `white at ${saturated(3.3)} (3.3 V) or ${saturated(5)} (5 V) for saturated`,
    `0 to 1023 (${((3.3 / 1023) * 1e3).toFixed(1)} mV each)`,
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [title, text] of Object.entries(tables())) console.log(`${title}\n\n${text}\n`)
  for (const sentence of sentences()) console.log(sentence)
}
