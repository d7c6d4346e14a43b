import { expect, test } from 'vitest'
import { VERDICT_FAILURES, type VerdictFailure } from '../../src/bench/verdict.js'
import type { Channel } from '../../src/channel/index.js'
import { formatRows, lightFigures, receptionRows } from '../../src/cli/reception.js'
import { decodePacket, encodePacket } from '../../src/packet/index.js'
import { RECEPTION_FAILURES, type Reception } from '../../src/receiver/index.js'
import { message, receive } from '../helpers/receive.js'

const PASSWORD = 'hunter2 hunter2'
const PACKET = encodePacket({ ssid: 'net', password: PASSWORD })
const SYMBOLS = { kind: 'symbols', packet: PACKET, config: decodePacket(PACKET) } as const

const receptionOf = (path: Partial<Channel> = {}): Reception =>
  receive(message(PACKET, path))[0] as Reception

const rowsOf = (reception: Reception): Record<string, string | null> =>
  Object.fromEntries(receptionRows(reception))

test('the rows of good light leave out what was not found', () => {
  expect(rowsOf(receptionOf({ noiseRms: 0.01 }))).toEqual({
    levels: expect.stringMatching(
      /^black 0\.\d{3}, grey 0\.\d{3}, white 0\.\d{3}, swing 0\.(59|60)\d( ± 0\.00\d)? of full scale; grey ratio 0\.5[12]\d( ± 0\.00\d)?$/,
    ),
    'symbol rate': expect.stringMatching(
      /^(59\.9|60\.0)\d\d ± 0\.00\d Hz; edges \d\.\d{3} ms rms off their grid, \d\.\d{3} ms at most$/,
    ),
    noise: expect.stringMatching(/^\d\d\.\d ± \d\.\d dB below half the step from grey to white$/),
    eye: expect.stringMatching(/^\d\d % high, \d\d % wide$/),
    'weakest bit': expect.stringMatching(/^\d+, \d\d % of its margin$/),
    flicker: null,
    sensor: null,
    clipped: null,
    advice: 'The light is good: nothing needs to be changed.',
  })
})

test.each<[string, Partial<Channel>, RegExp]>([
  [
    'flicker',
    { flicker: 0.3, swing: 0.3, black: 0.3, beforeS: 1 },
    /^100 Hz, peak 0\.09\d ± 0\.01\d of full/,
  ],
  ['clipped', { swing: 1, black: 0.2, greyRatio: 0.6 }, /^high$/],
  ['clipped', { swing: 1.2, black: -0.1, greyRatio: 0.6 }, /^low and high$/],
  ['sensor', { riseSymbols: 0.2, fallSymbols: 0.2 }, /^time constant 3\.\d\d ± 0\.\d\d ms$/],
  ['sensor', { riseSymbols: 0.5, fallSymbols: 0.5 }, /^time constant at least \d\.\d\d ms$/],
])('%s is told when it is found: %j', (label, path, text) => {
  expect(rowsOf(receptionOf(path))[label]).toMatch(text)
})

test('light without a sync has levels, and says that there was none', () => {
  const [dark] = receive({ timesS: Float64Array.of(0, 1), levels: Float64Array.of(0.1, 0.1) })
  expect(rowsOf(dark as Reception)).toMatchObject({
    levels: 'black 0.100, grey not seen, white not seen, swing 0.000 of full scale',
    'symbol rate': 'no sync was seen',
    noise: null,
    eye: null,
    'weakest bit': null,
  })
})

test('symbols, which were not measured, have no rows', () => {
  expect(formatRows(receptionRows(SYMBOLS))).toEqual([])
})

test.each(Object.keys(VERDICT_FAILURES) as VerdictFailure[])(
  'on %s the advice is given once',
  (reason) => {
    const adviceOf = (advice: string) =>
      Object.fromEntries(receptionRows({ ...receptionOf(), advice }, reason)).advice
    expect(adviceOf(VERDICT_FAILURES[reason])).toBeNull()
    expect(adviceOf('Another.')).toBe('Another.')
  },
)

test('a failure that was received has its own sentence once', () => {
  const [failed] = receive(message(PACKET.with(-1, 0xff ^ (PACKET.at(-1) ?? 0))))
  const same = { ...failed, advice: RECEPTION_FAILURES.crc } as Reception
  expect(failed).toMatchObject({ reason: 'crc' })
  expect(rowsOf(same).advice).toBeNull()
  expect(lightFigures(same).advice).toBe(RECEPTION_FAILURES.crc)
})
