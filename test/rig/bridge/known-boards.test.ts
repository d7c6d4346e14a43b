import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { forgetName, knownName, rememberName } from '../../../src/rig/bridge/known-boards.js'
import { test } from '../../helpers/folder.js'

test('a board is known by all names of its port, until it is plugged out', ({ folder }) => {
  const [port, link, other] = ['port', 'link', 'other'].map((name) => folder.at(name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(port, '')
  symlinkSync(port, link)
  expect(knownName(link)).toBeUndefined()
  rememberName(link, 'line-1')
  expect(knownName(port)).toBe('line-1')
  forgetName(port)
  expect(knownName(link)).toBeUndefined()
  rememberName(port, null)
  expect(knownName(link)).toBeNull()
  rmSync(port)
  expect(knownName(port)).toBeUndefined()
  writeFileSync(other, '') // takes its place
  writeFileSync(port, '')
  expect(knownName(port)).toBeUndefined()
})
