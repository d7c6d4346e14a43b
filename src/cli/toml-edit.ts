import { isDeepStrictEqual } from 'node:util'
import { parse } from 'smol-toml'

export type TomlScalar = string | number | boolean

/** Where such a line has the value of a key at its top; what follows is kept. */
const lineOf = (key: string): RegExp =>
  new RegExp(`^(\\s*(?:${key}|"${key}"|'${key}')\\s*=\\s*)("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s#]+)`)

/**
 * Sets keys at the top of a TOML text, line by line: comments, order and all else stay as they are. Each line is changed or added
 * where the text then says exactly what is wanted; a value that is already there is not touched.
 *
 * @param keys of letters, digits and hyphens
 * @returns null where no change of a line does it, such as for a value that is a table; throws TomlError for what is no TOML
 */
export function withSettings(
  toml: string,
  keys: Readonly<Record<string, TomlScalar>>,
): string | null {
  parse(toml)
  let text = toml
  for (const [key, value] of Object.entries(keys)) {
    const wanted = parse(text)
    if (Object.is(wanted[key], value)) continue
    wanted[key] = value
    const changed = [...replacements(text, key, value), ...insertions(text, key, value)].find(
      (candidate) => says(candidate, wanted),
    )
    if (changed === undefined) return null
    text = changed
  }
  return text
}

function* replacements(text: string, key: string, value: TomlScalar): Generator<string> {
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    const changed = line.replace(lineOf(key), (_, begin) => `${begin}${literal(value)}`)
    if (changed !== line) yield lines.with(index, changed).join('\n')
  }
}

/** At the end of what is at the top, before the first table with its comment. */
function* insertions(text: string, key: string, value: TomlScalar): Generator<string> {
  const lines = text.split('\n')
  const returns = text.includes('\r\n') ? '\r' : ''
  const added = `${key} = ${literal(value)}${returns}`
  for (const [index, line] of lines.entries()) {
    if (!/^\s*\[/.test(line)) continue
    let at = index
    while (at > 0 && /^\s*#/.test(lines[at - 1] as string)) at--
    while (at > 0 && (lines[at - 1] as string).trim() === '') at--
    yield lines.toSpliced(at, 0, added).join('\n')
    yield lines.toSpliced(index, 0, added).join('\n')
  }
  const end = text === '' || text.endsWith('\n') ? text : `${text}${returns}\n`
  yield `${end}${added}\n`
}

function says(text: string, wanted: unknown): boolean {
  try {
    return isDeepStrictEqual(parse(text), wanted)
  } catch {
    return false
  }
}

/** A text of JSON is one of TOML, too; a number is but where it is an integer too large for one. */
function literal(value: TomlScalar): string {
  const text = JSON.stringify(value).replaceAll('\x7f', '\\u007f')
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(value) ? `${text}.0` : text
}
