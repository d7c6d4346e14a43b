import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { commandsFor } from '../src/cli/commands.js'
import { createProgram } from '../src/cli/program.js'

/** From the ground up, as in docs/architecture.md: a part may import what stands on the floors below it. */
const FLOORS = [
  ['light', 'guard-memory.ts'],
  ['packet', 'modulation'],
  ['channel', 'receiver'],
  ['recording'],
  ['rig'],
  ['bench'],
  ['report'],
  ['factory'],
  ['web'],
  ['index.ts', 'cli'],
]
/** What must not be imported from below either: a rig knows no credentials, and each kind of rig is one of a table. */
const APART: readonly [from: string, to: string][] = [
  ['rig', 'packet'],
  ['rig/bridge', 'rig/emulated'],
  ['rig/bridge', 'rig/raspberry-pi'],
  ['rig/emulated', 'rig/raspberry-pi'],
  ['rig/raspberry-pi', 'rig/bridge'],
  ['rig/raspberry-pi', 'rig/emulated'],
  ['factory/api', 'factory/imp'],
  ['factory/api', 'factory/cloud'],
  ['factory/fixture', 'factory/imp'],
  ['factory/imp', 'factory/cloud'],
  ['factory/imp', 'factory/fixture'],
  ['factory/cloud', 'factory/imp'],
  ['factory/enrollment', 'factory/cloud'],
  ['factory/enrollment', 'factory/imp'],
]

const SRC = new URL('../src/', import.meta.url)
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(new URL(file, SRC), 'utf8') }))
/** Flags that are not of this program's command line. */
const FLAGS_OF_OTHERS = [
  '--inspect',
  '--single-threaded-gc',
  '--min-semi-space-size=16',
  '--import',
]

/** All nodes of a source. */
function nodesIn(root: ts.Node): ts.Node[] {
  const nodes = [root]
  for (const node of nodes) ts.forEachChild(node, (child) => void nodes.push(child))
  return nodes
}
const trees = sources.map(({ file, text }) => ({
  file,
  nodes: nodesIn(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)),
}))
/** Of a literal, or of a piece of a template between its values. */
const literalText = (node: ts.Node): string | undefined =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateHead(node) ||
  ts.isTemplateMiddle(node) ||
  ts.isTemplateTail(node)
    ? node.text
    : undefined

/** Imports of types count, and those that are made when they are used. */
const imports = sources.flatMap(({ file, text }) =>
  ts
    .preProcessFile(text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => ({ from: file, to: pathOf(new URL(fileName, new URL(file, SRC))) })),
)

function pathOf(url: URL): string {
  return fileURLToPath(url).slice(fileURLToPath(SRC).length).replace(/\.js$/, '.ts')
}
const partOf = (file: string) => file.split('/', 1)[0] as string
const floorOf = (file: string) => FLOORS.findIndex((parts) => parts.includes(partOf(file)))

test('each part has its floor', () => {
  expect(sources.map(({ file }) => file).filter((file) => floorOf(file) < 0)).toEqual([])
})

test('imports run downwards only', () => {
  const upwards = imports.filter(
    ({ from, to }) => partOf(from) !== partOf(to) && floorOf(from) <= floorOf(to),
  )
  expect(imports.length).toBeGreaterThan(sources.length)
  expect(upwards).toEqual([])
})

test.each(APART)('%s does not import %s', (from, to) => {
  const across = imports.filter((i) => i.from.startsWith(`${from}/`) && i.to.startsWith(`${to}/`))
  expect(across).toEqual([])
})

test('no source points to what is built from it', () => {
  const pointing = sources.filter(({ text }) => text.includes('dist/'))
  expect(pointing.map(({ file }) => file)).toEqual([])
})

/** The command line, and what tells of its documents. */
const OF_COMMANDS = ['cli', 'report']

test('no sentence of the library has a command or a flag of ours in it', async () => {
  const names = createProgram(await commandsFor([])).commands.map((command) => command.name())
  const ours = new RegExp(
    `\\bblinkup (${names.join('|')})\\b|(^|[^\\w-])--[a-z]|\\bnpm (i|install)\\b`,
  )
  const literals = trees
    .filter(({ file }) => !OF_COMMANDS.includes(partOf(file)))
    .flatMap(({ nodes }) => nodes.map(literalText))
    .filter((text) => text !== undefined)
  const found = literals.filter((text) => ours.test(text))
  expect(literals.length).toBeGreaterThan(1000)
  expect(found.toSorted()).toEqual(FLAGS_OF_OTHERS.toSorted())
})

test('an error that is thrown for another one has that as its cause', () => {
  const thrown = trees.flatMap(({ file, nodes }) =>
    nodes
      .filter(ts.isCatchClause)
      .flatMap(nodesIn)
      .filter(ts.isThrowStatement)
      .map((statement) => ({ file, thrown: statement.getText() }))
      .filter(({ thrown }) => /\bnew \w*Error\(/.test(thrown)),
  )
  expect(thrown.length).toBeGreaterThan(10)
  expect(thrown.filter(({ thrown }) => !/\bcause\b/.test(thrown))).toEqual([])
})
