import { expect, test } from 'vitest'
import { seededRandom, simulateChannel } from '../../../src/channel/index.js'
import { modulate } from '../../../src/modulation/index.js'
import { Receiver } from '../../../src/receiver/index.js'
import { randomPacket, receive, receivedMessage } from '../../helpers/receive.js'
import { expectAllReceived } from './received.js'

// Perfect with whatever shows each level for long enough to be seen, in good light: symbols late by up to 0.3, periods that
// differ by 0.4 (rms), a tenth of the frames too many or too few, and lengths from 0.2 to 20 symbols in any order.

test.each([0.1, 0.2, 0.3])('symbols late by up to %f', (symbolJitter) => {
  expectAllReceived({ symbolJitter })
})
test.each([0.005, 0.1])('%f of the symbols a frame longer', (repeatedFrames) => {
  expectAllReceived({ framesPerSymbol: 2, repeatedFrames })
})
test.each([0.02, 0.1])('%f of the symbols a frame shorter', (droppedFrames) => {
  expectAllReceived({ framesPerSymbol: 2, droppedFrames })
})
test.each([0.002, 0.1])('%f of the symbols twice as long', (repeatedFrames) => {
  expectAllReceived({ framesPerSymbol: 1, repeatedFrames })
})
test.each([0.1, 0.25, 0.4])('each period off by %f, which adds up', (periodJitter) => {
  expectAllReceived({ periodJitter })
})
test.each([
  { shortestSymbol: 0.2, longestSymbol: 20 },
  { shortestSymbol: 0.5, longestSymbol: 5, noiseRms: 0.03, swing: 0.4, black: 0.3 },
  { shortestSymbol: 0.5, longestSymbol: 5, riseSymbols: 0.2, fallSymbols: 0.2 },
])('lengths of any size: %o', (lengths) => expectAllReceived(lengths))

test('says that the times are uneven, and tells by how much', () => {
  const { symbols, sentS } = busyScreen(1)
  const reception = receivedMessage(seenOf(symbols))
  expect(reception.advice).toMatch(/uneven times/)
  expect(reception.symbolRateHz).toBeCloseTo(2 * (bitsOf(1) / sentS), 0)
  expect(reception.timingSpread.rmsS).toBeGreaterThan(0.01)
})

test.each([1, 2, 3, 4, 5])('a screen of a busy computer, sending %i', (seed) => {
  expect(receive(seenOf(busyScreen(seed).symbols))).toMatchObject([
    { kind: 'message', packet: randomPacket(seed) },
  ])
})

test.each([1, 2, 3, 4])(
  'a clock that is lost in the middle: then edges tell all bits, sending %i',
  (seed) => {
    const random = seededRandom(seed)
    const { levels } = modulate(randomPacket(seed))
    const ms = (n: number): number => (n < levels.length / 2 ? 17 : 10 + Math.floor(50 * random()))
    const symbols = Array.from(levels).flatMap((level, n) => new Array<number>(ms(n)).fill(level))
    const receiver = new Receiver({ trace: true })
    const receptions = [...receiver.push(seenOf(symbols)), ...receiver.end()]
    expect(receptions).toMatchObject([{ kind: 'message', packet: randomPacket(seed) }])
    const reported = receptions[0]?.trace?.filter(({ verdict }) => verdict === 'reported')
    expect(reported).toMatchObject([{ cutBy: 'edges' }])
  },
)

test('a failure is reported once the light has been dark for 20 symbols', () => {
  const symbols = busyScreen(1).symbols
  expect(receive(seenOf(symbols.slice(0, symbols.length >> 1)))).toMatchObject([
    { kind: 'bad-packet', reason: 'lost-symbol' },
  ])
})

const bitsOf = (seed: number): number => modulate(randomPacket(seed)).levels.length / 2

/** A symbol for each ms of a screen that should show each symbol of a message for 33 ms. */
function busyScreen(seed: number) {
  const random = seededRandom(seed)
  const symbols = Array.from(modulate(randomPacket(seed)).levels).flatMap((level) => {
    const kind = random()
    const [least, most] = kind < 0.02 ? [6, 14] : kind < 0.06 ? [50, 500] : [20, 46]
    return new Array<number>(Math.round(least + random() * (most - least))).fill(level)
  })
  return { symbols, sentS: symbols.length / 1000 }
}

const seenOf = (symbols: readonly number[]) =>
  simulateChannel(symbols, {
    symbolRateHz: 1000,
    riseSymbols: 4,
    fallSymbols: 4,
    greyRatio: 0.5,
    noiseRms: 0.007,
    beforeS: 0.5,
    afterS: 0.7,
  })
