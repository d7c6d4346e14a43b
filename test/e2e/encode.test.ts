import { describe, expect } from 'vitest'
import { blinkup } from '../helpers/blinkup.js'
import { test } from '../helpers/folder.js'
import { vectors } from '../helpers/vectors.js'

const ONE_OF_A_KIND = ['utf8-4', 'everything-9', 'clear', 'sdk2015-4']

describe.concurrent.each(vectors.filter(({ name }) => ONE_OF_A_KIND.includes(name)))(
  'the reference vector $name',
  ({ input, dialect, packetHex, frames }) => {
    const args = ['encode', '--config', '-', '--dialect', dialect, '--allow-nonstandard']
    const options = { input: JSON.stringify(input) }

    test('is encoded to its symbols and nothing else', async () => {
      const { exitCode, stdout } = await blinkup(args, options)
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${frames}\n` })
    })

    test('is encoded to its bytes', async () => {
      const { stdout } = await blinkup([...args, '--format', 'hex'], options)
      expect(stdout).toBe(`${packetHex}\n`)
    })

    test('is decoded again', async () => {
      const { exitCode, stdout } = await blinkup(['decode', '-', '--json', '--show-secrets'], {
        input: frames,
      })
      expect(exitCode).toBe(0)
      expect(JSON.parse(stdout).receptions).toMatchObject([{ ok: true, packetHex }])
    })
  },
)

describe.concurrent('formats', () => {
  const message = ['encode', '--ssid', 'net', '--open', '--rate', '100']
  const encode = async (format: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await blinkup([...message, '--format', format])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    return stdout
  }

  test('csv has a time in seconds for each symbol', async () => {
    const [header, ...rows] = (await encode('csv')).trimEnd().split('\n')
    expect(header).toBe('time_s,symbol')
    expect(rows.slice(0, 3)).toEqual(['0.000000,0', '0.010000,1', '0.020000,0'])
    expect(rows.map((row) => row.split(',')[1]).join('')).toBe((await encode('symbols')).trimEnd())
  })

  test('vcd is a waveform', async () => {
    expect(await encode('vcd')).toMatch(/^\$timescale 1 us \$end\n.*\n#0\n0w\n0g\n#10000\n1g\n/s)
  })

  test('json holds it all', async () => {
    expect(JSON.parse(await encode('json'))).toEqual({
      schema: 'blinkup.encode/1',
      dialect: 'sdk-0.3.0',
      symbolRateHz: 100,
      durationS: 2.3,
      config: { ssid: 'net', password: '' },
      packetHex: '0701036e65740600****',
      symbols: (await encode('symbols')).trimEnd(),
      error: null,
      warnings: [],
    })
  })
})

test('the sync can be longer', async () => {
  const { stdout } = await blinkup(['encode', '--ssid', 'net', '--open', '--sync', '200'])
  expect(stdout).toMatch(/^(01){100}01010201/)
})

test('TOML and JSON mean the same', async ({ folder }) => {
  const toml = await folder.file(
    'a.toml',
    'ssid = "net"\npassword = ""\n[proxy]\nserver = "px"\nport = 80\n',
  )
  const json = await folder.file(
    'a',
    '{"ssid": "net", "password": "", "proxy": {"server": "px", "port": 80}}',
  )
  const fromToml = await blinkup(['encode', '--config', toml])
  expect(fromToml.exitCode).toBe(0)
  expect(fromToml).toEqual(await blinkup(['encode', '--config', json]))
})
