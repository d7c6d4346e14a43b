import { describe, expect, test } from 'vitest'
import { judge, VERDICT_FAILURES } from '../../src/bench/verdict.js'
import { encodePacket } from '../../src/packet/index.js'
import { RECEPTION_FAILURES, type Reception } from '../../src/receiver/index.js'

const PACKET = encodePacket({ ssid: 'net', password: 'long enough' })

test('every reason has a sentence of advice', () => {
  for (const text of Object.values(VERDICT_FAILURES)) expect(text).toMatch(/^[A-Z].*: .*\.$/)
  expect(VERDICT_FAILURES).toMatchObject(RECEPTION_FAILURES)
})

describe('the verdict over several receptions', () => {
  const advice = 'what the receiver says'
  const levels = { black: 0.1, grey: 0.4, white: 0.7 }
  const good = { kind: 'message', packet: PACKET, levels, advice }
  const again = { ...good, startS: 20 }
  const other = { ...good, packet: encodePacket({ clear: true }) }
  const failed = { kind: 'bad-packet', reason: 'crc', packetBits: 40, levels, advice }
  const noMarker = { kind: 'bare-sync', reason: 'no-marker', levels, advice }
  const flicker = { ...failed, reason: 'length', levels: { black: 0.1, grey: 0.11, white: 0.12 } }

  test.each([
    ['the very bytes', [good], 'pass', null, good],
    ['the very bytes after flicker that was none', [noMarker, good], 'pass', null, good],
    ['other bytes', [other], 'fail', 'bytes-differ', other],
    ['the very bytes and others', [good, other], 'fail', 'bytes-differ', other],
    ['the very bytes twice, when they were sent once', [good, again], 'fail', 'repeated', again],
    ['the very bytes twice, and others', [good, again, other], 'fail', 'bytes-differ', other],
    ['a failure', [failed], 'fail', 'crc', failed],
    ['failures: the one that came furthest', [noMarker, failed], 'fail', 'crc', failed],
    [
      'failures: one of them nothing but flicker',
      [noMarker, flicker],
      'fail',
      'no-marker',
      noMarker,
    ],
  ] as const)('%s', (_, receptions, verdict, reason, reception) => {
    const ofVerdict = reason === 'bytes-differ' || reason === 'repeated'
    expect(judge(PACKET, receptions as readonly object[] as Reception[])).toEqual({
      verdict,
      reason,
      reception,
      advice: ofVerdict ? VERDICT_FAILURES[reason] : advice,
    })
  })

  test('takes a receiver that has reported something', () => {
    expect(() => judge(PACKET, [])).toThrow('at least one')
  })
})
