import { truncate } from 'node:fs/promises'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { CommandError, EXIT } from '../../src/cli/errors.js'
import { readSettings, readText } from '../../src/cli/files.js'
import { test } from '../helpers/folder.js'

async function failureOf(work: Promise<unknown>): Promise<CommandError> {
  const error = await work.then(
    () => expect.fail('nothing was thrown'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(CommandError)
  return error
}

describe('readText', () => {
  test('reads UTF-8', async ({ folder }) => {
    expect(await readText(await folder.file('net', 'Büro ☕\n'))).toBe('Büro ☕\n')
  })

  test('refuses bytes that are no UTF-8', async ({ folder }) => {
    const path = await folder.file('net', Uint8Array.of(0x61, 0xff))
    expect(await failureOf(readText(path))).toMatchObject({
      exitCode: 65,
      message: `${path} is not text in UTF-8`,
    })
  })

  test('a file that is not there, or is a folder, is no input', async ({ folder }) => {
    expect(await failureOf(readText(folder.at('none')))).toMatchObject({
      exitCode: 66,
      message: `cannot read ${folder.at('none')}: no such file or directory`,
    })
    expect(await failureOf(readText(folder.path))).toMatchObject({
      exitCode: 66,
      message: `cannot read ${folder.path}: illegal operation on a directory`,
    })
  })
})

describe('a text of more than 64 KiB is refused before it is looked at', () => {
  test.for([
    ['empty lines', '\n'],
    ['one key many times', '"a":1,'],
    ['lists in lists', '['],
    ['tables in tables', '{"proxy":'],
    ['dotted keys', 'a.b.c = 1\n'],
  ] as const)('of %s', async ([, part], { folder }) => {
    const beginning = part.includes('"') && !part.startsWith('{') ? '{' : ''
    const path = await folder.file('large', beginning + part.repeat(2 ** 17 / part.length))
    expect(await failureOf(readSettings(path, EXIT.badFixture))).toMatchObject({
      exitCode: 78,
      message: `${path} is larger than 64 KiB: give only settings`,
    })
    await truncate(path, 2 ** 16 - 1)
    const small = await readSettings(path, EXIT.badFixture).catch((error) => error)
    expect(small instanceof CommandError || 'settings' in small).toBe(true)
  })

  test.skipIf(process.platform !== 'linux')('also where there is no end', async () => {
    expect(await failureOf(readText('/dev/zero'))).toMatchObject({ exitCode: 65 })
  })
})

describe('readSettings', () => {
  test.for([
    ['JSON', '{"password": hunter2hunter2}'],
    ['TOML', 'password = "hunter2hunter2'],
  ] as const)(
    "%s that is broken is nobody's cause, as its error quotes the text",
    async ([, text], { folder }) => {
      const error = await failureOf(readSettings(await folder.file('settings', text), 65))
      expect(inspect(error, { depth: null, showHidden: true })).not.toContain('hunter2')
    },
  )

  test('reads JSON and TOML, whatever the name', async ({ folder }) => {
    const settings = { ssid: 'net', proxy: { server: 'px', port: 80 } }
    const json = await folder.file('json', `\uFEFF \n${JSON.stringify(settings)}`)
    const toml = await folder.file('toml', 'ssid = "net"\n[proxy]\nserver = "px"\nport = 80\n')
    expect(await readSettings(json, EXIT.badData)).toEqual({ settings, doubts: [] })
    expect(await readSettings(toml, EXIT.badData)).toEqual({ settings, doubts: [] })
  })

  test('TOML may begin with a table', async ({ folder }) => {
    const path = await folder.file('toml', '[proxy]\nserver = "px"\n')
    const settings = { proxy: { server: 'px' } }
    expect(await readSettings(path, EXIT.badData)).toEqual({ settings, doubts: [] })
  })

  test('what is named .json is JSON', async ({ folder }) => {
    const path = await folder.file('list.json', '["secret"]')
    expect(await readSettings(path, EXIT.badData)).toMatchObject({ settings: ['secret'] })
  })

  test.for([
    ['a.json', '', 'JSON: see line 1, column 1'],
    ['a', '{"ssid": "net",\n "password": secret}', 'JSON: see line 2, column 14'],
    ['a', '{"ssid": "net",\n "password": "secret}', 'JSON: see line 2, column 22'],
    ['a', '{"ssid": "net",\n "password": "sec\\qret"}', 'JSON: see line 2, column 19'],
    ['a', '{"password": "secret"', 'JSON: see line 1, column 22'],
    ['a', '{"password": "secret"} secret', 'JSON: see line 1, column 24'],
    ['a', '{"position": at position 7}', 'JSON: see line 1, column 14'],
    ['a', 'ssid = "net"\npassword = secret', 'TOML: see line 2, column 12'],
    ['a', 'secret', 'TOML: see line 1, column 1'],
    ['a', 'password = "secret"\npassword = "secret"', 'TOML: see line 2, column 1'],
  ] as const)('names the place in %j: %j', async ([name, text, place], { folder }) => {
    const path = await folder.file(name, text)
    expect(await failureOf(readSettings(path, EXIT.badFixture))).toMatchObject({
      exitCode: 78,
      message: `${path} is not valid ${place}`,
    })
  })

  test('names the place of any one wrong character in JSON', async ({ folder }) => {
    const json = fc
      .dictionary(fc.stringMatching(/^\w*$/), fc.jsonValue({ noUnicodeString: true }))
      .map((value) => JSON.stringify(value, null, 2))
      .filter((text) => !text.includes('\\'))
    await fc.assert(
      fc.asyncProperty(json, fc.nat(), async (text, anywhere) => {
        const place = 1 + (anywhere % text.length)
        const before = text.slice(0, place).split('\n')
        const path = await folder.file('a', `${text.slice(0, place)}\x01${text.slice(place)}`)
        expect((await failureOf(readSettings(path, EXIT.badData))).message).toBe(
          `${path} is not valid JSON: see line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`,
        )
      }),
    )
  })

  test.for([
    ['{"a": 1, "a": 2}', ['line 1, column 10']],
    ['{"a": 1,\n\t"b": 2,\n\t"\\u0061" : 3}', ['line 3, column 2']],
    ['{"a": 1, "a": 2, "b": 3, "a": 4}', ['line 1, column 10', 'line 1, column 26']],
    ['{"a": {"b": 1, "b": 2}}', ['line 1, column 16']],
    ['{"a": [{"b": 1}, {"b": 2, "b": 3}]}', ['line 1, column 27']],
    ['{"__proto__": 1, "__proto__": 2}', ['line 1, column 18']],
    ['{"": 1, "": 2}', ['line 1, column 9']],
    ['{"a": {"a": {"a": 1}}, "b": [{"a": 1}, {"a": 1}]}', []],
    ['{"a": "a", "b": "a", "c": ["a", "a"]}', []],
    ['{"a": "\\"a\\": {", "b": "}", "c\\\\": "\\\\"}', []],
  ] as const)('doubts keys that stand twice in JSON: %j', async ([text, places], { folder }) => {
    const path = await folder.file('a', text)
    const { settings, doubts } = await readSettings(path, EXIT.badFixture)
    expect(settings).toEqual(JSON.parse(text))
    expect(doubts).toEqual(
      places.map(
        (place) =>
          new CommandError(
            78,
            `${path} has a key twice, and only the last one counts: see ${place}`,
          ),
      ),
    )
  })

  test('finds a key that stands twice, wherever, and only then', async ({ folder }) => {
    // Texts full of what keys are found by.
    const text = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ ab\n\u2028') })
    const { object } = fc.letrec((tie) => ({
      value: fc.oneof(text, fc.integer(), fc.array(tie('value'), { maxLength: 3 }), tie('object')),
      object: fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    }))
    await fc.assert(
      fc.asyncProperty(object, fc.option(text), async (value, key) => {
        const json = JSON.stringify({ a: value }, null, 1)
        const once = await folder.file('once.json', json)
        expect((await readSettings(once, EXIT.badData)).doubts).toEqual([])
        if (key === null) return
        const name = JSON.stringify(key)
        const twice = await folder.file(
          'twice.json',
          `{"x": [${json}, {${name}: ${json}, ${name}: ${json}}]}`,
        )
        expect((await readSettings(twice, EXIT.badData)).doubts).toHaveLength(1)
      }),
    )
  })

  test('never tells what stands in the file, wherever the fault is', async ({ folder }) => {
    const secret = 'hunter2'
    const nearby = fc.string({ unit: fc.constantFrom(...'{}[]",:=\\\n \t\'#atx1') })
    const fault = fc.tuple(nearby, nearby, fc.constantFrom('', '{', '{"a":', 'a ='))
    await fc.assert(
      fc.asyncProperty(fault, async ([before, after, start]) => {
        const path = await folder.file('a', `${start}${before}${secret}${after}`)
        const told = await readSettings(path, EXIT.badData).then(
          ({ doubts }) => doubts.map(({ message }) => message).join(),
          ({ message }) => message,
        )
        expect(told).toMatch(/^(|.* (is not valid|has a key twice).*: see line \d+, column \d+)$/)
        expect(told).not.toContain(secret)
      }),
    )
  })
})
