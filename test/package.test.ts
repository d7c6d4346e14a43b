import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const PROJECT = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(`${PROJECT}/package.json`, 'utf8'))

/** Paths of what npm would publish; `npm test` has built it. */
const listed = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: PROJECT,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  }),
)
// A list of packages up to npm 11, one by their names from npm 12 on.
const [{ files }] = Object.values(listed) as [{ files: { path: string }[] }]
const packed: readonly string[] = files.map(({ path }) => path)

/** All texts in a JSON value. */
const textsIn = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Object.values(value as object).flatMap(textsIn)

test('the package has what its manifest names', () => {
  const { bin, man, exports, types } = manifest
  const named = textsIn({ bin, man, exports, types }).map((path) => path.replace(/^\.\//, ''))
  expect(named.filter((path) => !packed.includes(path))).toEqual([])
})

test('the package has what is needed to use it, and nothing else', () => {
  const folders = new Set(
    packed.map((path) => path.replace(/^(firmware-bridge\/[^/]+|[^/]+).*/, '$1')),
  )
  expect([...folders].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'docs',
    'examples',
    'firmware-bridge/Makefile',
    'firmware-bridge/PROTOCOL.md',
    'firmware-bridge/image',
    'firmware-bridge/src',
    'install',
    'package.json',
    'wiring.md',
  ])
  expect(
    packed.filter((path) => /^(?!examples\/).*(?<!\.d)\.ts$|\.test\.|\.tgz$/.test(path)),
  ).toEqual([])
})

test('each source has been built, and its types; the scripts of pages have none', () => {
  const built = packed.filter((path) => /^dist\/.*(?<!\/page\/\w+)\.js$/.test(path))
  expect(built.length).toBeGreaterThan(0)
  const types = built.map((path) => path.replace(/\.js$/, '.d.ts'))
  expect(types.filter((path) => !packed.includes(path))).toEqual([])
  const ofPages = readdirSync(`${PROJECT}/src`, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\/page\/\w+\.(js|css)$/.test(path))
    .map((path) => `dist/${path}`)
  expect(ofPages.length).toBeGreaterThan(0)
  expect(ofPages.filter((path) => !packed.includes(path))).toEqual([])
})
