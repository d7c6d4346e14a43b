import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readDevice, readToken } from '../../../src/factory/enrollment/answers.js'

const hexDigits = fc.string({
  unit: fc.constantFrom(...'0123456789abcdefABCDEF'),
  minLength: 16,
  maxLength: 16,
})
const nothing = fc.constantFrom('', null, undefined)
/** Members that nothing is known of. */
const others = fc.dictionary(fc.string({ minLength: 9 }), fc.jsonValue())

describe('the answer to a request for a token', () => {
  test('is read with either name of the token, whatever else is in it', () => {
    fc.assert(
      fc.property(
        others,
        fc.constantFrom('id', 'token'),
        hexDigits,
        hexDigits,
        (others, name, token, plan) => {
          const body = JSON.stringify({ ...others, [name]: token, plan_id: plan })
          expect(readToken(body)).toEqual({
            planId: plan.toLowerCase(),
            token: token.toLowerCase(),
          })
        },
      ),
    )
  })

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '"0123456789abcdef"',
    '<html></html>',
    '{"id": "0123456789abcdef"}',
    '{"plan_id": "0123456789abcdef"}',
    '{"id": "", "plan_id": "0123456789abcdef"}',
    '{"id": "0123456789abcdef", "plan_id": null}',
    '{"id": "0123456789abcdef", "plan_id": "0123456789abcde"}',
    '{"id": "0123456789abcdeg", "plan_id": "0123456789abcdef"}',
    '{"id": "0123456789abcdef", "plan_id": "0123456789abcdef"',
  ])('is not %s', (body) => {
    expect(readToken(body)).toBeNull()
  })
})

describe('the state of a token', () => {
  const text = fc.string({ minLength: 1, maxLength: 1000 })
  const rest = {
    plan_id: fc.oneof(hexDigits, nothing),
    agent_url: fc.oneof(text, nothing),
    claimed_at: fc.oneof(text, nothing),
  }

  test('is the device that has come', () => {
    fc.assert(
      fc.property(others, hexDigits, fc.record(rest), (others, deviceId, rest) => {
        expect(readDevice(JSON.stringify({ ...others, ...rest, impee_id: deviceId }))).toEqual({
          deviceId: deviceId.toLowerCase(),
          planId: rest.plan_id?.toLowerCase() || null,
          agentUrl: rest.agent_url || null,
          claimedAt: rest.claimed_at || null,
        })
      }),
    )
  })

  test('is unclaimed without one', () => {
    fc.assert(
      fc.property(others, nothing, hexDigits, fc.record(rest), (others, empty, plan, rest) => {
        const body = JSON.stringify({ ...others, ...rest, plan_id: plan, impee_id: empty })
        expect(readDevice(body)).toBe('unclaimed')
      }),
    )
  })

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"error": "no such token"}',
    '{"impee_id": 5}',
    '{"impee_id": "30000c2a6900000"}',
    '{"impee_id": "30000c2a69000001", "agent_url": 5}',
    `{"impee_id": "30000c2a69000001", "claimed_at": "${'9'.repeat(1001)}"}`,
    '{"impee_id": ""',
  ])('is not %s', (body) => {
    expect(readDevice(body)).toBeNull()
  })
})

test('whatever arrives is read or refused, and never throws', () => {
  const json = fc.jsonValue().map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(fc.oneof(fc.string(), json), (body) => {
      readToken(body)
      readDevice(body)
    }),
  )
})
