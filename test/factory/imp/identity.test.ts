import { expect, test } from 'vitest'
import { FactoryError } from '../../../src/factory/errors.js'
import { identityOf } from '../../../src/factory/imp/identity.js'

test('an identity is its device ID, whose end is the MAC address', () => {
  expect(identityOf({ deviceId: '3000D8C46A0DFA34', impType: 'imp003', impOs: 40 })).toEqual({
    deviceId: '3000d8c46a0dfa34',
    macAddress: 'd8c46a0dfa34',
    impType: 'imp003',
    impOs: 40,
  })
})

test('one by chance has a MAC address that no manufacturer gives, and each has its own', () => {
  const ids = Array.from({ length: 100 }, () => identityOf({ impType: 'imp003' }).deviceId)
  expect(new Set(ids).size).toBe(100)
  for (const id of ids) expect(id).toMatch(/^300002[\da-f]{10}$/)
  expect(identityOf().deviceId).toMatch(/^500002/)
})

test.each([
  ['imp003', '3000'],
  ['imp006a', '600a'],
  ['imp006b', '600b'],
])('that of an %s begins with %s', (impType, prefix) => {
  expect(identityOf({ impType }).deviceId.slice(0, 4)).toBe(prefix)
})

test.each(['', '3000d8c46a0dfa3', '3000d8c46a0dfa345', 'g000d8c46a0dfa34'])(
  '%j is no device ID',
  (deviceId) => {
    expect(() => identityOf({ deviceId })).toThrow(FactoryError)
  },
)
