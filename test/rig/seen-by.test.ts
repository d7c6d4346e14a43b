import { afterEach, expect, test } from 'vitest'
import { captureEdges, captureSamples } from '../../src/bench/capture.js'
import type { SampleBlock } from '../../src/light/samples.js'
import { openBridge } from '../../src/rig/bridge/open.js'
import { emulatedBinding } from '../../src/rig/emulated/binding.js'
import { Emulation } from '../../src/rig/emulated/emulation.js'
import type { Edge, EdgeInput } from '../../src/rig/rig.js'
import { seenBy } from '../../src/rig/seen-by.js'

const OPTIONS = { brightness: 1, greyRatio: 0.52, sampleRateHz: 1000 }

const emulations: Emulation[] = []
afterEach(async () => {
  for (const emulation of emulations.splice(0)) await emulation.stop()
})

async function openBoard() {
  const emulation = new Emulation()
  emulations.push(emulation)
  const bridge = await openBridge('emulated', OPTIONS, emulatedBinding(emulation), emulation)
  return { emulation, bridge }
}

test('a board looks on beside what plays: its sensor sees, its edge input times, its clock tells', async () => {
  const playing = await openBoard()
  const looking = await openBoard()
  playing.emulation.onLed = (lit) => {
    const { board } = looking.emulation
    board.setInput(lit, board.cycle)
  }
  const rig = seenBy(playing.bridge, looking.bridge)
  expect(rig.info.clock).toBe(playing.bridge.info.clock)
  expect(rig.info.photodiode).toBe(looking.bridge.info.photodiode)

  const seen: Edge[] = []
  const enough = new AbortController()
  const listened = captureEdges(rig.edgeInput as EdgeInput, {
    signal: enough.signal,
    onEdge: (edge) => void seen.push(edge),
  })
  await looking.emulation.sleep(50)
  const sequence = { levels: Uint8Array.of(2, 0, 2, 2, 0, 0) }
  await rig.emitter.play(sequence, { symbolRateHz: 10 })
  await looking.emulation.sleep(50)
  enough.abort()
  expect(await listened).toBe(4)
  expect(seen.map(({ high }) => high)).toEqual([true, false, true, false])
  expect(new Set(seen.map(({ clock }) => clock))).toEqual(new Set([looking.bridge.info.clock]))

  const clocks = new Set<string | undefined>()
  const onSamples = ({ clock }: SampleBlock): void => void clocks.add(clock)
  await captureSamples(rig, { signal: new AbortController().signal, durationS: 0.1, onSamples })
  expect([...clocks]).toEqual([looking.bridge.info.clock])
  await rig[Symbol.asyncDispose]()
  expect([playing, looking].map(({ emulation }) => emulation.board.lit)).toEqual([false, false])
})

test('beside what times no edges the rig times them itself', async () => {
  const { bridge } = await openBoard()
  const { info, lost, photodiode } = (await openBoard()).bridge
  const blind = { info, lost, photodiode, [Symbol.asyncDispose]: async () => {} }
  const rig = seenBy(bridge, blind)
  expect(rig.edgeInput).toBe(bridge.edgeInput)
  expect(rig.photodiode).toBe(photodiode)
})
