import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { DOCUMENTS, type DocumentName, LINES, type LineName } from '../src/report/documents.js'
import { ERRORS } from '../src/report/error-codes.js'
import { DOCUMENT_PAGES } from './document-pages.js'
import { markdownTable } from './markdown.js'

/** What JSON Schema says of a value, as far as ours use it. */
interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: unknown
  readonly description?: string
  readonly unit?: string
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** Where the example of a document is kept. */
export function exampleFile(name: DocumentName | LineName): string {
  const file = `${DOCUMENT_PAGES[name].title}.${name in LINES ? 'jsonl' : 'json'}`
  return fileURLToPath(new URL(`examples/${file}`, import.meta.url))
}

/** The page about the JSON documents, made from their schemas and examples. */
export function jsonPage(): string {
  const documents = { ...DOCUMENTS, ...LINES }
  const names = Object.keys(documents) as (DocumentName | LineName)[]
  const schemas = names.map((name) => z.toJSONSchema(documents[name]) as Schema)
  const parts = new Map(schemas.flatMap(({ $defs = {} }) => Object.entries($defs)))
  return `${[
    '# JSON documents',
    '<!-- Made from src/report/documents.ts and manual/ by `npm run manual`. -->',
    INTRODUCTION,
    names.map((name) => `- [${name}](#${anchorOf(name)})`).join('\n'),
    ...names.map((name, n) => documentSection(name, schemas[n] as Schema, parts)),
    '## Parts of several documents',
    ...Array.from(parts, ([name, schema]) => partSection(name, schema, parts)),
    '## Codes of errors',
    CODES_INTRODUCTION,
    markdownTable(
      ['code', 'exit code', 'when'],
      Object.entries(ERRORS).map(([code, { exitCode, when }]) => [
        `\`${code}\``,
        String(exitCode),
        when,
      ]),
    ),
  ].join('\n\n')}\n`
}

const INTRODUCTION = `With \`--json\` (\`encode\`: \`--format json\`) a command prints one JSON document on standard output and ends. What it says to a person
stays on standard error. \`dut\` and \`fixture\`, which run until they are told to end, print many: each is a line, without \`error\` and
\`warnings\`; where they fail, or a signal ends them, the last line is an [error](#blinkuperror1) with both. \`station\` prints none: it tells
a broker such lines, as [station-plant.md](station-plant.md) says. These rules are the same
for all of them:

- \`schema\` is the name and version of the document. Members may be added to a version; one that is taken away or changes
  its meaning raises the number.
- \`error\` is null if, and only if, the command ends with 0. Otherwise it says why, as [Error](#error).
- \`warnings\` are sentences about what was done nevertheless.
- A member that is not known is null. Only those marked "may be left out" can be missing.
- Names end with their unit: \`S\` for seconds, \`Hz\`, \`Db\`, \`V\`. A ratio has the unit 1. Levels are parts of the sensor's full
  scale, 0 to 1.
- Passwords, tokens and user names are masked, unless \`--show-secrets\` asks for them. Only the \`symbols\` of \`encode\` are the
  message itself.

There is no document where standard output cannot be written, where Node.js is too old or looks into the program (NODE_DEBUG,
a debugger that SIGUSR1 has opened), and after SIGKILL or a signal in the first moments of the start.`

const CODES_INTRODUCTION = `The first word is the family: what is at fault. The sentence of an error says more, and what to do.`

/** Of a heading, as on GitHub. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

type Parts = ReadonlyMap<string, Schema>

function documentSection(name: DocumentName | LineName, schema: Schema, parts: Parts): string {
  const { when, example } = DOCUMENT_PAGES[name]
  const document = readFileSync(exampleFile(name), 'utf8').trimEnd()
  return [
    `## ${name}`,
    when,
    `    ${example}`,
    `\`\`\`json\n${document}\n\`\`\``,
    members(schema, parts),
  ].join('\n\n')
}

function partSection(name: string, schema: Schema, parts: Parts): string {
  return [`### ${name}`, schema.description, members(schema, parts)].join('\n\n')
}

function members(schema: Schema, parts: Parts): string {
  return markdownTable(['member', 'type', 'unit', 'meaning'], rowsOf(schema, parts))
}

/** A row for each member, those of what is within it after it. */
function rowsOf({ properties = {}, required = [] }: Schema, parts: Parts, path = ''): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const { value, isNullable } = withoutNull(schema)
    const item = value.type === 'array' ? withoutNull(value.items ?? {}).value : value
    const here = `${path}${name}${value.type === 'array' ? '[]' : ''}`
    const type = [
      typeOf(value),
      isNullable && 'null',
      !required.includes(name) && 'may be left out',
    ]
    const meaning = schema.description ?? value.description ?? partOf(value, parts)?.description
    return [
      [
        `\`${here}\``,
        type.filter(Boolean).join(' or ').replace(' or may', ', may'),
        value.unit ?? '',
        meaning ?? '',
      ],
      ...rowsOf(item, parts, `${here}.`),
    ]
  })
}

function withoutNull(schema: Schema): { value: Schema; isNullable: boolean } {
  const [value, other] = schema.anyOf ?? [schema]
  return { value: value ?? schema, isNullable: other !== undefined }
}

const partOf = ({ $ref }: Schema, parts: Parts): Schema | undefined =>
  parts.get(partName($ref ?? ''))

const partName = (ref: string): string => ref.replace('#/$defs/', '')

/** Lists are told by their own section. */
const MOST_LISTED = 15

function typeOf({ $ref, enum: values, const: value, type = '', items }: Schema): string {
  if ($ref) return `[${partName($ref)}](#${anchorOf(partName($ref))})`
  if (value !== undefined) return `\`${JSON.stringify(value)}\``
  if (values && values.length <= MOST_LISTED) return values.map((word) => `\`${word}\``).join(', ')
  return items ? `array of ${typeOf(withoutNull(items).value)}` : type
}
