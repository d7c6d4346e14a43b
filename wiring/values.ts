// The values of wiring.md, as the tables that stand there. `npm run wiring`
import { fileURLToPath } from 'node:url'
import {
  corners,
  highestLedV,
  highestSymbolRateHz,
  illuminanceLux,
  LEDS,
  type LedKind,
  pairCorners,
  pwmRipple,
  resistorA,
  riseS,
  SINK,
  type Sink,
  sink,
  sinkGreyRatio,
  sinkRanges,
  span,
  trimmedR6,
  whiteLux,
  whitePinA,
} from './circuits.js'

const LOW: LedKind = 'red, amber, yellow-green'
const HIGH: LedKind = 'white, blue, true green'

const mA = (amps: number) => `${(amps * 1e3).toFixed(1)} mA`
const volts = (value: number) => `${value.toFixed(2)} V`
const ratio = (value: number) => value.toFixed(2)
const two = (value: number) => String(Number(value.toPrecision(2)))
const ohms = (value: number) => (value < 1000 ? `${value} Ω` : `${value / 1000} kΩ`)
/** "2.7 to 5.0 mA": the unit stands once. */
const to = (numbers: readonly number[], show: (value: number) => string) => {
  const [low, high] = span(numbers)
  return `${show(low).replace(/ .*/, '')} to ${show(high)}`
}

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
            mA,
          ),
          sinkGreyRatio({ ...SINK, r5: ohm, r6: ohm }).toFixed(3),
          to(found.map(sinkGreyRatio), (value) => value.toFixed(3)),
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
            volts,
          ),
          '0 V',
          'lit',
        ],
        [
          'both on',
          to(
            white.map(({ emitterV }) => emitterV),
            volts,
          ),
          to(
            all.map((parts, i) => (white[i]?.emitterV ?? 0) - parts.saturationV),
            volts,
          ),
          'brighter',
        ],
        ['white on', '0 V', '0 V', 'dark'],
      ],
    ),
    'what the pins of the Pi give': table(
      ['pin', 'nominal', 'at most'],
      [
        ['grey, PWM', mA(sink(SINK, 'white').pinA), mA(Math.max(...white.map(({ pinA }) => pinA)))],
        ['white', mA(whitePinA(SINK)), mA(Math.max(...all.map(whitePinA)))],
      ],
    ),
    'circuits for two lines': table(
      ['circuit', 'LED', 'grey of white', 'white'],
      [
        [
          '**this one**',
          'any up to 3.3 V',
          to(all.map(sinkGreyRatio), ratio),
          to(
            white.map(({ ledA }) => ledA),
            mA,
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
          to(ratiosOf(name, kind), ratio),
          to(
            pairCorners(name, kind).map((currents) => currents.white),
            mA,
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
            volts,
          ),
          `lit, ${to(
            all.map((parts) => sink(asOneLine(parts), 'grey').ledA),
            mA,
          )}`,
        ],
      ],
    ),
    'LED of the USB board': table(
      ['D1', 'through 330 Ω'],
      (Object.keys(LEDS) as LedKind[]).map((kind) => [kind, to(resistorA(kind, 330), mA)]),
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
        `${Math.round(sensor.loadF * 1e9)} nF`,
        `${two(whiteLux(sensor, 3.3))} lx`,
        `${two(whiteLux(sensor, 5))} lx`,
        `${(riseS(sensor) * 1e3).toFixed(2)} ms`,
        `${two(highestSymbolRateHz(sensor))} Hz`,
        `${(pwmRipple(sensor, PWM_HZ.pi) * 100).toFixed(1)} %`,
        `${(pwmRipple(sensor, PWM_HZ.usbBoard) * 100).toFixed(1)} %`,
      ]),
    ),
    'light of an LED': table(
      ['LED, at its 20 mA', ...[3, 5, 10, 20].map((cm) => `at ${cm} cm`)],
      [0.05, 0.5, 5].map((candela) => [
        candela < 1 ? `${candela * 1000} mcd` : `${candela} cd`,
        ...[3, 5, 10, 20].map(
          (cm) => `${two(illuminanceLux(candela, sink(SINK, 'white').ledA, cm / 100))} lx`,
        ),
      ]),
    ),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [title, text] of Object.entries(tables())) console.log(`${title}\n\n${text}\n`)
}
