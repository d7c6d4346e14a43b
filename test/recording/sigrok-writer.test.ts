import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { BadPacket } from '../../src/receiver/index.js'
import { receptionToSigrok } from '../../src/recording/sigrok-writer.js'
import { test as testInFolder } from '../helpers/folder.js'
import { damaged, message, randomPacket, receive, receivedMessage } from '../helpers/receive.js'
import { needs } from '../helpers/requirements.js'
import { filter } from '../receiver/captures.js'
import { readSession, samplesOf, spiBytes } from './sigrok-cli.js'

const RATE_HZ = 20_000
const packet = randomPacket(3)
const light = message(packet, { sampleRateHz: 1000 })
const received = receivedMessage(light)

/** Of the one chunk of each channel. */
function unzipped(session: Uint8Array): { logic: Uint8Array; analog: Float32Array } {
  const files = unzipSync(session)
  expect(Object.keys(files)).toEqual(['version', 'metadata', 'logic-1-1', 'analog-1-4-1'])
  const bytes = files['analog-1-4-1'] as Uint8Array
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return {
    logic: files['logic-1-1'] as Uint8Array,
    analog: Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true)),
  }
}

describe.skipIf(needs('/usr/bin/sigrok-cli'))('sigrok-cli reads from a session', () => {
  testInFolder('its channels, its rate, and the bytes of the packet', async ({ folder }) => {
    const file = await folder.file('seen.sr', receptionToSigrok(received, light))
    expect(readSession(file)).toEqual({
      channels: ['white: logic', 'grey: logic', 'packet: logic', 'light: analog'],
      sampleRateHz: RATE_HZ,
      samples: Math.round(RATE_HZ * (light.timesS.at(-1) as number)) + 1,
    })
    expect(spiBytes(file)).toEqual(packet)
  })

  testInFolder('the bytes of a packet with a wrong CRC', async ({ folder }) => {
    const wrong = damaged(packet)
    const block = message(wrong, { sampleRateHz: 1000 })
    const [reception] = receive(block)
    const session = receptionToSigrok(reception as BadPacket, block)
    expect(spiBytes(await folder.file('seen.sr', session))).toEqual(wrong)
  })

  testInFolder('the light, each level until the next one', async ({ folder }) => {
    const file = await folder.file('seen.sr', receptionToSigrok(received, light))
    const read = samplesOf(file, 'light')
    const heldFor = RATE_HZ / 1000
    for (const [i, level] of light.levels.entries()) {
      for (const held of read.slice(i * heldFor, (i + 1) * heldFor)) {
        expect(held).toBeCloseTo(level, 5)
      }
    }
  })
})

test('a gap is one in the session, too: 0.1 s after the last level before it', () => {
  const holed = filter(light, (timeS) => timeS < 1 || timeS > 1.5)
  const { analog } = unzipped(receptionToSigrok(received, holed))
  const missing = Array.from(analog.keys()).filter((i) => Number.isNaN(analog[i]))
  expect((missing[0] as number) / RATE_HZ).toBeCloseTo(1.1, 2)
  expect((missing.at(-1) as number) / RATE_HZ).toBeCloseTo(1.5, 2)
  expect(missing.length / RATE_HZ).toBeCloseTo(0.4, 2)
})

test('a session begins with the message where there is no light', () => {
  const none = { timesS: new Float64Array(), levels: new Float64Array() }
  const { logic, analog } = unzipped(receptionToSigrok(received, none))
  const darkS = logic.findIndex((lines) => lines !== 0) / RATE_HZ
  expect(darkS).toBeCloseTo(1 / received.symbolRateHz, 3)
  expect(analog.every(Number.isNaN)).toBe(true)
})

test('what is longer than libsigrok takes at once is in several chunks', () => {
  const seconds = 70
  const long = {
    timesS: Float64Array.of(0, seconds),
    levels: Float64Array.of(0.25, 0.5),
  }
  const files = unzipSync(receptionToSigrok(received, long))
  const lengths = (name: string) => [1, 2, 3].map((chunk) => files[`${name}-${chunk}`]?.length)
  const rest = RATE_HZ * seconds + 1 - 2 ** 20
  expect(lengths('logic-1')).toEqual([2 ** 20, rest, undefined])
  expect(lengths('analog-1-4')).toEqual([4 * 2 ** 20, 4 * rest, undefined])
})
