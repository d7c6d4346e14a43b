import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { printDocument } from '../../src/cli/document.js'
import { print, relay, tell } from '../../src/cli/terminal.js'

/** Whatever may come from a board, a file or the light. */
const anything = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0x2000, max: 0x2070 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('\u061c', '\x1b[31m', '\x1b]0;x\x07', '\u009b2J', '"', '\\', 'ü', '😀'),
  ),
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const STEERING = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** What a stream is given while the work runs. */
async function written(
  stream: NodeJS.WriteStream,
  work: () => Promise<void> | void,
): Promise<string> {
  let text = ''
  vi.spyOn(stream, 'write').mockImplementation((chunk: string | Uint8Array, ...rest: unknown[]) => {
    text += Buffer.from(chunk as Uint8Array).toString()
    for (const argument of rest) if (typeof argument === 'function') argument()
    return true
  })
  try {
    await work()
    return text
  } finally {
    vi.restoreAllMocks()
  }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('nothing that is shown steers the terminal', () => {
  test('in a message, which is one line', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        const told = await written(process.stderr, () => tell(text))
        expect(told).not.toMatch(STEERING)
        expect(told.split('\n')).toHaveLength(2)
      }),
    )
  })

  test('in data, and in what another program says', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        const printed = await written(process.stdout, () => print(text))
        expect(printed).not.toMatch(STEERING)
        expect(printed.split('\n')).toHaveLength(text.split('\n').length)
        expect(await written(process.stderr, () => relay(text))).toBe(printed)
      }),
    )
  })

  test('in JSON, which says the same as without', async () => {
    await fc.assert(
      fc.asyncProperty(anything, anything, async (name, finding) => {
        const checks = [{ name, status: 'ok', finding } as const]
        const document = { schema: 'blinkup.doctor/1', checks, error: null } as const
        const printed = await written(process.stdout, () => printDocument(document))
        expect(printed).not.toMatch(STEERING)
        expect(JSON.parse(printed)).toEqual({ ...document, warnings: [] })
      }),
    )
  })

  test('but for our own colour', async () => {
    vi.stubEnv('FORCE_COLOR', '1')
    vi.stubEnv('NO_COLOR', undefined)
    Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true })
    const printed = await written(process.stdout, () =>
      print([{ colour: 'green', text: 'PASS\x1b' }, '\x1b[31mred\n']),
    )
    Reflect.deleteProperty(process.stdout, 'isTTY')
    vi.unstubAllEnvs()
    expect(printed).toBe('\x1b[32mPASS\\u001b\x1b[39m\\u001b[31mred\n')
  })

  test('and other text stays as it is', async () => {
    const text = 'Büro ☕ "a\\b" 日本 😀 עברית\n'
    expect(await written(process.stdout, () => print(text))).toBe(text)
  })
})

test('text longer than a piece is printed whole, whatever its characters', async () => {
  const text = 'ü😀'.repeat(5000)
  const chunks: Buffer[] = []
  vi.spyOn(process.stdout, 'write').mockImplementation(((chunk: Buffer, done: () => void) => {
    chunks.push(chunk)
    done()
    return true
  }) as typeof process.stdout.write)
  await print(text)
  expect(chunks.length).toBeGreaterThan(1)
  expect(Buffer.concat(chunks).toString()).toBe(text)
})
