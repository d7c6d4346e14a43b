import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BoardClock, disagreementS } from '../../../src/rig/bridge/board-clock.js'
import { greet } from '../../../src/rig/bridge/identity.js'
import { Link } from '../../../src/rig/bridge/link.js'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { openPort } from '../../../src/rig/bridge/port.js'
import { HostileBench } from './hostile/bench.js'
import type { Lie } from './hostile/lies.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }
const at = (timeS: number, fromS: number, toS = fromS) => ({ timeS, fromS, toS })

describe('what has passed on a clock between two readings', () => {
  test.each([
    [10, 10, 0],
    [10.2, 10, 0], // within 2 %
    [9.8, 10, 0],
    [20, 10, 9.795],
    [5, 10, -4.795],
    [0.004, 0, 0],
    [-1, 0, -0.995],
    [-10.2, -10, 0], // an earlier moment that is told later
    [-11, -10, -0.795],
  ])('%f s on the board in %f s here', (boardS, hostS, expected) => {
    expect(disagreementS(at(100, 50), at(100 + boardS, 50 + hostS))).toBeCloseTo(expected, 9)
  })

  test('what is not known of the readings is in favour of the board', () => {
    expect(disagreementS(at(0, 0, 1), at(10.2, 9, 10))).toBe(0)
    expect(disagreementS(at(0, 0, 1), at(8.85, 10, 11))).toBe(0)
    expect(disagreementS(at(0, 0), at(5, Number.NEGATIVE_INFINITY, 9))).toBe(0) // it may have been long ago
    expect(disagreementS(at(0, 0), at(11, Number.NEGATIVE_INFINITY, 9))).toBeGreaterThan(0)
  })

  test('an honest board with a ceramic resonator is never refused, one that is 10 % off is at once', () => {
    const seconds = (max: number) => fc.double({ min: 0, max, noNaN: true })
    fc.assert(
      fc.property(
        seconds(40_000),
        seconds(1),
        seconds(3),
        fc.double({ min: -0.005, max: 0.005, noNaN: true }),
        (passedS, part, widthS, rate) => {
          const earlier = at(0, -part * widthS, (1 - part) * widthS)
          const later = at(
            passedS * (1 + rate),
            passedS - part * widthS,
            passedS + (1 - part) * widthS,
          )
          expect(disagreementS(earlier, later)).toBe(0)
        },
      ),
    )
    for (const rate of [0.9, 1.1]) {
      expect(disagreementS(at(0, 0, 0.01), at(rate, 1, 1.01))).not.toBe(0)
    }
  })
})

/** A board's clock by the real link, on virtual time. */
async function openClock(times: number) {
  const { time, cable } = new HostileBench([{ lie: 'clock', of: 'everything', times }])
  const link = new Link(await openPort('hostile', cable.binding), time)
  const { opened } = await greet(link, undefined)
  return { time, link, clock: new BoardClock(link, opened), openedS: opened.toS }
}

describe.each([1.005, 1, 0.995])('a board %f times as fast as it says', (times) => {
  test('counts its time on for a shift, by itself, and its rate is known', async () => {
    const { time, link, clock, openedS } = await openClock(times)
    const HOURS = 9
    while (time.nowMs() < HOURS * 3600e3) {
      const { now } = await clock.ask()
      const hostS = time.nowMs() / 1000 - openedS
      expect(Math.abs(clock.secondsAt(now) - times * hostS)).toBeLessThan(0.05)
      await time.sleep(100e3) // it wraps every 268 s
    }
    for (let s = 0; s < 90; s++) {
      await clock.ask()
      await time.sleep(1000)
    }
    const map = await clock.toHost()
    expect(map.rateUncertainty).toBeLessThan(0.0005)
    expect(Math.abs(map.rate - 1 / times)).toBeLessThan(map.rateUncertainty)
    const boardS = clock.secondsAt((await clock.ask()).now)
    const offS = map.at(boardS, clock.id) - time.nowMs() / 1000
    expect(Math.abs(offS)).toBeLessThan(map.uncertaintyS(boardS) + 0.02) // as the answer came later
    await link.close()
    time.stop()
  })
})

test('soon after opening the rate is known by the nominal one', async () => {
  const { time, link, clock } = await openClock(1)
  const map = await clock.toHost()
  expect(Math.abs(map.rate - 1)).toBeLessThanOrEqual(map.rateUncertainty)
  expect(map.rateUncertainty).toBeLessThan(0.05)
  await link.close()
  time.stop()
})

test('a clock that has not been read for half a round is not guessed at', async () => {
  const { time, link, clock } = await openClock(1)
  await time.sleep(140e3)
  await expect(clock.ask()).rejects.toMatchObject({
    code: 'damaged',
    message: expect.stringContaining('has not been read for too long'),
  })
  await link.close()
  time.stop()
})

test.each([
  ['sleeps', -0.25, 'behind'], // less than 2 % of the time since opening,
  ['hurries', 0.25, 'ahead of'],
])('a board whose clock %s is lost at once', async (_, leapS, how) => {
  const leap: Lie = {
    lie: 'field',
    topic: 'status',
    field: 'now',
    from: 100,
    value: { plus: leapS * 16e6 },
  }
  const { time, cable } = new HostileBench([leap])
  const bridge = await openBridge('hostile', OPTIONS, cable.binding, time)
  await time.sleep(15e3)
  expect(bridge.lost.aborted).toBe(false)
  await time.sleep(10e3)
  expect(bridge.lost.reason).toMatchObject({
    code: 'damaged',
    message: expect.stringContaining(`s ${how} this computer's`),
  })
  await bridge[Symbol.asyncDispose]()
  time.stop()
})
