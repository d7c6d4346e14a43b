import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type Channel as Light, simulateChannel } from '../../src/channel/index.js'
import { modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import { ChannelTrial, type Taken } from '../../src/recording/channel-trial.js'
import type { Measured } from '../../src/recording/ranging.js'
import type { Channel, ValueBlock } from '../../src/recording/recording.js'
import { damaged } from '../helpers/receive.js'

const PACKET = encodePacket({ ssid: 'net' })
const GOOD = modulate(PACKET).levels
const BAD = modulate(damaged(PACKET)).levels
const NONE: ArrayLike<number> = []
const RATE_HZ = 600
const ROWS = 18_000

const ofKind = (kind: Channel['kind'], n: number): Channel => ({
  name: `${kind} ${n + 1}`,
  unit: kind === 'analog' ? 'V' : null,
  kind,
  fullScale: null,
})

/** Light from a time on, in volts: dark before and after it. */
function light(
  symbols: ArrayLike<number>,
  startS: number,
  path: Partial<Light> = {},
): Float64Array {
  const { levels } = simulateChannel(symbols, {
    sampleRateHz: RATE_HZ,
    beforeS: startS,
    noiseRms: 0.002,
    afterS: ROWS / RATE_HZ,
    ...path,
  })
  return levels.slice(0, ROWS)
}

const twice = (one: Float64Array, other: Float64Array): Float64Array =>
  one.map((level, n) => Math.max(level, other[n] as number))

const TIMES_S = Float64Array.from({ length: ROWS }, (_, n) => n / RATE_HZ)

interface Tried {
  readonly index: number
  readonly found: readonly Measured[]
  readonly rows: number
}

/** What a trial takes, and what is found in all of it. */
function tried(
  values: readonly Float64Array[],
  { kinds = [] as Channel['kind'][], sizes = [ROWS], groups = [values.length] } = {},
): Tried {
  const channels = values.map((_, n) => ofKind(kinds[n] ?? 'analog', n))
  const trial = new ChannelTrial(channels, undefined, {}, true)
  let taken: Taken | null = null
  const found: Measured[] = []
  let rows = 0
  const readOn = (block: ValueBlock): void => {
    const own = taken && block.values[taken.index - block.firstChannel]
    if (!taken || !own) return
    rows += own.length
    found.push(...taken.ranging.push(block.timesS, own))
  }
  const take = (now: Taken): void => {
    taken = now
    found.push(...now.found)
    rows += now.samples.reduce((sum, { timesS }) => sum + timesS.length, 0)
    for (const block of now.rest) readOn(block)
  }
  for (let at = 0, n = 0; at < ROWS; n++) {
    const end = at + (sizes[Math.min(n, sizes.length - 1)] as number)
    let firstChannel = 0
    for (const count of groups) {
      const own = values.slice(firstChannel, firstChannel + count)
      const block = {
        firstChannel,
        timesS: TIMES_S.subarray(at, end),
        values: own.map((all) => all.subarray(at, end)),
      }
      const now = taken ? readOn(block) : trial.push(block)
      if (now) take(now)
      firstChannel += count
    }
    at = end
  }
  if (!taken) take(trial.end(false))
  else found.push(...(taken as Taken).ranging.end())
  return { index: (taken as unknown as Taken).index, found, rows }
}

const dark = light(NONE, 0)
const early = light(GOOD, 4)
const late = light(GOOD, 16)

describe('the channel with the first message is taken', () => {
  it.each<[string, Float64Array[], number]>([
    ['the only one with light', [dark, early], 1],
    ['the earlier one', [late, early], 1],
    ['the first of two at the same time', [dark, early, early], 1],
    ['a message after many failures', [light(BAD, 4), late], 1],
  ])('%s', (_, values, index) => {
    const whole = tried(values)
    expect(whole).toMatchObject({ index, rows: ROWS })
    expect(whole.found).toMatchObject([{ kind: 'message', packet: PACKET }])
  })

  it('with all its receptions, the failures before its message, too', () => {
    const { index, found } = tried([dark, twice(light(BAD, 3), late)])
    expect(index).toBe(1)
    expect(found).toMatchObject([{ kind: 'bad-packet' }, { kind: 'message' }])
  })

  it('however the rows are cut, and whichever channels come together', () => {
    const values = [late, dark, early, early]
    const whole = tried(values)
    expect(whole.index).toBe(2)
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 100, max: 9000 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom<number[]>([4], [2, 2], [1, 1, 1, 1]),
        (sizes, groups) => {
          expect(tried(values, { sizes, groups })).toEqual(whole)
        },
      ),
      { numRuns: 12 },
    )
  })
})

describe('without a message the channel is taken that is nearest to one', () => {
  const sync = light(GOOD.slice(0, 30), 4)
  const lost = light(GOOD.slice(0, 120), 4)
  const steady = light([2, 2, 2, 2], 4)

  it.each<[string, Float64Array[], Channel['kind'][], number]>([
    ['a packet that is wrong', [lost, light(BAD, 4), sync], [], 1],
    ['one that broke off', [sync, lost], [], 1],
    ['a sync', [steady, sync], [], 1],
    ['analog ones first', [steady, steady], ['logic', 'analog'], 1],
    ['or else the first one', [steady, steady], [], 0],
  ])('%s', (_, values, kinds, index) => {
    const { found, ...taken } = tried(values, { kinds })
    expect(taken).toEqual({ index, rows: ROWS })
    expect(found.every((reception) => 'reason' in reception)).toBe(true)
    expect(found.length).toBeGreaterThan(0)
  })
})

test('of too many channels one has to be named', () => {
  const channels = Array.from({ length: 65 }, (_, n) => ofKind('logic', n))
  expect(() => new ChannelTrial(channels, undefined, {}, false)).toThrow(
    /^there are 65 channels: say which one shows the light, of logic 1, .*, logic 32 and 33 more$/,
  )
})
