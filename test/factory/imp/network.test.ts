import { describe, expect, test } from 'vitest'
import type { StoredSettings } from '../../../src/factory/api/host.js'
import { hasCredentials, join, type NetworkOptions } from '../../../src/factory/imp/network.js'

const TOKEN = { planId: '0123456789abcdef', token: 'fedcba9876543210' }
const STATIC = { ip: '10.0.0.2', netmask: '255.0.0.0', gateway: '10.0.0.1', dns1: '10.0.0.1' }
const PROXY = { server: 'proxy.example', port: 8080 }
const NETWORKS = {
  networks: [
    { ssid: 'net', password: 'long enough', proxies: [{ ...PROXY, username: 'u', password: 'p' }] },
    { ssid: 'open' },
    { ssid: 'thirteen', channel: 13 },
    { ssid: 'eleven', channel: 11 },
    { ssid: 'still', dhcp: false },
  ],
}
const WIFI = { ssid: 'net', password: 'long enough' }

describe('joining', () => {
  test.each<[string, StoredSettings, string, RegExp | null, NetworkOptions?]>([
    ['the right password', WIFI, 'getting-address', null],
    ['an open network', { ssid: 'open' }, 'getting-address', null],
    ['an open network, empty password', { ssid: 'open', password: '' }, 'getting-address', null],
    ['whatever it looks for', { ssid: 'any', password: 'thing' }, 'getting-address', null, {}],
    [
      'a wrong password',
      { ...WIFI, password: 'wrong enough' },
      'joining',
      /^the password is not that of "net"$/,
    ],
    [
      'a password for an open one',
      { ssid: 'open', password: 'long enough' },
      'joining',
      /password/,
    ],
    ['no password', { ssid: 'net' }, 'joining', /password/],
    [
      'an unknown network',
      { ssid: 'Net', password: 'long enough' },
      'searching',
      /^no network is called "Net" here$/,
    ],
    ['no network stored', {}, 'searching', /no network is stored/],
    ['channel 13, no country', { ssid: 'thirteen' }, 'getting-address', null],
    ['channel 13 in Europe', { ssid: 'thirteen', country: 0x4247 }, 'getting-address', null],
    [
      'channel 13 in the USA',
      { ssid: 'thirteen', country: 0x5355 },
      'searching',
      /channel 13.*United States.*up to 11/,
    ],
    [
      'channel 13 in the USA, imp005',
      { ssid: 'thirteen', country: 0x115858 },
      'searching',
      /channel 13/,
    ],
    ['channel 11 in the USA', { ssid: 'eleven', country: 0x5355 }, 'getting-address', null],
    ['no DHCP', { ssid: 'still' }, 'getting-address', /DHCP/],
    [
      'no DHCP, a static address',
      { ssid: 'still', staticAddress: STATIC },
      'getting-address',
      null,
    ],
    [
      'the proxy',
      { ...WIFI, proxy: { ...PROXY, username: 'u', password: 'p' } },
      'getting-address',
      null,
    ],
    ['any proxy', { ssid: 'open', proxy: PROXY }, 'getting-address', null],
    [
      'another proxy',
      { ...WIFI, proxy: { ...PROXY, port: 81 } },
      'reaching-proxy',
      /^no proxy is at proxy.example, port 81$/,
    ],
    [
      'credentials of the proxy',
      { ...WIFI, proxy: { ...PROXY, username: 'u', password: 'q' } },
      'reaching-proxy',
      /refuses/,
    ],
    ['a cable', {}, 'getting-address', null, { medium: 'ethernet' }],
  ])('%s', (_, settings, last, failure, network = NETWORKS) => {
    const joining = join(settings, network)
    expect(joining.stages.at(-1)).toBe(last)
    if (failure) expect(joining.failure).toMatch(failure)
    else expect(joining.failure).toBeNull()
    // No password is in any sentence.
    expect(joining.failure ?? '').not.toMatch(/enough/)
  })

  test('goes through the published stages', () => {
    expect(join(WIFI, NETWORKS).stages).toEqual(['searching', 'joining', 'getting-address'])
    expect(join({}, { medium: 'ethernet' }).stages).toEqual(['getting-address'])
  })
})

test.each([
  [{}, {}, false],
  [{ ssid: 'net' }, {}, false],
  [TOKEN, {}, false],
  [{ ssid: 'net', ...TOKEN }, {}, true],
  [{}, { medium: 'ethernet' }, true],
] as const)('%j over %j can connect: %s', (settings, network, expected) => {
  expect(hasCredentials(settings, network)).toBe(expected)
})
