import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AimVerdict, judgeAim } from '../../src/bench/aiming.js'
import { checkLight } from '../../src/bench/check-light.js'
import {
  type Band,
  grade,
  LEAST_CHANGE,
  LIGHT_LIMITS,
  READABLE_GREY,
} from '../../src/light/limits.js'
import { BLACK, GREY, WHITE } from '../../src/modulation/index.js'
import type { ReceivedMessage } from '../../src/receiver/index.js'
import { advise } from '../../src/receiver/judge/advice.js'
import { NO_UNCERTAINTY } from '../../src/receiver/judge/quality.js'
import { message, randomPacket, receivedMessage } from '../helpers/receive.js'

const pageOf = (name: string): string =>
  readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')

const BANDS: readonly [string, Band][] = Object.entries(LIGHT_LIMITS)

describe.each(BANDS)('%s', (_, band) => {
  const [leastGood, mostGood] = band.good
  const [least, most] = band.marginal
  const beyond = (bound: number, step: number) => bound + step * 1e-9

  test('is good up to its bounds', () => {
    expect([leastGood, mostGood].map((value) => grade(band, value))).toEqual(['good', 'good'])
  })

  test('is marginal just beyond them, up to the bounds of that', () => {
    expect([least, most].map((value) => grade(band, value))).not.toContain('bad')
    if (least < leastGood) expect(grade(band, beyond(leastGood, -1))).toBe('marginal')
    if (most > mostGood) expect(grade(band, beyond(mostGood, 1))).toBe('marginal')
  })

  test('is bad beyond those', () => {
    expect(grade(band, beyond(least, -1))).toBe('bad')
    if (most < Infinity) expect(grade(band, beyond(most, 1))).toBe('bad')
    expect(grade(band, Number.NaN)).toBe('bad')
  })
})

test('docs/receiver.md has this table', () => {
  const range = ([least, most]: Band['good']) =>
    most === Infinity ? `${least} or more` : `${least} to ${most}`
  const rows = BANDS.map(
    ([name, { unit, good, marginal, source }]) =>
      `| \`${name}\` | ${unit} | ${range(good)} | ${range(marginal)} | ${source} |\n`,
  )
  const page = pageOf('docs/receiver.md')
  expect(page).toContain(
    `| figure | measured as | good | marginal | from |\n|---|---|---|---|---|\n${rows.join('')}`,
  )
  const [dark, bright] = READABLE_GREY
  expect(page).toContain(`grey below ${dark} or above ${bright} of white`)
  expect(page).toContain(`less than ${LEAST_CHANGE.ofSamples} of full scale`)
  expect(page).toContain(`means, that is ${LEAST_CHANGE.ofMeans}.`)
})

test('wiring.md says the same of what aim shows', () => {
  const page = pageOf('wiring.md')
  const { white, swing, black, greyRatio } = LIGHT_LIMITS
  const rows = [
    ['the bar', `white ${white.good.join(' to ')}, best`],
    ['swing', `${swing.good[0]} or more with white`],
    ['black', `below ${black.good[1]}`],
    ['grey ratio', `${greyRatio.good.join(' to ')}, and ${greyRatio.marginal.join(' to ')} can be`],
  ] as const
  for (const [name, good] of rows) {
    expect(page.split('\n').find((line) => line.startsWith(`| ${name} `))).toContain(`| ${good}`)
  }
})

type Worst = 'good' | 'marginal' | 'bad'
interface Light {
  readonly black: number
  readonly grey: number
  readonly white: number
  /** Peak to peak. */
  readonly flicker: number
}

const GOOD_VERDICTS: readonly AimVerdict[] = ['good', 'dark']
/** What is never said of light that can be used. */
const BAD_VERDICTS: readonly AimVerdict[] = [
  'waiting',
  'no-light',
  'too-dark',
  'too-bright',
  'blinded',
  'grey-dark',
  'grey-bright',
]
const ofAll = (parts: readonly Worst[]): Worst =>
  parts.includes('bad') ? 'bad' : parts.includes('marginal') ? 'marginal' : 'good'

function byDoctor({ black, grey, white, flicker }: Light): Worst {
  const greyRatio = (grey - black) / (white - black)
  const found = checkLight({ black, grey, white, flicker, greyRatio })
  const grades = { ok: 'good', warning: 'marginal', failure: 'bad' } as const
  return ofAll(found.map(({ status }) => grades[status]))
}

/** What aim says of the three levels, one after another. */
function byAim({ black, grey, white, flicker }: Light): Worst {
  const verdicts = ([BLACK, GREY, WHITE] as const).map((held) => {
    const level = { [BLACK]: black, [GREY]: grey, [WHITE]: white }[held]
    const now = { level, low: level - flicker / 2, high: level + flicker / 2 }
    return judgeAim({ held, now, black, grey, white })
  })
  return ofAll(
    verdicts.map((verdict) =>
      GOOD_VERDICTS.includes(verdict)
        ? 'good'
        : BAD_VERDICTS.includes(verdict)
          ? 'bad'
          : 'marginal',
    ),
  )
}

const RECEIVED = receivedMessage(message(randomPacket(1)))

function advised(change: Partial<ReceivedMessage>): string {
  return advise(
    { ...RECEIVED, ...change },
    { isCutOff: false, sampleS: 0.001, isFullScaleKnown: true },
  )
}

/** Whether the advice for a message that was read in such light has nothing to change. */
function isGoodByAdvice({ black, grey, white, flicker }: Light): boolean {
  const swing = Math.abs(white - black)
  const quality = {
    ...RECEIVED.quality,
    swing,
    // Doctor and aim take levels as certain.
    uncertainty: NO_UNCERTAINTY,
    flicker: flicker > 0 ? { frequencyHz: 100, peak: flicker / 2 } : null,
  }
  return advised({ levels: { black, grey, white }, quality }).startsWith('The light is good')
}

describe('all parts agree', () => {
  // Most of them near a bound, where parts of a program would differ.
  const near = (bounds: readonly number[]) =>
    fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc
        .tuple(fc.constantFrom(...bounds), fc.constantFrom(-1e-6, 1e-6))
        .map(([bound, step]) => Math.min(1, Math.max(0, bound + step))),
    )
  const { white, black, greyRatio, flicker } = LIGHT_LIMITS
  const light = fc
    .record({
      black: near([...black.good, ...black.marginal, 0.05]),
      white: near([...white.good, ...white.marginal]),
      weak: fc.option(near(LIGHT_LIMITS.swing.good), { freq: 5 }),
      ratio: near([...greyRatio.good, ...greyRatio.marginal]),
      flickerPart: fc.oneof(
        fc.constant(0),
        near(flicker.good),
        fc.double({ min: 0, max: 3, noNaN: true }),
      ),
      isInverting: fc.boolean(),
    })
    .map(({ black, white, weak, ratio, flickerPart, isInverting }) => {
      const lit = weak === null ? white : Math.min(1, black + weak)
      const grey = black + ratio * (lit - black)
      const turned = (level: number) => (isInverting ? 1 - level : level)
      return {
        black: turned(black),
        grey: turned(grey),
        white: turned(lit),
        flicker: flickerPart * Math.abs(lit - black),
      }
    })

  test('whether levels are good, and none calls good what another calls bad', () => {
    const seen = new Set<Worst>()
    fc.assert(
      fc.property(light, (levels) => {
        const doctor = byDoctor(levels)
        const aim = byAim(levels)
        seen.add(doctor)
        expect(aim === 'good').toBe(doctor === 'good')
        if (doctor === 'marginal') expect(aim).toBe('marginal')
        // Levels that are read well are none of its concern, as a file need not tell its full scale.
        if (doctor !== 'marginal') expect(isGoodByAdvice(levels)).toBe(doctor === 'good')
      }),
      { numRuns: 5000 },
    )
    expect(seen).toEqual(new Set(['good', 'marginal', 'bad']))
  })

  const { quality, symbolRateHz } = RECEIVED
  const swing = 0.6
  const adviceAt: readonly [keyof typeof LIGHT_LIMITS, (value: number) => string][] = [
    ['snrDb', (snrDb) => advised({ quality: { ...quality, snrDb } })],
    [
      'timeConstant',
      (symbols) => advised({ quality: { ...quality, timeConstantS: symbols / symbolRateHz } }),
    ],
    [
      'flicker',
      (part) => {
        const flicker = { frequencyHz: 100, peak: (part * swing) / 2 }
        return advised({ quality: { ...quality, swing, flicker } })
      },
    ],
    [
      'greyRatio',
      (ratio) => advised({ levels: { black: 0.1, grey: 0.1 + ratio * swing, white: 0.1 + swing } }),
    ],
    ['swing', (part) => advised({ quality: { ...quality, swing: part } })],
  ]
  test.each(adviceAt)(
    'on %s, of which advice says what to change where it is not good',
    (name, adviceFor) => {
      for (const bound of LIGHT_LIMITS[name].good) {
        if (bound === 0 || bound === 1 || bound === Infinity) continue // beyond them is nothing
        for (const value of [bound - 1e-6, bound + 1e-6]) {
          const isGood = adviceFor(value).startsWith('The light is good')
          expect(isGood, `${value}`).toBe(grade(LIGHT_LIMITS[name], value) === 'good')
        }
      }
    },
  )

  test('on too few samples, where a message failed', () => {
    const { packet, greyRatio, config: _, ...seen } = RECEIVED
    const failed = { ...seen, kind: 'bad-packet', reason: 'crc', packetBits: 100 }
    const adviceFor = (samples: number) =>
      advise({ ...failed, packet, greyRatio } as never, {
        isFullScaleKnown: true,
        isCutOff: false,
        sampleS: 1 / (samples * symbolRateHz),
      })
    const [least] = LIGHT_LIMITS.samplesPerSymbol.marginal
    expect(adviceFor(least - 1e-6)).toContain('samples a symbol: take three or more')
    expect(adviceFor(least + 1e-6)).not.toContain('samples a symbol')
  })
})
