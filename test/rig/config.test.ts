import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { completeConfig, PHOTODIODES, RIG_KINDS, RIGS } from '../../src/rig/config.js'
import { RigError } from '../../src/rig/errors.js'
import { checkRig, listRigs, openRig } from '../../src/rig/open.js'

const GPIO = { kind: 'gpio', whiteLine: 17, greyLine: 27 } as const
const PWM = { kind: 'pwm', pin: 18 } as const

describe('a configuration', () => {
  test('gets the defaults of its kind', () => {
    const levels = { greyRatio: 0.52, brightness: 1 }
    expect(completeConfig({ kind: 'emulated' })).toEqual({
      kind: 'emulated',
      ...levels,
      sampleRateHz: 1000,
      realTime: false,
    })
    expect(completeConfig({ kind: 'bridge', port: 'line-7', greyRatio: 0.4 })).toEqual({
      kind: 'bridge',
      port: 'line-7',
      ...levels,
      greyRatio: 0.4,
      sampleRateHz: 1000,
    })
    expect(completeConfig({ kind: 'bridge', photodiode: { kind: 'bridge' } })).toEqual({
      kind: 'bridge',
      ...levels,
      sampleRateHz: 1000,
      photodiode: { kind: 'bridge', sampleRateHz: 1000 },
    })
    expect(completeConfig({ ...GPIO, photodiode: { kind: 'adc' } })).toEqual({
      ...GPIO,
      activeLow: false,
      photodiode: { kind: 'adc', channel: 0, sampleRateHz: 1000 },
    })
    expect(completeConfig({ ...PWM, photodiode: { kind: 'bridge' } })).toEqual({
      ...PWM,
      ...levels,
      photodiode: { kind: 'bridge', sampleRateHz: 1000 },
    })
  })

  test.each([
    [undefined, 'kind must be one of emulated, bridge, gpio, pwm'],
    [{ rig: 'emulated' }, 'kind must be one of emulated, bridge, gpio, pwm'],
    [{ kind: 'constructor' }, 'kind must be one of emulated, bridge, gpio, pwm'],
    [{ kind: 'emulated', brightness: -1 }, 'brightness must be a number from 0.1 to 1'],
    [{ kind: 'emulated', brightness: Number.NaN }, 'brightness must be a number from 0.1 to 1'],
    [{ kind: 'bridge', greyRatio: '0.5' }, 'greyRatio must be a number from 0.05 to 0.95'],
    [{ kind: 'bridge', sampleRateHz: Infinity }, 'sampleRateHz must be a number from 250 to 9000'],
    [{ kind: 'bridge', port: '' }, 'port must be the name of a serial port'],
    [{ kind: 'bridge', prot: 'COM3' }, 'prot is not a setting of kind bridge: leave it out'],
    [{ kind: 'gpio' }, 'whiteLine must be a BCM number from 2 to 27'],
    [{ ...GPIO, greyLine: 17 }, 'the white line and the grey line must be different'],
    [{ ...GPIO, greyRatio: 0.5 }, 'greyRatio is not a setting of kind gpio: leave it out'],
    [{ ...GPIO, activeLow: 1 }, 'activeLow must be true or false'],
    [{ ...PWM, pin: 17 }, 'pin must be one of 12, 13, 18, 19'],
    [{ ...PWM, photodiode: 'adc' }, 'photodiode must be an object with a kind'],
    [{ ...PWM, photodiode: [] }, 'photodiode must be an object with a kind'],
    [{ ...PWM, photodiode: { kind: 'eye' } }, 'photodiode.kind must be bridge or adc'],
    [
      { ...PWM, photodiode: { kind: 'adc', channel: 8 } },
      'photodiode.channel must be a number from 0 to 7',
    ],
    [
      { ...PWM, photodiode: { kind: 'adc', port: 'COM3' } },
      'photodiode.port is not a setting of kind adc: leave it out',
    ],
  ])('%j is refused before anything is opened: %s', async (config, fault) => {
    await expect(openRig(config as never)).rejects.toMatchObject({
      name: 'RigError',
      code: 'misconfigured',
      message: `the rig's configuration is wrong: ${fault}`,
    })
    await expect(checkRig(config as never)).rejects.toMatchObject({ code: 'misconfigured' })
  })

  const SETTINGS = [RIGS, PHOTODIODES].flatMap((kinds) =>
    Object.values(kinds).flatMap(({ shape }) => Object.keys(shape)),
  )
  const value = fc.oneof(
    fc.constantFrom(...RIG_KINDS, 'adc', 0.5, 17, 18, 27, 1000, true),
    fc.double(),
    fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }),
  )
  const settings = fc.dictionary(fc.constantFrom(...SETTINGS, '__proto__', 'x'), value)
  const nearly = fc
    .tuple(fc.constantFrom(...RIG_KINDS), settings, fc.option(settings))
    .map(([kind, some, photodiode]) => ({ kind, ...some, ...(photodiode && { photodiode }) }))

  test('of any kind is complete, or refused with a sentence', () => {
    const numbersIn = (config: object): number[] =>
      Object.values(config).flatMap((member) =>
        typeof member === 'number' ? [member] : typeof member === 'object' ? numbersIn(member) : [],
      )
    let complete = 0
    fc.assert(
      fc.property(fc.oneof(fc.anything(), nearly), (config) => {
        try {
          const completed = completeConfig(config)
          expect(completeConfig(completed)).toEqual(completed)
          for (const number of numbersIn(completed)) expect(number).toBeTypeOf('number')
          expect(numbersIn(completed).every(Number.isFinite)).toBe(true)
          complete++
        } catch (error) {
          if (!(error instanceof RigError)) throw error
          expect(error.code).toBe('misconfigured')
          expect(error.message).toMatch(
            /^the rig's configuration is wrong: [^\n]*\b(must be|is not a setting of)\b/,
          )
          expect(error.message).not.toMatch(/undefined|NaN|Invalid|\[object/)
        }
      }),
      { numRuns: 5000 },
    )
    expect(complete).toBeGreaterThan(0)
  })
})

test('a rig that is configured opens and shows what it was told', async () => {
  await using rig = await openRig({ kind: 'emulated', greyRatio: 0.4, sampleRateHz: 500 })
  expect(rig.photodiode?.sampleRateHz).toBeCloseTo(500, 0)
  const sequence = { levels: Uint8Array.of(2, 1, 0) }
  const { greyRatio } = await rig.emitter.play(sequence, { symbolRateHz: 60 })
  expect(greyRatio).toBeCloseTo(0.4, 1)
})

test('a signal that has aborted opens nothing', async () => {
  const reason = new Error('enough')
  await expect(openRig({ kind: 'emulated' }, AbortSignal.abort(reason))).rejects.toBe(reason)
})

test('what is there is listed by kind, without opening it', async () => {
  expect(await listRigs(['emulated'])).toEqual([
    { kind: 'emulated', name: 'emulated', description: expect.any(String) },
  ])
  for (const { kind, name, description } of await listRigs()) {
    expect(RIG_KINDS).toContain(kind)
    expect(name).not.toBe('')
    expect(description).not.toBe('')
  }
})
