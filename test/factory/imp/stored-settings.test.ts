import { chmod, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import type { StoredSettings } from '../../../src/factory/api/host.js'
import {
  memoryFile,
  memoryOnly,
  withLight,
  without,
} from '../../../src/factory/imp/stored-settings.js'
import { decodePacket, encodePacket, type Settings } from '../../../src/packet/index.js'
import { canonical, deviceConfigArbitrary } from '../../helpers/arbitraries.js'
import { test } from '../../helpers/folder.js'

const WIFI = { ssid: 'net', password: 'long enough' }
const TOKEN = { planId: '0123456789abcdef', token: 'fedcba9876543210' }
const STATIC = { ip: '10.0.0.2', netmask: '255.0.0.0', gateway: '10.0.0.1', dns1: '10.0.0.1' }
const PROXY = { server: 'proxy.example', port: 8080 }
const ALL: StoredSettings = {
  ...WIFI,
  ...TOKEN,
  staticAddress: STATIC,
  proxy: PROXY,
  country: 0x4247,
}

describe('what light changes', () => {
  test.for<[string, StoredSettings, Settings, StoredSettings]>([
    ['all of a new device', {}, { ...WIFI, ...TOKEN }, { ...WIFI, ...TOKEN }],
    [
      'the network as a whole',
      ALL,
      { ssid: 'other' },
      { ssid: 'other', ...TOKEN, country: 0x4247 },
    ],
    [
      'the enrollment only',
      ALL,
      { planId: 'a'.repeat(16), token: 'b'.repeat(16) },
      { ...ALL, planId: 'a'.repeat(16), token: 'b'.repeat(16) },
    ],
    [
      'a cable with addresses',
      ALL,
      { staticAddress: STATIC },
      { staticAddress: STATIC, ...TOKEN, country: 0x4247 },
    ],
  ])('%s', ([, before, message, after]) => {
    expect(withLight(before, message)).toEqual(after)
  })

  test('the order to clear takes the Wi-Fi settings only', () => {
    const { ssid, password, ...others } = ALL
    expect(withLight(ALL, { clear: true })).toEqual(others)
  })

  test('what is not known of a message is not stored', () => {
    const message = { ...WIFI, unknownTlvs: [{ type: 200, valueHex: '00' }] }
    expect(withLight({}, message)).toEqual(WIFI)
  })

  test('any settings that were sent are stored, field by field, whatever was stored before', () => {
    fc.assert(
      fc.property(deviceConfigArbitrary, deviceConfigArbitrary, (before, config) => {
        fc.pre(!before.clear && !config.clear)
        const stored = withLight(withLight({}, before), decodePacket(encodePacket(config)))
        expect(stored).toMatchObject(canonical(config))
        const isAbout = (members: readonly string[]) => members.some((name) => name in config)
        const network = ['ssid', 'password', 'staticAddress', 'proxy'] as const
        // Nothing of another network is left beside it.
        if (isAbout(network)) {
          for (const name of network) expect(name in stored).toBe(name in canonical(config))
        }
      }),
    )
  })
})

describe('what clearing takes away', () => {
  test.for([
    ['wifi', { ...TOKEN, staticAddress: STATIC, proxy: PROXY, country: 0x4247 }],
    ['static-network', { ...WIFI, ...TOKEN, proxy: PROXY, country: 0x4247 }],
    ['proxy', { ...WIFI, ...TOKEN, staticAddress: STATIC, country: 0x4247 }],
    ['all', { country: 0x4247 }],
  ] as const)('%s', ([what, left]) => {
    expect(without(ALL, what)).toEqual(left)
    expect(without({}, what)).toEqual({})
  })
})

describe('a memory', () => {
  test('in a file keeps all, for its owner only, and leaves nothing else behind', async ({
    folder,
  }) => {
    const path = folder.at('imp.json')
    const memory = memoryFile(path)
    expect(memory.read()).toEqual({ settings: {}, role: null })
    memory.write({ settings: ALL, role: 'dut' })
    expect(memoryFile(path).read()).toEqual({ settings: ALL, role: 'dut' })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder.path)).toEqual(['imp.json'])
  })

  test('any settings come back', ({ folder }) => {
    const memory = memoryFile(folder.at('imp.json'))
    fc.assert(
      fc.property(deviceConfigArbitrary, (config) => {
        const settings = withLight({}, decodePacket(encodePacket(config)))
        memory.write({ settings, role: null })
        expect(memory.read().settings).toEqual(settings)
      }),
      { numRuns: 50 },
    )
  })

  test('does not write through what somebody has put in its way', async ({ folder }) => {
    const path = folder.at('imp.json')
    const memory = memoryFile(path)
    const theirs = await folder.file('theirs', 'as it was')
    await symlink(theirs, `${path}.${process.pid}.new`)
    memory.write({ settings: ALL, role: null })
    expect(await readFile(theirs, 'utf8')).toBe('as it was')
    expect(memory.read().settings).toEqual(ALL)
  })

  test('whose file others could read is theirs no more', async ({ folder }) => {
    const path = folder.at('imp.json')
    const memory = memoryFile(path)
    await chmod(path, 0o644)
    memory.write({ settings: ALL, role: null })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  test.for([
    ['', ''],
    ['{"settings": {"password": "hunter2"', ''],
    [
      '{"schema": "blinkup.device-memory/1", "settings": {"password": 2}, "role": null}',
      ' (at settings.password)',
    ],
    [
      '{"schema": "blinkup.device-memory/1", "settings": {"token": "hunter2"}, "role": null}',
      ' (at settings.token)',
    ],
    ['{"schema": "blinkup.device-memory/2", "settings": {}, "role": null}', ' (at schema)'],
    ['{"schema": "blinkup.device-memory/1", "settings": {}, "role": "boss"}', ' (at role)'],
  ] as const)(
    'that is damaged is told, without what is in it: %s',
    async ([text, place], { folder }) => {
      const path = await folder.file('imp.json', text)
      expect(() => memoryFile(path)).toThrow(
        expect.objectContaining({
          code: 'damaged',
          message: `${path} is not what a device has stored${place}: remove it, and the device is as new, or name another file`,
        }),
      )
      expect(await readFile(path, 'utf8')).toBe(text)
    },
  )

  test('that cannot be written keeps what it had', async ({ folder }) => {
    const path = folder.at('imp.json')
    const memory = memoryFile(path)
    memory.write({ settings: WIFI, role: null })
    await mkdir(`${path}.${process.pid}.new`) // in the way of what is written first
    expect(() => memory.write({ settings: {}, role: null })).toThrow(/EISDIR/)
    expect(memoryFile(path).read().settings).toEqual(WIFI)
  })

  test('in a folder that is not there cannot be made', ({ folder }) => {
    expect(() => memoryFile(folder.at('none/imp.json'))).toThrow(/ENOENT/)
  })

  test('without a file keeps it as long as it is', () => {
    const memory = memoryOnly()
    expect(memory.read()).toEqual({ settings: {}, role: null })
    memory.write({ settings: WIFI, role: 'fixture' })
    expect(memory.read()).toEqual({ settings: WIFI, role: 'fixture' })
  })
})
