import { mkdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { type CredentialOptions, loadCredentials } from '../../src/cli/credentials.js'
import { CommandError } from '../../src/cli/errors.js'
import { ConfigError } from '../../src/packet/index.js'
import { test } from './folder.js'

const load = (options: CredentialOptions) => loadCredentials(options, 'sdk-0.3.0')

beforeEach(() => {
  vi.stubEnv('BLINKUP_PASSWORD', undefined)
  vi.stubEnv('CREDENTIALS_DIRECTORY', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('the password', () => {
  const FILE = '{"ssid": "net", "password": "from the file"}'

  test('is looked for in this order: --open, variable, systemd credential, file', async ({
    folder,
  }) => {
    const config = await folder.file('config', FILE)
    expect(await load({ config })).toEqual({ ssid: 'net', password: 'from the file' })

    vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
    expect(await load({ config })).toEqual({ ssid: 'net', password: 'from the file' })

    await folder.file('blinkup-password', 'from systemd\n')
    expect(await load({ config })).toEqual({ ssid: 'net', password: 'from systemd' })

    vi.stubEnv('BLINKUP_PASSWORD', 'from the variable')
    expect(await load({ config })).toEqual({ ssid: 'net', password: 'from the variable' })

    expect(await load({ config, open: true })).toEqual({ ssid: 'net', password: '' })
  })

  test.for([
    ['a password', 'a password'],
    ['a password\n', 'a password'],
    ['a password\r\n', 'a password'],
    [' a password \n', ' a password '],
  ] as const)('of the credential %j is %j', async ([text, password], { folder }) => {
    await folder.file('blinkup-password', text)
    vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
    expect(await load({ ssid: 'net' })).toEqual({ ssid: 'net', password })
  })

  test('of a credential that cannot be read is not passed over', async ({ folder }) => {
    await mkdir(folder.at('blinkup-password'))
    vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
    await expect(load({ ssid: 'net' })).rejects.toMatchObject({ exitCode: 66 })
  })

  test('is not asked for without a terminal', async () => {
    await expect(load({ ssid: 'net' })).rejects.toEqual(
      new CommandError(
        64,
        'the Wi-Fi password is missing: set BLINKUP_PASSWORD, use --config, or --open for an open network',
      ),
    )
  })

  test('is not looked for without an SSID', async () => {
    vi.stubEnv('BLINKUP_PASSWORD', 'from the variable')
    const enrollment = { planId: 'fedcba9876543210', token: '0123456789abcdef' }
    expect(await load(enrollment)).toEqual(enrollment)
  })

  test.for([true, 'hunter2'])('is refused as an argument: %s', async (password) => {
    const error = await load({ dummy: true, password }).catch((error) => error)
    expect(error).toMatchObject({ exitCode: 64 })
    expect(error.message).toContain('BLINKUP_PASSWORD')
    expect(error.message).not.toContain('hunter2')
  })
})

describe('single options', () => {
  test('beat the file, one by one', async ({ folder }) => {
    const config = await folder.file(
      'config.toml',
      'ssid = "net"\npassword = "in the file"\nplanId = "0000000000000000"\ntoken = "1111111111111111"\n',
    )
    expect(await load({ config, ssid: 'other', token: '2222222222222222' })).toEqual({
      ssid: 'other',
      password: 'in the file',
      planId: '0000000000000000',
      token: '2222222222222222',
    })
  })

  test('give addresses and a proxy', async () => {
    const options = { staticAddress: '10.0.0.2,255.0.0.0,10.0.0.1,1.1.1.1,8.8.8.8', proxy: 'px:80' }
    expect(await load(options)).toEqual({
      staticAddress: {
        ip: '10.0.0.2',
        netmask: '255.0.0.0',
        gateway: '10.0.0.1',
        dns1: '1.1.1.1',
        dns2: '8.8.8.8',
      },
      proxy: { server: 'px', port: 80 },
    })
  })

  test.for([
    [{}, 'say what to send, with --config, --ssid, --token or --dummy'],
    [{ proxy: 'px' }, '--proxy takes SERVER:PORT'],
    [{ proxy: ':80' }, '--proxy takes SERVER:PORT'],
    [
      { staticAddress: '1.1.1.1,2.2.2.2,3.3.3.3,4.4.4.4,5.5.5.5,6.6.6.6' },
      '--static-address takes IP,NETMASK,GATEWAY,DNS1[,DNS2]',
    ],
  ] as const)('%j is wrong usage', async ([options, message]) => {
    await expect(load(options)).rejects.toEqual(new CommandError(64, message))
  })

  test.for([
    [{ token: '0123456789abcdef' }, 'planId'],
    [{ staticAddress: '10.0.0.2' }, 'staticAddress.netmask'],
    [{ proxy: 'px:0' }, 'proxy.port'],
  ] as const)('%j lacks something', async ([options, field]) => {
    const error = await load(options).catch((error) => error)
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ field })
  })
})

test.for(['null', '7', '[]', '"net"'])(
  'a file with %s is no configuration',
  async (json, { folder }) => {
    const config = await folder.file('config.json', json)
    await expect(load({ config })).rejects.toMatchObject({
      name: 'ConfigError',
      message: 'Give the configuration as an object.',
    })
  },
)

test('invented credentials have the shape of real ones', async () => {
  expect(await load({ dummy: true })).toEqual({
    ssid: expect.any(String),
    password: expect.any(String),
    planId: expect.stringMatching(/^[\da-f]{16}$/),
    token: expect.stringMatching(/^[\da-f]{16}$/),
  })
})

test('a password that IEEE 802.11 does not allow is refused, or allowed with a warning', async () => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.stubEnv('BLINKUP_PASSWORD', 'short')
  expect(await load({ ssid: 'net' })).toEqual({ ssid: 'net', password: 'short' })
  expect(told).toHaveBeenLastCalledWith(expect.stringContaining('looks like a WEP key'))

  vi.stubEnv('BLINKUP_PASSWORD', 'sixsix')
  await expect(load({ ssid: 'net' })).rejects.toMatchObject({ code: 'nonstandard' })
  expect(await load({ ssid: 'net', allowNonstandard: true })).toEqual({
    ssid: 'net',
    password: 'sixsix',
  })
  expect(told).toHaveBeenLastCalledWith(expect.stringContaining('the device may refuse it'))
  expect(told.mock.calls.join()).not.toMatch(/short|sixsix/)
})

describe('no error tells a secret', () => {
  const SECRET = "hunter2's secret"
  const CONFIG = { ssid: 'net', password: 'correct horse' }

  test.for([
    { ...CONFIG, password: `${SECRET}\u{7f}` },
    { ...CONFIG, password: SECRET.repeat(8) },
    { ...CONFIG, password: [SECRET] },
    { password: SECRET },
    { ...CONFIG, planId: '0123456789abcdef', token: SECRET },
    { ...CONFIG, planId: '0123456789abcdef', token: { SECRET } },
    { ...CONFIG, token: SECRET },
    { ...CONFIG, proxy: SECRET },
    { ...CONFIG, proxy: { server: 'px', port: 80, password: SECRET } },
    { ...CONFIG, proxy: { server: 'px', port: SECRET, username: 'u', password: SECRET } },
    { ...CONFIG, password: SECRET, clear: true },
    { ...CONFIG, password: SECRET, extra: SECRET },
  ])('about %j', async (settings, { folder }) => {
    const config = await folder.file('config.json', JSON.stringify(settings))
    const error = await load({ config }).catch((error) => error)
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).not.toMatch(/hunter2|SECRET/)
  })
})
