import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LoopbackOptions, type LoopbackReport, loopback } from '../../src/bench/loopback.js'
import { VERDICT_FAILURES } from '../../src/bench/verdict.js'
import type { SampleBlock, SampleGap } from '../../src/light/samples.js'
import { BLACK, modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import type { ModelledLight } from '../../src/rig/config.js'
import { openEmulatedRig } from '../../src/rig/emulated/open.js'
import { BENCH_OPTICS } from '../../src/rig/emulated/optics.js'
import { SampleFanOut } from '../../src/rig/fan-out.js'
import type { Photodiode } from '../../src/rig/rig.js'
import { deviceConfigArbitrary } from '../helpers/arbitraries.js'

const PACKET = encodePacket({ ssid: 'net', password: 'long enough' })
const LONGEST = encodePacket({
  ssid: 's'.repeat(32),
  password: 'p'.repeat(63),
  proxy: { server: 'x'.repeat(133), port: 8080 },
  planId: 'fedcba9876543210',
  token: '0123456789abcdef',
})

interface Setting {
  readonly optics?: Partial<ModelledLight>
  readonly greyRatio?: number
  readonly symbolRateHz?: number
  /** What is played, where that is not the packet that is asked for. */
  readonly played?: Uint8Array
  /** A lit symbol that stays black. */
  readonly missingSymbol?: number
}

/** Once round on the emulated rig. */
async function run(packet: Uint8Array, setting: Setting = {}): Promise<LoopbackReport> {
  const { optics, greyRatio = 0.52, symbolRateHz = 142, played = packet } = setting
  const sequence = modulate(played)
  if (setting.missingSymbol !== undefined) sequence.levels[setting.missingSymbol] = BLACK
  const rig = await openEmulatedRig(
    { brightness: 1, greyRatio, sampleRateHz: 1000 },
    optics ? { optics } : {},
  )
  try {
    return await loopback(rig, packet, sequence, { symbolRateHz })
  } finally {
    await rig[Symbol.asyncDispose]()
  }
}

describe('the whole ring: bytes, light of the real firmware, samples, bytes', () => {
  test('measures what was made', async () => {
    const report = await run(PACKET, { symbolRateHz: 60 })
    expect(report).toMatchObject({ verdict: 'pass', reason: null })
    const { play, reception } = report as LoopbackReport & { verdict: 'pass' }
    expect(reception.packet).toEqual(PACKET)
    expect(reception.config).toEqual({ ssid: 'net', password: 'long enough' })
    expect(reception.symbolRateHz).toBeCloseTo(play.symbolRateHz, 2)
    expect(reception.greyRatio).toBeCloseTo(play.greyRatio ?? Number.NaN, 2)
    expect(reception.levels.black).toBeCloseTo(BENCH_OPTICS.black, 2)
    expect(reception.levels.white).toBeCloseTo(BENCH_OPTICS.black + BENCH_OPTICS.swing, 2)
    expect(reception.startS).toBeCloseTo(play.startS + 1 / 60, 3)
  })

  test.each([60, 142])('the longest message, 4,198 symbols at %i Hz', async (symbolRateHz) => {
    expect(LONGEST.length).toBe(258)
    const { verdict, play } = await run(LONGEST, { symbolRateHz })
    expect({ verdict, symbols: play.symbols }).toEqual({ verdict: 'pass', symbols: 4198 })
  })

  test('any configuration', async () => {
    await fc.assert(
      fc.asyncProperty(deviceConfigArbitrary, fc.nat(), async (config, seed) => {
        const { verdict } = await run(encodePacket(config), { optics: { seed } })
        expect(verdict).toBe('pass')
      }),
      { numRuns: 10 },
    )
  })
})

test('of light that is watched before and after begins at once, and ends with the message', async () => {
  const rig = await openEmulatedRig({ brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 })
  const photodiode = new SampleFanOut(rig.photodiode as Photodiode, 0.75)
  const sequence = modulate(PACKET)
  const once = async (options: Partial<LoopbackOptions>) => {
    let firstS: number | undefined
    let lastS = 0
    const { play, ...report } = await loopback(
      { emitter: rig.emitter, photodiode },
      PACKET,
      sequence,
      {
        symbolRateHz: 142,
        onSamples: ({ timesS }) => {
          firstS ??= timesS[0]
          lastS = timesS.at(-1) ?? lastS
        },
        ...options,
      },
    )
    expect(report.verdict).toBe('pass')
    const endS = play.startS + play.symbols / play.symbolRateHz
    return { beforeS: play.startS - (firstS as number), afterS: lastS - endS }
  }
  try {
    await once({})
    const usual = await once({})
    const watched = await once({ endsWithMessage: true })
    // By the emulated board's clock, so exact: nothing is waited for but the upload.
    expect(usual.beforeS).toBeGreaterThan(0.75)
    expect(watched.beforeS).toBeLessThan(0.75 + 0.07)
    expect(usual.afterS).toBeGreaterThan(0.2)
    expect(watched.afterS).toBeLessThan(0.06)
  } finally {
    await photodiode[Symbol.asyncDispose]()
    await rig[Symbol.asyncDispose]()
  }
})

describe('a fault has its name', () => {
  test.each([
    ['no-light', { optics: { swing: 0.001 } }],
    ['saturated', { optics: { swing: 3 } }],
    ['grey-near-white', { greyRatio: 0.88, symbolRateHz: 60 }],
    ['grey-near-black', { greyRatio: 0.2 }],
    ['no-marker', { greyRatio: 0.99 }],
    ['lost-symbol', { missingSymbol: 201 }],
  ] as const)('%s', async (reason, setting) => {
    expect(await run(PACKET, setting)).toMatchObject({ verdict: 'fail', reason })
  })

  test('another message than the one that was meant is never a pass', async () => {
    const played = encodePacket({ ssid: 'net', password: 'long enoughh' })
    const reason = 'bytes-differ'
    expect(await run(PACKET, { played })).toMatchObject({
      verdict: 'fail',
      reason,
      reception: { kind: 'message', packet: played },
      advice: VERDICT_FAILURES[reason],
    })
  })
})

describe('when something breaks', () => {
  const open = () => openEmulatedRig({ brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 })

  test('samples that are lost before the light are told, and fail nothing', async () => {
    const rig = await open()
    const { emitter, photodiode } = rig
    if (!photodiode) throw new Error('the emulated board has a photodiode')
    let lost: SampleGap | undefined
    async function* samples(options: { signal: AbortSignal }): AsyncIterable<SampleBlock> {
      let blocks = 0
      for await (const block of (photodiode as Photodiode).samples(options)) {
        blocks++
        if (blocks === 3) lost = { startS: block.timesS[0] as number, samples: block.timesS.length }
        else yield blocks === 4 && lost ? { ...block, gap: lost } : block
      }
    }
    const path = { emitter, photodiode: { ...photodiode, samples } }
    const { verdict, gaps } = await loopback(path, PACKET, modulate(PACKET), { symbolRateHz: 142 })
    expect(verdict).toBe('pass')
    expect(gaps).toEqual([lost])
    await rig[Symbol.asyncDispose]()
  })

  test('what takes the samples fails: the light ends, and the error comes through', async () => {
    const rig = await open()
    let played = 0
    const full = new Error('disk full')
    const run = loopback(rig, LONGEST, modulate(LONGEST), {
      symbolRateHz: 60,
      onProgress: (symbols) => {
        played = symbols
      },
      onSamples: () => {
        if (played > 100) throw full
      },
    })
    await expect(run).rejects.toBe(full)
    expect(played).toBeLessThan(1000)
    await rig[Symbol.asyncDispose]()
  })

  test('it is aborted', async () => {
    const rig = await open()
    const reason = new Error('enough')
    const abort = new AbortController()
    const run = loopback(rig, PACKET, modulate(PACKET), {
      symbolRateHz: 60,
      signal: abort.signal,
      onProgress: (symbols) => symbols > 100 && abort.abort(reason),
    })
    await expect(run).rejects.toBe(reason)
    await rig[Symbol.asyncDispose]()
  })

  test('the rig has no photodiode', async () => {
    await using rig = await open()
    const { emitter } = rig
    await expect(
      loopback({ emitter }, PACKET, modulate(PACKET), { symbolRateHz: 60 }),
    ).rejects.toThrow('photodiode')
  })
})

test('a long sync after the faint flicker of a lamp begins when it was played', async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const rig = await openEmulatedRig(
      { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 },
      { optics: { seed } },
    )
    const sequence = modulate(PACKET, { syncSymbols: 300 })
    const { verdict, play, reception } = await loopback(rig, PACKET, sequence, {
      symbolRateHz: 142,
    })
    await rig[Symbol.asyncDispose]()
    expect(verdict).toBe('pass')
    expect(reception.startS).toBeGreaterThan(play.startS)
    expect(reception.startS).toBeLessThan(play.startS + 20 / 142)
  }
})
