import { chmod, mkdir } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import type { CredentialOptions } from '../../src/cli/credentials.js'
import { CommandError, explain } from '../../src/cli/errors.js'
import { loadMessage } from '../../src/cli/message.js'
import { ConfigError } from '../../src/packet/index.js'
import { test } from '../helpers/folder.js'

const SYMBOLS = { symbolRateHz: 60, dialect: 'sdk-0.3.0', syncSymbols: undefined } as const
const load = async (options: CredentialOptions) => (await loadMessage(options, SYMBOLS)).config
const warningsOf = async (options: CredentialOptions) =>
  (await loadMessage(options, SYMBOLS)).warnings

beforeEach(() => {
  vi.stubEnv('BLINKUP_PASSWORD', undefined)
  vi.stubEnv('BLINKUP_TOKEN', undefined)
  vi.stubEnv('CREDENTIALS_DIRECTORY', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the token', () => {
  const planId = 'fedcba9876543210'
  const [ofFile, ofSystemd, ofVariable, ofOption] = [1, 2, 3, 4].map((n) => `${n}`.repeat(16))

  test('is looked for in this order: option, variable, systemd credential, file', async ({
    folder,
  }) => {
    const config = await folder.file('config', JSON.stringify({ planId, token: ofFile }))
    expect(await load({ config })).toEqual({ planId, token: ofFile })
    vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
    expect(await load({ config })).toEqual({ planId, token: ofFile })
    await folder.file('blinkup-token', `${ofSystemd}\n`)
    expect(await load({ config })).toEqual({ planId, token: ofSystemd })
    vi.stubEnv('BLINKUP_TOKEN', ofVariable)
    expect(await load({ planId })).toEqual({ planId, token: ofVariable })
    expect(await load({ config, token: ofOption as string })).toEqual({ planId, token: ofOption })
  })

  test('is that of a plan ID, and of no message without', async () => {
    vi.stubEnv('BLINKUP_TOKEN', ofVariable)
    expect(await load({ ssid: 'net', open: true })).toEqual({ ssid: 'net', password: '' })
  })

  test('that is empty is lost', async ({ folder }) => {
    await folder.file('blinkup-token', '\n')
    vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
    await expect(load({ planId })).rejects.toEqual(
      new CommandError(
        64,
        'the systemd credential blinkup-token is empty: put the enrollment token in it, or put it in the --config file',
      ),
    )
    vi.stubEnv('BLINKUP_TOKEN', '')
    await expect(load({ planId })).rejects.toEqual(
      new CommandError(
        64,
        'BLINKUP_TOKEN is empty: set it to the enrollment token, unset it, or put it in the --config file',
      ),
    )
  })

  test('as an argument is warned of, and refused where it must be right', async () => {
    const options = { planId, token: ofOption as string }
    const told = [expect.stringMatching(/^every user of this computer may see .* BLINKUP_TOKEN or/)]
    expect(await warningsOf(options)).toEqual(told)
    await expect(load({ ...options, strict: true })).rejects.toMatchObject({ exitCode: 64 })
    vi.stubEnv('BLINKUP_TOKEN', ofVariable)
    expect(await warningsOf({ planId })).toEqual([])
  })
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

  test('is not asked for without a terminal', async ({ folder }) => {
    const config = await folder.file('config', '{"ssid": "net"}')
    for (const options of [{ ssid: 'net' }, { config }, { config, ssid: 'other' }]) {
      await expect(load(options)).rejects.toEqual(
        new CommandError(
          64,
          'the Wi-Fi password is missing: set BLINKUP_PASSWORD, put it in the --config file, or use --open for an open network',
        ),
      )
    }
  })

  test('of an open network is empty in the file, or replaced by --open', async ({ folder }) => {
    const open = { ssid: 'net', password: '' }
    expect(
      await load({ config: await folder.file('a', '{"ssid": "net", "password": ""}') }),
    ).toEqual(open)
    expect(await load({ config: await folder.file('b', 'ssid = "net"\npassword = ""\n') })).toEqual(
      open,
    )
    expect(await load({ config: await folder.file('c', '{"ssid": "net"}'), open: true })).toEqual(
      open,
    )
    expect(await load({ ssid: 'net', open: true })).toEqual(open)
  })

  describe('that is lost makes no open network', () => {
    test('by a variable that is empty', async ({ folder }) => {
      vi.stubEnv('BLINKUP_PASSWORD', '')
      vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
      const config = await folder.file('config', FILE)
      await folder.file('blinkup-password', 'from systemd')
      for (const options of [{ ssid: 'net' }, { config }]) {
        await expect(load(options)).rejects.toEqual(
          new CommandError(
            64,
            'BLINKUP_PASSWORD is empty: set it to the Wi-Fi password, unset it, or use --open for an open network',
          ),
        )
      }
      expect(await load({ config, open: true })).toEqual({ ssid: 'net', password: '' })
      expect(await load({ dummy: true })).toMatchObject({ password: 'notsecret!' })
    })

    test.for(['', '\n', '\r\n'])('by a credential of %j', async (text, { folder }) => {
      await folder.file('blinkup-password', text)
      vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
      const config = await folder.file('config', FILE)
      for (const options of [{ ssid: 'net' }, { config }]) {
        await expect(load(options)).rejects.toEqual(
          new CommandError(
            64,
            'the systemd credential blinkup-password is empty: put the Wi-Fi password in it, or use --open for an open network',
          ),
        )
      }
      expect(await load({ config, open: true })).toEqual({ ssid: 'net', password: '' })
    })
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

const PROXY_FORM =
  '--proxy takes HOST:PORT alone, like proxy.example:8080; a user name and password need --config'

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
    ...['px', ':80', 'px:', 'px:x', 'http://px', 'http://px:80', 'px:80/', 'px:80:90'].map(
      (proxy) => [{ proxy }, PROXY_FORM] as const,
    ),
    ...['user:hunter2@px:80', 'user@px:80', 'http://user:hunter2@px:80', 'user:hunter2@px'].map(
      (proxy) => [{ proxy }, PROXY_FORM] as const,
    ),
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
  vi.stubEnv('BLINKUP_PASSWORD', 'short')
  expect(await load({ ssid: 'net' })).toEqual({ ssid: 'net', password: 'short' })
  expect(await warningsOf({ ssid: 'net' })).toEqual([
    'The Wi-Fi password looks like a WEP key: check that the network uses WEP.',
  ])

  vi.stubEnv('BLINKUP_PASSWORD', 'sixsix')
  await expect(load({ ssid: 'net' })).rejects.toMatchObject({ code: 'nonstandard' })
  expect(await load({ ssid: 'net', allowNonstandard: true })).toEqual({
    ssid: 'net',
    password: 'sixsix',
  })
  expect(await warningsOf({ ssid: 'net', allowNonstandard: true })).toEqual([
    'The Wi-Fi password is not one that WPA2 or WEP allows: the device may refuse it.',
  ])
})

describe('what can hardly be right is a warning, and an error with --strict', () => {
  const NETWORK = '"ssid": "net", "password": "correct horse"'

  async function expectDoubt(options: CredentialOptions, exitCode: 64 | 65, says: string) {
    expect(await warningsOf(options)).toEqual([expect.stringContaining(says)])
    const error = await load({ ...options, strict: true }).catch((error) => error)
    expect(explain(error)).toMatchObject({ exitCode, message: expect.stringContaining(says) })
  }

  async function expectNoDoubt(options: CredentialOptions) {
    expect(await warningsOf({ ...options, strict: true })).toEqual([])
  }

  test('a key twice in JSON', async ({ folder }) => {
    const config = await folder.file('a', `{${NETWORK},\n "password": "other horse"}`)
    await expectDoubt(
      { config },
      65,
      `${config} has a key twice, and only the last one counts: see line 2, column 2`,
    )
  })

  test('a field that ends with a space', async ({ folder }) => {
    await expectDoubt(
      { config: await folder.file('a', '{"ssid": "net ", "password": ""}') },
      65,
      'Give ssid without',
    )
    await expectDoubt({ ssid: 'net\n', open: true }, 65, 'Give ssid without')
    vi.stubEnv('BLINKUP_PASSWORD', 'correct horse ')
    await expectDoubt({ ssid: 'net' }, 65, 'Give password without')
  })

  test('an address that cannot be reached', async () => {
    const staticAddress = '10.0.0.5,255.255.255.0,10.0.1.1,9.9.9.9'
    await expectDoubt({ staticAddress }, 65, 'Give staticAddress.gateway')
  })

  test("another network's password", async ({ folder }) => {
    const config = await folder.file('a', `{${NETWORK}}`)
    const open = await folder.file('b', '{"ssid": "net", "password": ""}')
    const nameless = await folder.file('c', '{"password": "correct horse"}')
    const says = '--ssid would get the password of another network'
    await expectDoubt({ config, ssid: 'other' }, 64, says)
    await expectDoubt({ config: open, ssid: 'other' }, 64, says)

    await expectNoDoubt({ config, ssid: 'net' })
    await expectNoDoubt({ config, ssid: 'other', open: true })
    await expectNoDoubt({ config: nameless, ssid: 'other' })
    vi.stubEnv('BLINKUP_PASSWORD', 'other horse')
    await expectNoDoubt({ config, ssid: 'other' })
  })

  describe.skipIf(process.platform === 'win32')('a secret that others may read', () => {
    const says = 'holds a secret that other users may read'

    test.for([
      `{${NETWORK}}`,
      '{"planId": "0123456789abcdef", "token": "0123456789abcdef"}',
      '{"proxy": {"server": "px", "port": 80, "username": "u", "password": "p"}}',
    ])('in %s', async (text, { folder }) => {
      const config = await folder.file('a', text)
      for (const mode of [0o644, 0o640, 0o604]) {
        await chmod(config, mode)
        await expectDoubt({ config }, 65, `${config} ${says}`)
      }
      for (const mode of [0o600, 0o400, 0o611]) {
        await chmod(config, mode)
        await expectNoDoubt({ config })
      }
    })

    test('is none in a file without one', async ({ folder }) => {
      const text = '{"ssid": "net", "password": "", "proxy": {"server": "px", "port": 80}}'
      await expectNoDoubt({ config: await folder.file('a', text, 0o644) })
    })

    test("is none in systemd's folder, where an ACL looks like a right of the group", async ({
      folder,
    }) => {
      const config = await folder.file('device.json', `{${NETWORK}}`, 0o440)
      await expectDoubt({ config }, 65, says)
      vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
      await expectNoDoubt({ config })
    })
  })

  test('but not what is only unusual, nor what is invented', async () => {
    await expectNoDoubt({ dummy: true })
    vi.stubEnv('BLINKUP_PASSWORD', '0123456789') // of WPA2, or WEP
    expect(await warningsOf({ ssid: 'net', strict: true })).toHaveLength(1)
    vi.stubEnv('BLINKUP_PASSWORD', 'sixsix')
    expect(await warningsOf({ ssid: 'net', strict: true, allowNonstandard: true })).toHaveLength(1)
  })
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
    { ...CONFIG, proxy: { server: `user:${SECRET}@px`, port: 80 } },
    { ...CONFIG, proxy: { server: `http://user:${SECRET}@px`, port: 80 } },
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
