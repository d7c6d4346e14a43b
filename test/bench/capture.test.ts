import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { captureEdges, captureSamples } from '../../src/bench/capture.js'
import { makeMessage } from '../../src/bench/message.js'
import { Receiver, type Reception } from '../../src/receiver/index.js'
import { openRig } from '../../src/rig/open.js'
import type { Rig } from '../../src/rig/rig.js'

let rig: Rig
beforeAll(async () => {
  rig = await openRig({ kind: 'emulated' })
})
afterAll(() => rig[Symbol.asyncDispose]())

const never = (): AbortSignal => new AbortController().signal

describe('samples', () => {
  test('are taken for as long as asked for', async () => {
    const timesS: number[] = []
    const count = await captureSamples(rig, {
      signal: never(),
      durationS: 0.3,
      onSamples: (block) => {
        timesS.push(...block.timesS)
      },
    })
    expect(count).toBe(timesS.length)
    expect((timesS.at(-1) ?? 0) - (timesS[0] ?? 0)).toBeGreaterThanOrEqual(0.3)
  })

  test('are those of a message that plays meanwhile, and end after it', async () => {
    const { config, sequence } = makeMessage({ clear: true }, { symbolRateHz: 60 })
    const receiver = new Receiver()
    const receptions: Reception[] = []
    await captureSamples(rig, {
      signal: never(),
      play: { sequence, symbolRateHz: 60 },
      onSamples: (block) => {
        receptions.push(...receiver.push(block))
      },
    })
    receptions.push(...receiver.end())
    expect(receptions).toMatchObject([{ kind: 'message', config }])
  })

  test('end in the middle of a message, whose light ends with them', async () => {
    const { sequence } = makeMessage({ ssid: 'net', password: '' }, { symbolRateHz: 60 })
    const levels: number[] = []
    const count = await captureSamples(rig, {
      signal: never(),
      durationS: 1,
      play: { sequence, symbolRateHz: 60 },
      onSamples: (block) => {
        levels.push(...block.levels)
      },
    })
    expect(count).toBeLessThan(1300)
    expect(Math.max(...levels)).toBeGreaterThan(0.3)
    let last = 1
    await captureSamples(rig, {
      signal: never(),
      durationS: 0.1,
      onSamples: (block) => {
        last = block.levels.at(-1) ?? last
      },
    })
    expect(last).toBeLessThan(0.1)
  })

  test('end with the signal, in order; what is played rejects with its reason', async () => {
    const reason = new Error('enough')
    const stopping = () => {
      const controller = new AbortController()
      return { signal: controller.signal, onSamples: () => controller.abort(reason) }
    }
    await expect(captureSamples(rig, stopping())).resolves.toBeGreaterThan(0)
    const { sequence } = makeMessage({ clear: true }, { symbolRateHz: 60 })
    const play = { sequence, symbolRateHz: 60 }
    await expect(captureSamples(rig, { ...stopping(), play })).rejects.toBe(reason)
  })

  test('take a photodiode', async () => {
    const blind = { emitter: rig.emitter }
    const options = { signal: never(), onSamples: () => {} }
    await expect(captureSamples(blind, options)).rejects.toThrow(TypeError)
  })

  test('take a duration', async () => {
    const options = { signal: never(), durationS: Number.NaN, onSamples: () => {} }
    await expect(captureSamples(rig, options)).rejects.toThrow(RangeError)
  })

  test('that cannot be kept end it with the fault', async () => {
    const fault = new Error('disk full')
    const onSamples = () => Promise.reject(fault)
    await expect(captureSamples(rig, { signal: never(), onSamples })).rejects.toBe(fault)
  })
})

test('edges are waited for no longer than asked for', async () => {
  if (!rig.edgeInput) throw new Error('the emulated board has an edge input')
  const onEdge = () => {}
  const options = { signal: never(), durationS: 0.05, onEdge }
  await expect(captureEdges(rig.edgeInput, options)).resolves.toBe(0)
})
