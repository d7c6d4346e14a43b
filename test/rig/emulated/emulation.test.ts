import { expect, test } from 'vitest'
import { openBridge } from '../../../src/rig/bridge/open.js'
import { emulatedBinding } from '../../../src/rig/emulated/binding.js'
import { CLOCK_HZ } from '../../../src/rig/emulated/board.js'
import { Emulation } from '../../../src/rig/emulated/emulation.js'
import type { Edge } from '../../../src/rig/rig.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }

/** Plays symbols on an emulated board while its edge input listens, or not. All cycles are from the first symbol's begin. */
async function played(digits: string, listens: boolean) {
  const emulation = new Emulation()
  const light: (readonly [cycle: number, high: boolean])[] = []
  const bridge = await openBridge('emulated', OPTIONS, emulatedBinding(emulation), emulation)
  try {
    const enough = new AbortController()
    const edges: Edge[] = []
    const listened = (async () => {
      if (!listens) return
      for await (const edge of bridge.edgeInput.edges(enough)) edges.push(edge)
    })()
    await emulation.sleep(50)
    emulation.onLed = (high, cycle) => light.push([cycle, high])
    const symbols = { levels: Uint8Array.from(digits, Number) }
    const { startS } = await bridge.emitter.play(symbols, { symbolRateHz: 60 })
    enough.abort()
    await listened
    const [first] = light[0] ?? [0]
    return {
      light: light.map(([cycle, high]) => [cycle - first, high]),
      timed: edges.map(({ timeS, high }) => [Math.round((timeS - startS) * CLOCK_HZ), high]),
      afterLoss: edges.map(({ afterLoss }) => afterLoss),
    }
  } finally {
    await bridge[Symbol.asyncDispose]()
    await emulation.stop()
  }
}

test('the edge input times the light to the cycle', async () => {
  const { light, timed, afterLoss } = await played('2022002020', true)
  expect(light.length).toBe(8)
  expect(timed).toEqual(light)
  expect(afterLoss).not.toContain(true)
})

test('the edges of grey come too fast, as on a real board: those around it are exact, and the light is the same', async () => {
  const symbols = '2010201020'
  const { light, timed, afterLoss } = await played(symbols, true)
  expect(light.length).toBeGreaterThan(1000)
  expect(timed.length).toBeLessThan(light.length)
  expect(afterLoss).toContain(true)
  expect(light).toEqual(expect.arrayContaining(timed))
  const lastWhite = light.slice(-2)
  expect(timed.slice(-2)).toEqual(lastWhite)
  expect((await played(symbols, false)).light).toEqual(light)
})
