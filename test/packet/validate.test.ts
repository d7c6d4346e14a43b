import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError, decodePacket, encodePacket, validateConfig } from '../../src/packet/index.js'
import { deviceConfigArbitrary } from '../helpers/arbitraries.js'

const network = { ssid: 'net', password: 'long enough' }
const staticAddress = {
  ip: '192.168.1.10',
  netmask: '255.255.255.0',
  gateway: '192.168.1.1',
  dns1: '192.168.1.1',
}
const proxy = { server: 'proxy.example', port: 8080 }
const id = '0123456789abcdef'

function expectRefusal(input: unknown, code: string, field: string, options = {}) {
  expect(() => validateConfig(input, options)).toThrow(
    expect.objectContaining({ name: 'ConfigError', code, field }),
  )
}

describe('Wi-Fi password', () => {
  const wep = ['The Wi-Fi password looks like a WEP key: check that the network uses WEP.']

  test.each([
    ['8 characters', 'x'.repeat(8), []],
    ['63 characters', 'x'.repeat(63), []],
    ['the first and the last printable character', ' ~ ~ ~ ~', []],
    ['64 hex digits', 'aF'.repeat(32), []],
    ['13 characters, an ordinary WPA2 length', 'x'.repeat(13), []],
    ['no characters', '', []],
    ['5 characters', 'x y~1', wep],
    ['10 hex digits', '0123456789', wep],
    ['26 hex digits', 'aF'.repeat(13), wep],
  ])('%s', (_, password, warnings) => {
    const config = { ssid: 'net', password }
    expect(validateConfig(config)).toMatchObject({ config, warnings })
  })

  test.each([
    ['4 characters', 'xxxx'],
    ['7 characters', 'x'.repeat(7)],
    ['64 characters that are not hex', 'x'.repeat(64)],
    ['65 hex digits', 'a'.repeat(65)],
    ['a letter outside ASCII', 'pässwörter'],
    ['a letter whose other case is ASCII', 'ſſſſſſſſ'],
    ['a control character', 'long\nenough'],
    ['a line end', 'long enough\n'],
  ])('%s: refused, or sent with a warning', (_, password) => {
    const config = { ssid: 'net', password }
    expectRefusal(config, 'nonstandard', 'password')
    expect(validateConfig(config, { allowNonstandard: true })).toMatchObject({
      config,
      warnings: [
        'The Wi-Fi password is not one that WPA2 or WEP allows: the device may refuse it.',
      ],
    })
  })

  test('none is an open network', () => {
    expect(validateConfig({ ssid: 'net' }).config).toEqual({ ssid: 'net', password: '' })
  })
})

describe('SSID', () => {
  test.each(['x', 'x'.repeat(32), 'é'.repeat(16), '漢'.repeat(10), '😀'.repeat(8)])(
    '%s',
    (ssid) => {
      expect(validateConfig({ ssid }).config).toEqual({ ssid, password: '' })
    },
  )

  test.each(['x'.repeat(33), `${'é'.repeat(16)}x`, '漢'.repeat(11), '😀'.repeat(9)])(
    '"%s" is too long for IEEE 802.11, and is sent only when that is allowed',
    (ssid) => {
      expectRefusal({ ssid }, 'length', 'ssid')
      const { config, warnings } = validateConfig({ ssid }, { allowNonstandard: true })
      expect(config).toEqual({ ssid, password: '' })
      expect(warnings).toEqual([expect.stringMatching(/^The SSID has 3\d bytes: no network/)])
      expect(decodePacket(encodePacket({ ssid }, { allowNonstandard: true }))).toEqual(config)
    },
  )

  test('an empty one is refused, whatever is allowed', () => {
    expectRefusal({ ssid: '' }, 'length', 'ssid')
    expectRefusal({ ssid: '' }, 'length', 'ssid', { allowNonstandard: true })
  })

  test('the message counts bytes', () => {
    expect(() => validateConfig({ ssid: '漢'.repeat(11) })).toThrow(
      'Give an ssid of 1 to 32 bytes of UTF-8; this one has 33.',
    )
  })
})

test.each([
  ['nothing', undefined, 'type', ''],
  ['null', null, 'type', ''],
  ['text', 'ssid', 'type', ''],
  ['a list', [network], 'type', ''],
  ['no settings', {}, 'empty', ''],
  ['only undefined settings', { ssid: undefined }, 'empty', ''],
  ['a misspelt key', { ...network, pasword: 'x' }, 'unknown-key', 'pasword'],
  ['an own __proto__', JSON.parse('{"ssid":"net","__proto__":{}}'), 'unknown-key', '__proto__'],
  ['a misspelt nested key', { proxy: { ...proxy, host: 'x' } }, 'unknown-key', 'proxy.host'],
  ['a number for text', { ssid: 12345678 }, 'type', 'ssid'],
  ['null for text', { ssid: 'net', password: null }, 'type', 'password'],
  ['a lone surrogate', { ssid: 'net\ud83d' }, 'encoding', 'ssid'],
  ['a password without an SSID', { password: 'long enough' }, 'missing', 'ssid'],
  ['an empty password without an SSID', { password: '' }, 'missing', 'ssid'],
  ['a plan ID without a token', { planId: id }, 'missing', 'token'],
  ['a token without a plan ID', { token: id }, 'missing', 'planId'],
  ['15 hex digits', { planId: id.slice(1), token: id }, 'format', 'planId'],
  ['17 hex digits', { planId: id, token: `${id}0` }, 'format', 'token'],
  ['no hex digit', { planId: id, token: `g${id.slice(1)}` }, 'format', 'token'],
  ['clear that is not true', { clear: false }, 'type', 'clear'],
  ['clear and more', { clear: true, ...network }, 'conflict', 'clear'],
  ['an address as text', { staticAddress: '10.0.0.2' }, 'type', 'staticAddress'],
  [
    'an address without a netmask',
    { staticAddress: { ip: '10.0.0.2' } },
    'missing',
    'staticAddress.netmask',
  ],
  ['a proxy without a server', { proxy: { port: 80 } }, 'missing', 'proxy.server'],
  ['a proxy without a port', { proxy: { server: 'x' } }, 'missing', 'proxy.port'],
  ['an empty server', { proxy: { ...proxy, server: '' } }, 'length', 'proxy.server'],
  ['a port as text', { proxy: { ...proxy, port: '80' } }, 'type', 'proxy.port'],
  ['port 0', { proxy: { ...proxy, port: 0 } }, 'range', 'proxy.port'],
  ['port 65536', { proxy: { ...proxy, port: 65536 } }, 'range', 'proxy.port'],
  ['port 80.5', { proxy: { ...proxy, port: 80.5 } }, 'range', 'proxy.port'],
  [
    'a password without a user',
    { proxy: { ...proxy, password: 'x' } },
    'missing',
    'proxy.username',
  ],
  [
    'an empty user',
    { proxy: { ...proxy, username: '', password: 'x' } },
    'missing',
    'proxy.username',
  ],
])('refuses %s', (_, input, code, field) => {
  expectRefusal(input, code, field)
})

test.each([
  'http://proxy.example',
  'https://proxy.example/',
  'proxy.example/',
  'user:secret@proxy.example',
  'user@proxy.example',
  'proxy.example:8080',
  '//proxy.example',
  'proxy.example?x',
  'proxy example',
  'proxy.example ',
  'proxy.example\n',
  'proxy.example\0',
])('refuses the server %j', (server) => {
  expectRefusal({ proxy: { ...proxy, server } }, 'format', 'proxy.server')
})

test('the message names an unknown key', () => {
  expect(() => validateConfig({ proxy: { ...proxy, host: 'x' } })).toThrow(
    'Correct or remove the unknown key "proxy.host".',
  )
})

test('undefined counts as left out', () => {
  expect(validateConfig({ clear: true, ssid: undefined }).config).toEqual({ clear: true })
})

describe('static address', () => {
  test.each(['256.0.0.1', '10.0.0', '10.0.0.0.1', '10.0.0.01', '10.0.0.x', ' 10.0.0.1', '', '::1'])(
    'refuses "%s"',
    (address) => {
      for (const key of ['ip', 'netmask', 'gateway', 'dns1', 'dns2']) {
        const config = { staticAddress: { ...staticAddress, [key]: address } }
        expectRefusal(config, 'format', `staticAddress.${key}`)
      }
    },
  )

  test.each(['255.255.255.255', '255.255.254.0', '128.0.0.0', '0.0.0.0'])(
    'netmask %s',
    (netmask) => {
      const config = { staticAddress: { ...staticAddress, netmask } }
      expect(validateConfig(config).config).toEqual(config)
    },
  )

  test.each(['255.0.255.0', '0.255.255.255', '255.255.255.1', '127.0.0.0', '0.0.0.1'])(
    'refuses netmask %s',
    (netmask) => {
      const config = { staticAddress: { ...staticAddress, netmask } }
      expectRefusal(config, 'format', 'staticAddress.netmask')
    },
  )
})

describe('no message holds a secret', () => {
  /** So strange that no message can hold it by chance. */
  const secret = fc.string({ maxLength: 300 }).map((text) => `§${text}§`)
  const secrets = fc.record({ wifi: secret, token: secret, proxy: secret })

  test('when the secrets themselves are at fault', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom('wifi', 'token', 'proxy'), (values, faulty) => {
        const config = {
          ssid: 'net',
          ...(faulty === 'wifi' && { password: values.wifi }),
          ...(faulty === 'token' && { token: values.token, planId: id }),
          proxy: { ...proxy, ...(faulty === 'proxy' && { password: values.proxy }) },
        }
        expectSilence(config, Object.values(values))
      }),
    )
  })

  test('when anything else is', () => {
    const fault = fc.constantFrom<object[]>(
      { ssid: '' },
      { ssid: 1 },
      { ssid: undefined },
      { extra: 1 },
      { clear: true },
      { planId: 'x' },
      { staticAddress: {} },
      { proxy: { password: '§p§' } },
      { proxy: 'http://u:§p§@x' },
      { proxy: { server: 'http://u:§p§@x', port: 80 } },
      { proxy: { server: '§p§@x', port: 80 } },
      { proxy: { server: '§'.repeat(300), port: 80, username: 'u', password: '§p§' } },
    )
    fc.assert(
      fc.property(deviceConfigArbitrary, fault, (config, fault) => {
        const secrets = { password: '§secret§', token: id, planId: id }
        expectSilence({ ssid: 'net', ...config, ...secrets, ...fault }, ['§', id])
      }),
    )
  })

  function expectSilence(config: unknown, secrets: string[]) {
    let message = ''
    try {
      validateConfig(config)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      message = (error as ConfigError).message
    }
    expect(message).not.toBe('')
    for (const secret of secrets) expect(message).not.toContain(secret)
  }
})
