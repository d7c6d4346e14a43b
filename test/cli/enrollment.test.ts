import { chmod } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { loadSourceFor, loadTokenSource, withToken } from '../../src/cli/enrollment.js'
import type { EnrollmentSection } from '../../src/cli/enrollment-section.js'
import { loadMessage } from '../../src/cli/message.js'
import { loadLightSettings } from '../../src/cli/rig-options.js'
import { warnings } from '../../src/cli/terminal.js'
import { EnrollmentServer, PLAN_ID } from '../helpers/enrollment-server.js'
import { type Folder, test } from '../helpers/folder.js'

beforeEach(() => {
  vi.stubEnv('BLINKUP_ENROLLMENT_KEY', undefined)
  vi.stubEnv('BLINKUP_TOKEN', undefined)
  vi.stubEnv('CREDENTIALS_DIRECTORY', undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const sectionOf = async (folder: Folder, toml: string) =>
  (await loadLightSettings({ fixture: await folder.file('a.toml', `[enrollment]\n${toml}`) }))
    .enrollment

describe('the section [enrollment] of a fixture file', () => {
  test('may say all or nothing, and is none where it is not there', async ({ folder }) => {
    const file = folder.at('a.toml')
    expect(await sectionOf(folder, '')).toEqual({ file })
    const toml = `url = "https://cloud.example"
      api = "v5"
      ca = "ca.pem"
      plan-id = "FEDCBA9876543210"
      timeout = 90.5`
    expect(await sectionOf(folder, toml)).toEqual({
      file,
      url: 'https://cloud.example',
      api: 'v5',
      ca: folder.at('ca.pem'), // beside the file, wherever this runs
      planId: 'FEDCBA9876543210',
      timeoutS: 90.5,
    })
    const fixture = await folder.file('b.toml', 'rig = "emulated"')
    expect((await loadLightSettings({ fixture })).enrollment).toBeNull()
    expect((await loadLightSettings({})).enrollment).toBeNull()
  })

  test.for([
    ['key = "secret"', 'enrollment.key is not a setting of enrollment'],
    ['planId = "0123456789abcdef"', 'enrollment.planId is not a setting of enrollment'],
    ['url = ""', 'enrollment.url must be a text that is not empty'],
    ['url = 5', 'enrollment.url must be a text that is not empty'],
    ['api = "v2"', 'enrollment.api must be v1 or v5'],
    ['ca = true', 'enrollment.ca must be a text that is not empty'],
    ['plan-id = "0123456789abcde"', 'enrollment.plan-id must be 16 hex digits'],
    ['timeout = 0', 'enrollment.timeout must be a number of seconds above 0, at most 3600'],
    ['timeout = nan', 'enrollment.timeout must be a number of seconds above 0, at most 3600'],
    ['timeout = "60"', 'enrollment.timeout must be a number of seconds above 0, at most 3600'],
  ] as const)('%s', async ([toml, fault], { folder }) => {
    await expect(sectionOf(folder, toml)).rejects.toMatchObject({
      exitCode: 78,
      message: `${folder.at('a.toml')}: ${fault}`,
    })
  })

  test('is a section', async ({ folder }) => {
    const fixture = await folder.file('a.toml', 'enrollment = "https://cloud.example"')
    await expect(loadLightSettings({ fixture })).rejects.toMatchObject({
      exitCode: 78,
      message: `${fixture}: enrollment must be a section: write [enrollment]`,
    })
  })
})

describe('the API key', () => {
  /** With that key only a token comes. */
  async function expectKey(key: string, options: { enrollmentKeyFile?: string }) {
    await using server = await EnrollmentServer.open()
    server.form = `${key}:`
    const { client } = await loadTokenSource({ file: 'a.toml', url: server.url }, options)
    expect(await client.createToken()).toMatchObject({ planId: PLAN_ID })
  }

  test('is looked for in this order: option, variable, systemd credential', async ({ folder }) => {
    const enrollmentKeyFile = await folder.file('key', 'of-the-file\r\n')
    await folder.file('blinkup-enrollment-key', 'of-systemd\n')
    vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
    await expectKey('of-systemd', {})
    vi.stubEnv('BLINKUP_ENROLLMENT_KEY', 'of-the-variable')
    await expectKey('of-the-variable', {})
    await expectKey('of-the-file', { enrollmentKeyFile })
  })

  test('that is missing or empty is told with where it may be', async ({ folder }) => {
    const expectFault = (message: string, options = {}) =>
      expect(loadTokenSource(null, options)).rejects.toMatchObject({ exitCode: 64, message })
    await expectFault(
      'the enrollment API key is missing: set BLINKUP_ENROLLMENT_KEY, or use --enrollment-key-file',
    )
    await folder.file('blinkup-enrollment-key', '\n')
    vi.stubEnv('CREDENTIALS_DIRECTORY', folder.path)
    await expectFault(
      'the systemd credential blinkup-enrollment-key is empty: put the enrollment API key in it, or use --enrollment-key-file',
    )
    vi.stubEnv('BLINKUP_ENROLLMENT_KEY', '')
    await expectFault(
      'BLINKUP_ENROLLMENT_KEY is empty: set it to the enrollment API key, unset it, or use --enrollment-key-file',
    )
    const enrollmentKeyFile = await folder.file('key', '\n')
    await expectFault(`${enrollmentKeyFile} is empty: put the enrollment API key in it`, {
      enrollmentKeyFile,
    })
    await expect(
      loadTokenSource(null, { enrollmentKeyFile: folder.at('none') }),
    ).rejects.toMatchObject({ exitCode: 66 })
  })

  test('in a file that others may read is warned of, and refused where it must be right', async ({
    folder,
  }) => {
    const enrollmentKeyFile = await folder.file('key', 'secret')
    await loadTokenSource(null, { enrollmentKeyFile, strict: true })
    await chmod(enrollmentKeyFile, 0o640)
    await loadTokenSource(null, { enrollmentKeyFile })
    expect(warnings().at(-1)).toMatch(/key holds a secret that other users may read: .*chmod 600/)
    await expect(loadTokenSource(null, { enrollmentKeyFile, strict: true })).rejects.toMatchObject({
      exitCode: 65,
    })
  })
})

test('what is wrong with the server is told with the fixture file', async ({ folder }) => {
  vi.stubEnv('BLINKUP_ENROLLMENT_KEY', 'key')
  const file = folder.at('a.toml')
  const ca = await folder.file('ca.pem', 'no certificate')
  const load = (section: Partial<EnrollmentSection>) => loadTokenSource({ file, ...section }, {})
  for (const section of [{ url: 'http://cloud.example' }, { ca }]) {
    await expect(load(section)).rejects.toMatchObject({
      exitCode: 78,
      code: 'enrollment.misconfigured',
      message: expect.stringMatching(new RegExp(`^\\S+${basename(file)}: give the `)),
    })
  }
  await expect(load({ ca: folder.at('none.pem') })).rejects.toMatchObject({ exitCode: 66 })
})

describe('a message', () => {
  const SYMBOLS = { symbolRateHz: 60, dialect: 'sdk-0.3.0', syncSymbols: undefined } as const
  const net = { ssid: 'net', open: true } as const
  const own = { planId: '0123456789abcdef', token: '1111111111111111' } as const
  const load = (options: object) => loadMessage(options, SYMBOLS, true)
  const signal = new AbortController().signal

  test('without a token gets one, of which nothing else depends', async () => {
    vi.stubEnv('BLINKUP_ENROLLMENT_KEY', 'key')
    await using server = await EnrollmentServer.open()
    server.form = 'key:'
    for (const [options, section, planId] of [
      [net, {}, PLAN_ID],
      [net, { planId: '0011223344556677' }, '0011223344556677'],
      [{ ...net, planId: own.planId }, { planId: '0011223344556677' }, own.planId],
    ] as const) {
      const message = await load(options)
      const enrollment = { file: 'a.toml', url: server.url, ...section }
      const source = await loadSourceFor(message, enrollment, {})
      const sent = await withToken(message, source, signal)
      const token = server.tokens.at(-1)
      expect(sent.config).toEqual({ ssid: 'net', password: '', planId, token })
      expect(sent.lacking).toBeUndefined()
      expect(sent.sequence.levels).toHaveLength(message.sequence.levels.length)
      expect(await withToken(sent, source, signal)).toBe(sent)
    }
    expect(server.tokens).toHaveLength(3)
  })

  test('with a token of its own, and an order to clear, need no key', async ({ folder }) => {
    const clear = await folder.file('clear.json', '{"clear": true}')
    for (const options of [{ ...net, ...own }, own, { dummy: true }, { config: clear }]) {
      const message = await load(options)
      expect(message.lacking).toBeUndefined()
      expect(await loadSourceFor(message, { file: 'a.toml' }, {})).toBeNull()
      expect(await withToken(message, null, signal)).toBe(message)
    }
  })

  test('of which something else is wrong gets none', async () => {
    const { token } = own
    await expect(load({ ...net, token })).rejects.toMatchObject({ code: 'missing' })
    await expect(load({ ...net, planId: 'x' })).rejects.toMatchObject({ code: 'format' })
    await expect(load({})).rejects.toMatchObject({ exitCode: 64 })
  })

  test('is not given a key without a server', async () => {
    const message = await loadMessage(net, SYMBOLS)
    await expect(loadSourceFor(message, null, { enrollmentKeyFile: 'key' })).rejects.toMatchObject({
      exitCode: 64,
      message: '--enrollment-key-file needs a --fixture file with a section [enrollment]',
    })
  })
})
