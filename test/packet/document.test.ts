import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { modulate } from '../../src/modulation/index.js'
import { formatSymbols } from '../../src/modulation/text.js'
import { type DeviceConfig, encodePacket, toHex } from '../../src/packet/index.js'

const DOCUMENT = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')

/** The block of code after a sentence. */
function blockAfter(sentence: string): string[] {
  const [, rest = ''] = DOCUMENT.split(sentence)
  return rest.split('\n\n')[1]?.split('\n') ?? []
}

const CLEAR: DeviceConfig = { clear: true }
const FULL: DeviceConfig = {
  ssid: 'test',
  password: 'password',
  planId: 'fedcba9876543210',
  token: '0123456789abcdef',
}

describe('docs/protocol.md draws what is made', () => {
  test.each([
    ['token `0123456789abcdef`:', FULL],
    ['The message that clears a configuration:', CLEAR],
  ])('bytes: %s', (sentence, config) => {
    const bytes = blockAfter(sentence).map((line) => line.slice(4, 42).replace(/\s/g, ''))
    expect(bytes.join('')).toBe(toHex(encodePacket(config)))
  })

  test('symbols', () => {
    const rows = blockAfter('The clear message in `sdk-0.3.0`, 150 symbols:')
    const digits = rows.map((line) => line.trim().split(/\s+/)[1]).join('')
    const symbols = formatSymbols(modulate(encodePacket(CLEAR))).replace(/\s/g, '')
    expect(digits).toBe(symbols)
    expect(symbols).toHaveLength(150)
  })
})
