import { describe, expect } from 'vitest'
import { loopback } from '../../../../src/bench/loopback.js'
import { formatSymbols, modulate } from '../../../../src/modulation/index.js'
import { encodePacket } from '../../../../src/packet/index.js'
import { openRig } from '../../../../src/rig/open.js'
import { test } from '../../../helpers/folder.js'
import { needs } from '../../../helpers/requirements.js'
import { BoardsBeside, type EndedLight } from './boards-beside.js'

describe.skipIf(needs('socat'))('eight boards in a process of their own', () => {
  test('show the light of their own rig, all at once, and tell of it', async ({ folder }) => {
    const lights: EndedLight[] = []
    await using boards = await BoardsBeside.start(folder.path, 8, (light) => lights.push(light))
    const played = boards.ports.map(async (port, i) => {
      await using rig = await openRig({ kind: 'bridge', port })
      const packet = encodePacket({ ssid: `net-${i}`, password: '' })
      const sequence = modulate(packet)
      const report = await loopback(rig, packet, sequence, { symbolRateHz: 142 })
      expect(report).toMatchObject({ verdict: 'pass', gaps: [] })
      return formatSymbols(sequence)
    })
    const messages = await Promise.all(played)
    await expect.poll(() => lights.length).toBe(8)
    expect(lights.toSorted((a, b) => a.board - b.board)).toEqual(
      messages.map((levels, board) => ({
        kind: 'light',
        board,
        levels,
        symbolMs: expect.closeTo(1000 / 142, 3),
        isWhole: true,
      })),
    )
  })

  test('tell of a light that was cut short', async ({ folder }) => {
    const lights: EndedLight[] = []
    await using boards = await BoardsBeside.start(folder.path, 1, (light) => lights.push(light))
    await using rig = await openRig({ kind: 'bridge', port: boards.ports[0] })
    const enough = new AbortController()
    const levels = new Uint8Array(600).fill(2)
    const playing = rig.emitter.play(
      { levels },
      {
        symbolRateHz: 60,
        signal: enough.signal,
        onProgress: () => enough.abort(new Error('enough')),
      },
    )
    await expect(playing).rejects.toThrow('enough')
    await expect.poll(() => lights).toMatchObject([{ board: 0, isWhole: false }])
  })
})
