import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { basicKey, bearerToken } from '../../../src/factory/cloud/exchange.js'
import { basic } from './cloud-test.js'

describe('the key of a header', () => {
  const key = fc.stringMatching(/^[ -9;-~]+$/)

  test('is what was encoded, with a colon or without', () => {
    fc.assert(
      fc.property(key, fc.constantFrom('', ':'), (key, colon) => {
        expect(basicKey(basic(key + colon))).toBe(key)
      }),
    )
  })

  test('is read without an exception from whatever comes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `Basic ${text}`),
        ),
        (text) => {
          for (const read of [basicKey(text), bearerToken(text)]) {
            expect(['string', 'undefined']).toContain(typeof read)
          }
        },
      ),
    )
  })
})
