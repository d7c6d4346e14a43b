import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it, test } from 'vitest'
import { simulateChannel } from '../../src/channel/index.js'
import { formatSymbols, modulate } from '../../src/modulation/index.js'
import { encodePacket } from '../../src/packet/index.js'
import {
  type Decoded,
  decodeRecording,
  type RecordingSource,
  readRecording,
  type ValueBlock,
} from '../../src/recording/index.js'

const PACKET = encodePacket({ ssid: 'net' })
const SEQUENCE = modulate(PACKET)
const { levels } = simulateChannel(SEQUENCE.levels, { sampleRateHz: 400, afterS: 0.5 })
const VOLTS = Float32Array.from(levels, (level) => 3.3 * level)
const SESSION = zipSync({
  version: strToU8('2'),
  metadata: strToU8(
    '[device 1]\nsamplerate=400 Hz\ntotal analog=2\nanalog1=Trigger\nanalog2=Light\n',
  ),
  'analog-1-1-1': new Uint8Array(new Float32Array(VOLTS.length).buffer),
  'analog-1-2-1': new Uint8Array(VOLTS.buffer),
})

async function* pieces(bytes: Uint8Array, size = 999): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const FAULT = new Error('the disk is gone')
async function* broken(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes)
  throw FAULT
}

async function all<T>(from: AsyncIterable<T>): Promise<{ found: T[]; fault: unknown }> {
  const found: T[] = []
  try {
    for await (const one of from) found.push(one)
    return { found, fault: null }
  } catch (fault) {
    return { found, fault }
  }
}

/** What a program may give, all of the same bytes. */
async function withSources(
  bytes: Uint8Array<ArrayBuffer>,
  use: (source: RecordingSource) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'blinkup-'))
  try {
    const path = join(folder, 'a.sr')
    await writeFile(path, bytes)
    for (const source of [path, new Blob([bytes]).stream(), pieces(bytes)]) await use(source)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const valuesOf = (blocks: readonly ValueBlock[], channel: number): number[] =>
  blocks.flatMap(({ firstChannel, values }) => [...(values[channel - firstChannel] ?? [])])

test('a recording is read from a path, a stream or pieces', async () => {
  await withSources(SESSION, async (source) => {
    const { channels, blocks } = await readRecording(source)
    expect(channels.map(({ name, unit }) => [name, unit])).toEqual([
      ['Trigger', 'V'],
      ['Light', 'V'],
    ])
    const { found, fault } = await all(blocks)
    expect(fault).toBeNull()
    expect(valuesOf(found, 1)).toEqual([...VOLTS])
  })
})

test('its messages are found from a path, a stream or pieces', async () => {
  await withSources(SESSION, async (source) => {
    const { found, fault } = await all(decodeRecording(source, { channel: 'Light' }))
    expect(fault).toBeNull()
    expect(found).toMatchObject([{ kind: 'message', packet: PACKET, scale: { unit: 'V' } }])
  })
})

describe('a recording that cannot be read', () => {
  it.each<[string, Uint8Array, object]>([
    ['nothing', new Uint8Array(), { code: 'empty' }],
    ['symbols', strToU8(formatSymbols(SEQUENCE)), { code: 'format' }],
    ['half an archive', SESSION.subarray(0, 40), { code: 'damaged' }],
  ])('is refused: %s', async (_, bytes, fault) => {
    await expect(readRecording(pieces(bytes))).rejects.toMatchObject(fault)
  })

  it('rejects with what its source does', async () => {
    await expect(readRecording('/none/at/all')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(readRecording(broken(new Uint8Array(9)))).rejects.toBe(FAULT)
    expect(await all(decodeRecording(broken(SESSION)))).toEqual({ found: [], fault: FAULT })
  })
})

describe('a recording that breaks off', () => {
  const lines = Array.from(levels, (level, n) => `${n / 400},${level.toFixed(4)}\n`)
  const csv = strToU8(`time_s,level\n${lines.join('')}`)

  it('gives the values before that', async () => {
    const { channels, blocks } = await readRecording(broken(csv))
    expect(channels).toHaveLength(1)
    const { found, fault } = await all(blocks)
    expect(fault).toBe(FAULT)
    expect(valuesOf(found, 0).length).toBeGreaterThan(levels.length - 100)
  })

  it('gives the message before that, as soon as it is there', async () => {
    let isRead = false
    async function* source(): AsyncGenerator<Uint8Array> {
      yield* pieces(csv)
      isRead = true
      throw FAULT
    }
    const found: Decoded[] = []
    const seen = (async () => {
      for await (const one of decodeRecording(source())) {
        expect(isRead).toBe(false)
        found.push(one)
      }
    })()
    await expect(seen).rejects.toBe(FAULT)
    expect(found).toMatchObject([{ kind: 'message', packet: PACKET }])
  })
})
