import { describe, expect } from 'vitest'
import { loadLightSettings } from '../../src/cli/rig-options.js'
import { test } from '../helpers/folder.js'

const FIXTURE = `
rig = "bridge"
port = "/dev/ttyACM0"
rate = 142
dialect = "sdk-2015"
sync = 100
grey = 0.5
brightness = 0.8
sample-rate = 2000
`

describe('settings of the light', () => {
  test('have defaults', async () => {
    expect(await loadLightSettings({})).toMatchObject({
      rig: { kind: 'bridge', greyRatio: 0.52, brightness: 1, sampleRateHz: 1000 },
      symbolRateHz: 60,
      dialect: 'sdk-0.3.0',
      syncSymbols: undefined,
    })
  })

  test('come from a fixture file', async ({ folder }) => {
    expect(
      await loadLightSettings({ fixture: await folder.file('a.toml', FIXTURE) }),
    ).toMatchObject({
      rig: {
        kind: 'bridge',
        port: '/dev/ttyACM0',
        greyRatio: 0.5,
        brightness: 0.8,
        sampleRateHz: 2000,
      },
      symbolRateHz: 142,
      dialect: 'sdk-2015',
      syncSymbols: 100,
    })
  })

  test('are refused when a fixture file in JSON has a key twice, as TOML is', async ({
    folder,
  }) => {
    for (const text of ['{"rate": 60, "rate": 142}', 'rate = 60\nrate = 142\n']) {
      const fixture = await folder.file('fixture', text)
      await expect(loadLightSettings({ fixture })).rejects.toMatchObject({ exitCode: 78 })
    }
  })

  test('each flag beats the file', async ({ folder }) => {
    const flags = {
      fixture: await folder.file('a.toml', FIXTURE),
      rig: 'pwm',
      pin: 18,
      photodiode: 'bridge',
      port: 'COM3',
      rate: 30,
      dialect: 'sdk-0.3.0',
      sync: 60,
      grey: 0.6,
      brightness: 1,
      sampleRate: 1000,
    }
    expect(await loadLightSettings(flags)).toMatchObject({
      rig: {
        kind: 'pwm',
        pin: 18,
        greyRatio: 0.6,
        brightness: 1,
        photodiode: { kind: 'bridge', port: 'COM3', sampleRateHz: 1000 },
      },
      symbolRateHz: 30,
      dialect: 'sdk-0.3.0',
      syncSymbols: 60,
    })
  })
})

describe('bad settings', () => {
  const faults = [
    ['rig', 'laser', 'rig must be one of emulated, bridge, gpio, pwm'],
    ['port', '', 'port must be the name of a serial port'],
    ['rate', 9.9, 'rate must be a number from 10 to 2000'],
    ['rate', 2000.1, 'rate must be a number from 10 to 2000'],
    ['rate', Number.POSITIVE_INFINITY, 'rate must be a number from 10 to 2000'],
    ['dialect', 'constructor', 'dialect must be one of sdk-0.3.0, sdk-2015'],
    ['sync', 61, 'sync must be an even number of symbols, at most 120000'],
    ['sync', 60.5, 'sync must be an even number of symbols, at most 120000'],
    ['sync', 120_002, 'sync must be an even number of symbols, at most 120000'],
    ['grey', 0, 'grey must be a number from 0.05 to 0.95'],
    ['grey', 1, 'grey must be a number from 0.05 to 0.95'],
    ['brightness', 1.01, 'brightness must be a number from 0.1 to 1'],
    ['sample-rate', 249, 'sample-rate must be a number from 250 to 9000'],
    ['sample-rate', 9001, 'sample-rate must be a number from 250 to 9000'],
  ] as const

  test.for(faults)('%s %s as a flag is wrong usage', async ([name, value, message]) => {
    const flag = name === 'sample-rate' ? 'sampleRate' : name
    await expect(loadLightSettings({ [flag]: value })).rejects.toMatchObject({
      exitCode: 64,
      message: `--${message}`,
    })
  })

  test.for(faults)(
    '%s %s in a fixture is a bad fixture',
    async ([name, value, message], { folder }) => {
      const toml = `${name} = ${value === Number.POSITIVE_INFINITY ? 'inf' : JSON.stringify(value)}\n`
      const fixture = await folder.file('a.toml', toml)
      await expect(loadLightSettings({ fixture })).rejects.toMatchObject({
        exitCode: 78,
        message: `${fixture}: ${message}`,
      })
    },
  )

  test.for([
    ['rte = 60', 'rte is not a setting of a rig'],
    ['sampleRate = 1000', 'sampleRate is not a setting of a rig'],
    ['rate = "60"', 'rate must be a number from 10 to 2000'],
    ['{"pin": null}', 'pin must be one of 12, 13, 18, 19'],
    ['[]', 'give settings of a rig by their names'],
  ] as const)('%s in a fixture', async ([toml, message], { folder }) => {
    const fixture = await folder.file('a.toml', toml)
    await expect(loadLightSettings({ fixture })).rejects.toMatchObject({
      exitCode: 78,
      message: `${fixture}: ${message}`,
    })
  })

  test('a sync below that of the dialect is the fault of who set it', async ({ folder }) => {
    const message = 'sync must be at least 48 symbols for sdk-0.3.0'
    await expect(loadLightSettings({ sync: 46 })).rejects.toMatchObject({ exitCode: 64, message })
    const fixture = await folder.file('a.toml', 'sync = 46')
    await expect(loadLightSettings({ fixture })).rejects.toMatchObject({ exitCode: 78, message })
    expect(await loadLightSettings({ sync: 32, dialect: 'sdk-2015' })).toMatchObject({
      syncSymbols: 32,
    })
  })

  test('a fixture that is not there is no input', async ({ folder }) => {
    await expect(loadLightSettings({ fixture: folder.at('none') })).rejects.toMatchObject({
      exitCode: 66,
    })
  })
})

test('a board looks on beside another one: each has a port', async ({ folder }) => {
  const playing = { port: 'line-7', photodiode: 'bridge', sampleRate: 2000 }
  const rig = { kind: 'bridge', greyRatio: 0.52, brightness: 1, port: 'line-7', sampleRateHz: 2000 }
  expect((await loadLightSettings({ ...playing, photodiodePort: 'eye-7' })).rig).toEqual({
    ...rig,
    photodiode: { kind: 'bridge', port: 'eye-7', sampleRateHz: 2000 },
  })
  expect((await loadLightSettings(playing)).rig).toEqual({
    ...rig,
    photodiode: { kind: 'bridge', sampleRateHz: 2000 },
  })
  const toml = 'port = "line-7"\nphotodiode = "bridge"\nphotodiode-port = "eye-7"\n'
  const fixture = await folder.file('two.toml', toml)
  expect((await loadLightSettings({ fixture })).rig).toMatchObject({
    port: 'line-7',
    photodiode: { port: 'eye-7' },
  })
})

describe('a rig on the header', () => {
  const gpio = { rig: 'gpio', whiteLine: 17, greyLine: 27 }

  test('needs its pins', async () => {
    const { rig } = await loadLightSettings({ ...gpio, activeLow: true, photodiode: 'bridge' })
    const lines = { kind: 'gpio', whiteLine: 17, greyLine: 27, activeLow: true }
    expect(rig).toEqual({ ...lines, photodiode: { kind: 'bridge', sampleRateHz: 1000 } })
    expect((await loadLightSettings({ rig: 'pwm', pin: 18 })).rig).toMatchObject({ pin: 18 })
  })

  test.each([
    [{ rig: 'gpio' }, 'say where the LED is, with --white-line and --grey-line'],
    [{ rig: 'gpio', whiteLine: 17 }, 'say where the LED is, with --white-line and --grey-line'],
    [{ ...gpio, greyLine: 17 }, 'the white line and the grey line must be different'],
    [{ ...gpio, grey: 0.5 }, '--grey is for rig emulated, bridge, pwm, not gpio'],
    [{ rig: 'pwm', pin: 18, activeLow: true }, '--active-low is for rig gpio, not pwm'],
    [{ pin: 18 }, '--pin is for rig pwm, not bridge'],
    [
      { rig: 'emulated', photodiode: 'adc' },
      '--photodiode is for rig bridge, gpio, pwm, not emulated',
    ],
    [{ ...gpio, whiteLine: 28 }, '--white-line must be a BCM number from 2 to 27'],
    [{ rig: 'pwm' }, 'say where the LED is, with --pin'],
    [{ rig: 'pwm', pin: 17 }, '--pin must be one of 12, 13, 18, 19'],
    [{ ...gpio, photodiode: 'eye' }, '--photodiode must be bridge or adc'],
    [{ ...gpio, adcChannel: 8 }, '--adc-channel must be a number from 0 to 7'],
    [{ ...gpio, adcChannel: 1 }, '--adc-channel is for --photodiode adc'],
    [{ ...gpio, photodiode: 'adc', port: 'COM3' }, '--port is for --photodiode bridge'],
    [{ ...gpio, sampleRate: 2000 }, '--sample-rate is for --photodiode bridge or adc'],
    [{ adcChannel: 1 }, '--adc-channel is for --photodiode adc'],
    [
      { rig: 'emulated', adcChannel: 1 },
      '--adc-channel is for rig bridge, gpio, pwm, not emulated',
    ],
    [{ photodiodePort: 'COM4' }, '--photodiode-port is for --photodiode bridge'],
    [{ photodiode: 'adc', photodiodePort: 'COM4' }, '--photodiode-port is for --photodiode bridge'],
    [
      { ...gpio, photodiode: 'bridge', photodiodePort: 'COM4' },
      '--photodiode-port is for rig bridge, not gpio',
    ],
    [
      { photodiode: 'bridge', photodiodePort: '' },
      '--photodiode-port must be the name of a serial port',
    ],
  ])('%j: %s', async (flags, message) => {
    await expect(loadLightSettings(flags)).rejects.toThrow(message)
  })

  test('what does not go together is of the fixture that has it, else of the flags', async ({
    folder,
  }) => {
    const half = await folder.file('half.toml', 'rig = "gpio"\nwhite-line = 17\n')
    const same = await folder.file('same.toml', 'rig = "gpio"\nwhite-line = 17\ngrey-line = 17\n')
    await expect(loadLightSettings({ fixture: half })).rejects.toMatchObject({
      exitCode: 78,
      message: `${half}: say where the LED is, with white-line and grey-line`,
    })
    await expect(loadLightSettings({ fixture: same })).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(/^\S+same\.toml: .* must be different$/),
    })
    await expect(loadLightSettings({ fixture: half, greyLine: 17 })).rejects.toMatchObject({
      exitCode: 64,
      message: expect.stringMatching(/must be different$/),
    })
  })

  test('its fixture may be tried on another rig, but must fit its own', async ({ folder }) => {
    const fixture = await folder.file('a.toml', 'rig = "pwm"\npin = 18\nactive-low = true\n')
    expect((await loadLightSettings({ fixture, rig: 'emulated' })).rig.kind).toBe('emulated')
    await expect(loadLightSettings({ fixture })).rejects.toMatchObject({
      exitCode: 78,
      message: `${fixture}: active-low is for rig gpio, not pwm`,
    })
  })

  test('its fixture may hold the settings of a photodiode that is not used now', async ({
    folder,
  }) => {
    const toml = 'rig = "pwm"\npin = 18\nport = "line-7"\nadc-channel = 3\nsample-rate = 2000\n'
    const fixture = await folder.file('a.toml', toml)
    expect((await loadLightSettings({ fixture })).rig).not.toHaveProperty('photodiode')
    expect((await loadLightSettings({ fixture, photodiode: 'adc' })).rig).toMatchObject({
      photodiode: { kind: 'adc', channel: 3, sampleRateHz: 2000 },
    })
  })
})
