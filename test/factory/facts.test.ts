import { existsSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { runAgent } from '../../src/factory/api/run-agent.js'
import type { AgentFirmware } from '../../src/factory/index.js'
import { machineTimebase } from '../../src/rig/timebase.js'
import { FakeHost } from '../helpers/device-host.js'

// docs/factory.md names each published call and behaviour, and the test that holds it.

const PAGE = readFileSync(new URL('../../docs/factory.md', import.meta.url), 'utf8')

/** All rows of the page's tables, as their cells. */
const rows = PAGE.split('\n')
  .filter((line) => line.startsWith('|') && !/^\| ---/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
const isHead = (cells: readonly string[]): boolean => cells.at(-1) === 'held by'

const TEST = /`([\w/-]+)` "([^"]+)"/
const TESTS = new RegExp(`^${TEST.source}(; ${TEST.source})*$`)
const REASON = /^\*\*\[\?\]\*\*$|^not here: \w/

test('each table of the page says what holds its rows, and no row is without it', () => {
  const tables = PAGE.split('\n').filter((line) => /^\| ---/.test(line))
  expect(tables.length).toBeGreaterThan(0)
  expect(rows.filter(isHead)).toHaveLength(tables.length)
  const held = rows.filter((cells) => !isHead(cells)).map((cells) => cells.at(-1) ?? '')
  expect(held.filter((text) => !TESTS.test(text) && !REASON.test(text))).toEqual([])
})

test('what holds a row of the page is one test that there is', () => {
  const wanted = Array.from(PAGE.matchAll(new RegExp(TEST, 'g')))
  expect(wanted.length).toBeGreaterThan(0)
  const titles = new Map<string, string[]>()
  for (const [, file = ''] of wanted) if (!titles.has(file)) titles.set(file, titlesOf(file))
  const wrong = wanted.flatMap(([, file = '', part = '']) => {
    const found = (titles.get(file) ?? []).filter((title) => title.includes(part))
    return found.length === 1 ? [] : [{ file, part, found }]
  })
  expect(wrong).toEqual([])
})

describe('the page names all calls', () => {
  const isNamed = (call: string): boolean => PAGE.includes(`\`${call}`)
  const callsOf = (objects: Readonly<Record<string, object>>): string[] =>
    Object.entries(objects).flatMap(([name, object]) =>
      Object.keys(object).map((call) => `${name}.${call}`),
    )

  test('of a device', async () => {
    let calls: string[] = []
    const host = new FakeHost().run(({ imp, server, hardware, agent }) => {
      calls = callsOf({ imp, server, hardware, agent })
    })
    await host.after(0)
    expect(calls).toContain('server.factoryblinkup')
    expect(calls.filter((call) => !/\.pin\w$/.test(call) && !isNamed(call))).toEqual([])
  })

  test('of an agent', async () => {
    const calls = await new Promise<string[]>((resolve) => {
      const host = {
        agentUrl: 'http://localhost:1/agent/abc',
        configparams: {},
        timebase: machineTimebase,
        isDeviceConnected: false,
        say: () => {},
        send: async () => false,
        restart: () => {},
      }
      const agent: AgentFirmware = ({ imp, server, device, http }) =>
        resolve(callsOf({ imp, server, device, http }))
      runAgent(agent, host)
    })
    expect(calls).toContain('http.onrequest')
    expect(calls.filter((call) => !isNamed(call))).toEqual([])
  })
})

/** Titles of the tests of a file behind those of their groups; what differs between the cases of one is "…". */
function titlesOf(file: string): string[] {
  const url = new URL(`${file.startsWith('e2e/') ? '../' : ''}${file}.test.ts`, import.meta.url)
  if (!existsSync(url)) return []
  const titles: string[] = []
  const visit = (node: ts.Node, groups: string): void => {
    let within = groups
    if (ts.isCallExpression(node)) {
      const [first] = node.arguments
      const kind = calleeName(node)
      if (first && (kind === 'test' || kind === 'describe')) {
        const title = textOf(first)
        if (title !== undefined && kind === 'test') titles.push(`${groups}${title}`)
        else if (title !== undefined) within = `${groups}${title} `
      }
    }
    ts.forEachChild(node, (child) => visit(child, within))
  }
  visit(ts.createSourceFile(file, readFileSync(url, 'utf8'), ts.ScriptTarget.Latest, true), '')
  return titles
}

/** `test` of `test.each(…)(…)`. */
function calleeName(call: ts.CallExpression): string {
  let callee: ts.Expression = call.expression
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee))
    callee = callee.expression
  return ts.isIdentifier(callee) ? callee.text : ''
}

function textOf(title: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(title)) return title.text.replaceAll(/%\w/g, '…')
  if (!ts.isTemplateExpression(title)) return undefined
  const pieces = [title.head, ...title.templateSpans.map(({ literal }) => literal)]
  return pieces
    .map(({ text }) => text)
    .join('…')
    .replaceAll(/%\w/g, '…')
}
