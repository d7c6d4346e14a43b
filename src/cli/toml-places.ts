import type { AST } from 'toml-eslint-parser'

/** Where a key of a TOML text stands, by its path from the top, such as ['rigs', 'left', 'white-line'] or ['lists', 0, 'name']. */
export type TomlPlaces = (path: readonly PropertyKey[]) => number | null

/**
 * Tells the line, from 1 on, of a key's name or an element. For one that is not there it is the line of what should have it: the
 * nearest table, or key, that has a line at all; null where that is the text as a whole, or the text is no TOML.
 *
 * smol-toml keeps no places. This parser takes some 10 ms to load: it is for a text that has a mistake.
 */
export async function placesIn(toml: string): Promise<TomlPlaces> {
  const { parseTOML } = await import('toml-eslint-parser')
  const lines = new Map<string, number>()
  /** Of tables that have no line of their own: where they are named first, as a in [a.b]. */
  const mentions = new Map<string, number>()

  function define(path: readonly PropertyKey[], { loc }: AST.HasLocs): void {
    lines.set(nameOf(path), loc.start.line)
    for (let length = 1; length < path.length; length++) {
      const mentioned = nameOf(path.slice(0, length))
      if (!mentions.has(mentioned)) mentions.set(mentioned, loc.start.line)
    }
  }

  function takeEntries(entries: readonly AST.TOMLKeyValue[], above: readonly PropertyKey[]): void {
    for (const { key, value } of entries) {
      const path = [...above, ...key.keys.map((part) => ('name' in part ? part.name : part.value))]
      define(path, key)
      takeValue(value, path)
    }
  }

  function takeValue(value: AST.TOMLContentNode, path: readonly PropertyKey[]): void {
    if (value.type === 'TOMLInlineTable') takeEntries(value.body, path)
    if (value.type !== 'TOMLArray') return
    for (const [index, element] of value.elements.entries()) {
      define([...path, index], element)
      takeValue(element, [...path, index])
    }
  }

  for (const node of bodyOf(toml, parseTOML)) {
    if (node.type === 'TOMLKeyValue') {
      takeEntries([node], [])
      continue
    }
    define(node.resolvedKey, node)
    takeEntries(node.body, node.resolvedKey)
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const name = nameOf(path.slice(0, length))
      const line = lines.get(name) ?? mentions.get(name)
      if (line !== undefined) return line
    }
    return null
  }
}

/** An index and a key of the same digits are never at the same place. */
const nameOf = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String))

function bodyOf(
  toml: string,
  parse: (text: string) => AST.TOMLProgram,
): AST.TOMLTopLevelTable['body'] {
  try {
    return parse(toml).body[0].body
  } catch {
    return [] // who reads it with smol-toml is told what is wrong
  }
}
