import fc from 'fast-check'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { placesIn } from '../../src/cli/toml-places.js'

type Path = (string | number)[]

/** A random text, built line by line, and the places of what is in it. */
class Text {
  readonly places: { path: Path; line: number }[] = []
  #text = ''
  #line = 1

  add(text: string): void {
    this.#text += text
    this.#line += text.split('\n').length - 1
  }

  isHere(path: Path): void {
    this.places.push({ path, line: this.#line })
  }

  toString(): string {
    return this.#text
  }
}

const names = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('[a]', 'a = 1', '# no', 'a.b', "it's", '__proto__', '0'),
)

const basic = (text: string): string => JSON.stringify(text).replaceAll('\x7f', '\\u007f')
const isLiteral = (text: string): boolean => /^[^'\p{Cc}]*$/u.test(text)

/** One part of a key, as it may be written. */
function written(name: string, style: number): string {
  if (style === 0 && /^[A-Za-z0-9_-]+$/.test(name)) return name
  return style === 1 && isLiteral(name) ? `'${name}'` : basic(name)
}

type Value =
  | { kind: 'scalar'; text: string }
  | { kind: 'inline'; entries: Entry[] }
  | { kind: 'array'; values: Value[]; filling: string }
interface Entry {
  names: string[]
  style: number
  comment: string
  value: Value
}

const styles = fc.constantFrom(0, 1, 2)
const comments = fc.constantFrom('', ' # [x]', '\n\n# key = 1', '\r\n')
const { entries } = fc.letrec<{ value: Value; entries: Entry[] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('scalar' as const),
      text: fc.constantFrom(
        '1',
        'true',
        '1979-05-27',
        '"[x] # = \\""',
        "'a = 1'",
        '"""\n[x]\nkey = 1\n"""',
        "'''\n[[y]]\n# '''",
      ),
    }),
    fc.record({ kind: fc.constant('inline' as const), entries: tie('entries') }),
    fc.record({
      kind: fc.constant('array' as const),
      values: fc.array(tie('value'), { maxLength: 3 }),
      filling: fc.constantFrom('', ' ', '\n', ' # ]\n\n', '\r\n'),
    }),
  ),
  entries: fc.array(
    fc.record({
      names: fc.array(names, { minLength: 1, maxLength: 3 }),
      style: styles,
      comment: comments,
      value: tie('value'),
    }),
    { maxLength: 3 },
  ),
}))

/** A table, or several of an array, then perhaps one that is above it. */
const sections = fc.array(
  fc.record({
    names: fc.array(names, { minLength: 1, maxLength: 3 }),
    style: styles,
    comment: comments,
    items: fc.array(entries, { minLength: 1, maxLength: 3 }),
    isArray: fc.boolean(),
    sub: fc.option(entries, { nil: undefined }),
    above: fc.option(entries, { nil: undefined }),
  }),
  { maxLength: 4 },
)
type Section = Parameters<Parameters<typeof sections.map>[0]>[0][number]

/** Names that are like no other of their table: `mark` is that of their kind. */
const distinct = (parts: readonly string[], mark: string): string[] => [
  `${parts[0]}${mark}`,
  ...parts.slice(1),
]
const keyOf = (parts: readonly string[], style: number): string =>
  parts.map((part) => written(part, style)).join(style === 2 ? ' . ' : '.')

function addEntry(text: Text, { names, style, value }: Entry, index: number, above: Path): void {
  const parts = distinct(names, `_e${index}`)
  const path = [...above, ...parts]
  text.isHere(path)
  text.add(`${keyOf(parts, style)} = `)
  addValue(text, value, path)
}

function addValue(text: Text, value: Value, path: Path): void {
  if (value.kind === 'scalar') {
    text.add(value.text)
  } else if (value.kind === 'inline') {
    text.add('{ ')
    for (const [index, entry] of value.entries.entries()) {
      if (index > 0) text.add(', ')
      addEntry(text, entry, index, path)
    }
    text.add(' }')
  } else {
    text.add('[')
    for (const [index, element] of value.values.entries()) {
      text.add(value.filling)
      text.isHere([...path, index])
      addValue(text, element, [...path, index])
      text.add(',')
    }
    text.add(`${value.filling}]`)
  }
}

function addEntries(text: Text, list: readonly Entry[], path: Path): void {
  for (const [index, entry] of list.entries()) {
    addEntry(text, entry, index, path)
    text.add(`${entry.comment}\n`)
  }
}

function addSection(text: Text, section: Section, number: number): void {
  const { names, style, comment, items, isArray, sub, above } = section
  const parts = distinct(names, `_t${number}`)
  const key = keyOf(parts, style)
  for (const [index, item] of (isArray ? items : items.slice(0, 1)).entries()) {
    const path: Path = isArray ? [...parts, index] : parts
    text.isHere(path)
    text.add(`${isArray ? `[[${key}]]` : ` [ ${key} ]`}${comment}\n`)
    addEntries(text, item, path)
    if (!sub) continue
    text.isHere([...path, 'sub'])
    text.add(`[${key}.sub]\n`)
    addEntries(text, sub, [...path, 'sub'])
  }
  if (!above || parts.length === 1) return
  text.isHere(parts.slice(0, -1))
  text.add(`[${keyOf(parts.slice(0, -1), style)}]\n`)
  addEntries(text, above, parts.slice(0, -1))
}

const documents = fc.tuple(entries, sections).map(([top, list]) => {
  const text = new Text()
  addEntries(text, top, [])
  for (const [number, section] of list.entries()) addSection(text, section, number)
  return text
})

describe('lines of a TOML text', () => {
  test('are those of its keys, tables and elements, and of what should have a key that is missing', async () => {
    let places = 0
    await fc.assert(
      fc.asyncProperty(documents, async (text) => {
        parse(String(text))
        const lineOf = await placesIn(String(text))
        for (const { path, line } of text.places) {
          expect([path, lineOf(path)]).toEqual([path, line])
          expect([path, lineOf([...path, 'missing', 0])]).toEqual([path, line])
        }
        expect(lineOf(['missing'])).toBe(null)
        places += text.places.length
      }),
    )
    expect(places).toBeGreaterThan(500)
  })

  const STATION = `name = 'A'

[rigs.left.lamps]
pass = 5

[rigs]
right.kind = "gpio"
"white.line" = { bcm = 17,
  pull = "up" }

[[shifts]]
[[shifts]]
begins = [6,
  14]
`

  test.each<[Path, number | null]>([
    [['name'], 1],
    [['rigs'], 6],
    [['rigs', 'left'], 3], // where it is named first
    [['rigs', 'left', 'port'], 3],
    [['rigs', 'left', 'lamps', 'pass'], 4],
    [['rigs', 'right'], 7],
    [['rigs', 'right', 'kind'], 7],
    [['rigs', 'middle'], 6],
    [['rigs', 'white.line', 'bcm'], 8],
    [['rigs', 'white.line', 'pull'], 9],
    [['shifts'], 11],
    [['shifts', 1], 12],
    [['shifts', 1, 'begins', 1], 14],
    [['shifts', 0, 'begins'], 11],
    [['nothing'], null],
    [[], null],
  ])('%j: %s', async (path, line) => {
    expect((await placesIn(STATION))(path)).toBe(line)
    expect((await placesIn(STATION.replaceAll('\n', '\r\n')))(path)).toBe(line)
  })

  test('of what is no TOML there are none', async () => {
    expect((await placesIn('a = 1\na = 2'))(['a'])).toBe(null)
  })
})
