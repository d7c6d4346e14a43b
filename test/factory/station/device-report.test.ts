import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBlessing, readDeviceReport } from '../../../src/factory/station/device-report.js'
import { FORM, ID, JSON_TYPE, MAC, PUBLISHED_BODIES } from './published-bodies.js'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const read = (value: unknown, type: string | undefined = JSON_TYPE) =>
  readDeviceReport(bytes(JSON.stringify(value)), type)
const readForm = (text: string, type = FORM) => readDeviceReport(bytes(text), type)

describe('a device report', () => {
  test.each(PUBLISHED_BODIES)('is read from what $who posts', ({ body, report }) => {
    expect(read(body)).toEqual(report)
  })

  test.each([
    [true, true],
    [1, true],
    ['true', true],
    ['1', true],
    ['True', true],
    [false, false],
    [0, false],
    ['false', false],
    ['0', false],
  ])('with success %j has the outcome %j', (success, outcome) => {
    expect(read({ success })).toMatchObject({ success: outcome, values: {} })
    expect(read({ passed: success })).toMatchObject({ success: outcome, values: {} })
  })

  test.for<unknown>([null, 2, -1, '', 'yes', [], [1], {}, { success: true }])(
    'with success %j has none, and keeps that',
    (success) => {
      expect(read({ success })).toMatchObject({ success: null, values: { success } })
    },
  )

  test('is not upset by an outcome that is no text', () => {
    const outcome = '{"success":{"toString":1},"passed":{"valueOf":1},"device_id":{"toString":1}}'
    expect(readForm(outcome, JSON_TYPE)).toMatchObject({ deviceId: null, success: null })
  })

  test('that says both has passed only where nothing says that it has not', () => {
    expect(read({ passed: true, success: false })).toMatchObject({ success: false })
    expect(read({ passed: false, success: true })).toMatchObject({ success: false })
    expect(read({ passed: 1, success: 'true' })).toMatchObject({ success: true })
    expect(read({ passed: '?', success: 1 })).toMatchObject({
      success: true,
      values: { passed: '?' },
    })
  })

  test('has the first identity that is one, and keeps the others', () => {
    const other = '600a0c2a69000002'
    expect(read({ id: other, deviceInfo: { deviceId: ID, imp: 6 }, device_id: 'none' })).toEqual({
      deviceId: ID,
      mac: null,
      success: null,
      values: { id: other, deviceInfo: { imp: 6 }, device_id: 'none' },
    })
    expect(read({ id: 7, mac: '0C:2A:69:00:00:01' })).toMatchObject({
      deviceId: null,
      mac: MAC,
      values: { id: 7 },
    })
    expect(read({ device_id: ID.toUpperCase() })).toMatchObject({ deviceId: ID })
  })

  test.each([FORM, `${FORM}; charset=utf-8`, FORM.toUpperCase()])('is read from %s', (type) => {
    expect(
      readForm(`device_id=${ID}&mac=0c%3A2a%3A69%3A00%3A00%3A01&passed=1&note=a+b`, type),
    ).toEqual({ deviceId: ID, mac: MAC, success: true, values: { note: 'a b' } })
  })

  test.each([undefined, 'text/plain', FORM, 'nonsense'])('in JSON is read as %s, too', (type) => {
    expect(read({ device_id: ID, success: true }, type)).toMatchObject({
      deviceId: ID,
      success: true,
    })
  })

  test.each(['', ' ', '{', 'null', '"text"', '7', '[]', '[{"success":true}]', '{"a":1}x', 'a=1'])(
    'is not in %j',
    (text) => {
      expect(readForm(text, JSON_TYPE)).toEqual({ status: 400, text: 'Could not process JSON' })
    },
  )

  test('is not in an empty form, nor in JSON that is cut', () => {
    expect(readForm('')).toMatchObject({ status: 400 })
    expect(readForm('{"success":tr')).toMatchObject({ status: 400 })
  })

  test('loses no outcome to bytes that are no UTF-8', () => {
    const body = Buffer.concat([bytes('{"success":true,"SSID":"'), Buffer.of(0xff), bytes('"}')])
    expect(readDeviceReport(body, JSON_TYPE)).toMatchObject({
      success: true,
      values: { SSID: '\ufffd' },
    })
  })

  test('takes nothing for a prototype', () => {
    const text = '{"__proto__":{"success":true},"constructor":1,"a":{"__proto__":{"b":1},"c":2}}'
    const report = readForm(text, JSON_TYPE)
    expect(report).toEqual({ deviceId: null, mac: null, success: null, values: { a: { c: 2 } } })
    expect(readForm('__proto__=1&a=2')).toMatchObject({ values: { a: '2' } })
  })

  test('leaves out what is too deep, too many or too long, and keeps the outcome', () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    expect(readForm(`{"deep":${deep},"success":1}`, JSON_TYPE)).toMatchObject({
      success: true,
      values: { deep: [[[[['…']]]]] },
    })
    const many = Array.from({ length: 5000 }, (_, n) => n)
    expect(read({ many, more: 1 })).toMatchObject({
      values: { many: [...many.slice(0, 499), '…'], '…': '…' },
    })
    expect(read({ ...many, success: 0 })).toMatchObject({ success: false, values: { '…': '…' } })
    expect(read({ long: 'x'.repeat(9999) })).toMatchObject({
      values: { long: `${'x'.repeat(2000)}…` },
    })
  })

  test('has texts and numbers only that every database takes', () => {
    expect(readForm('{"a\\u0000":"\\ud800","n":1e999}', JSON_TYPE)).toMatchObject({
      values: { 'a\ufffd': '\ufffd', n: 'Infinity' },
    })
  })

  test('of any bytes is one, or refused', () => {
    const types = fc.constantFrom(undefined, JSON_TYPE, FORM)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), types, (body, type) => {
        expectSound(readDeviceReport(body, type))
      }),
    )
  })

  test('of any JSON is one, bounded, and has all that is not left out', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 9 }), (value) => {
        const report = read(value)
        expectSound(report)
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
        expect('values' in report).toBe(isObject)
      }),
    )
  })

  test('of any flat form is what was told', () => {
    const key = fc
      .string({ minLength: 1, maxLength: 20 })
      .filter((key) => !(key in Object.prototype))
    const text = fc.string({ maxLength: 50 }).map((text) => text.replaceAll('\0', ''))
    fc.assert(
      fc.property(
        fc.dictionary(
          key.map((key) => `_${key}`),
          text,
          { minKeys: 1 },
        ),
        (told) => {
          const form = new URLSearchParams({ ...told, device_id: ID, passed: '0' })
          const clean = Object.entries(told).map(([key, text]) => [
            key.replaceAll('\0', '\ufffd'),
            text,
          ])
          expect(readForm(String(form))).toEqual({
            deviceId: ID,
            mac: null,
            success: false,
            values: Object.fromEntries(clean),
          })
        },
      ),
    )
  })
})

/** As records and whoever reads them need it. */
function expectSound(report: ReturnType<typeof readDeviceReport>): void {
  if ('status' in report) return
  expect(report.deviceId ?? ID).toMatch(/^[\da-f]{16}$/)
  expect(report.mac ?? MAC).toMatch(/^[\da-f]{12}$/)
  expect([true, false, null]).toContain(report.success)
  const text = JSON.stringify(report)
  expect(text.length).toBeLessThan(2 ** 21)
  expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/)
  expect(JSON.stringify(JSON.parse(text))).toBe(text)
  expect(Object.getPrototypeOf(report.values)).toBe(Object.prototype)
}

describe('a blessing', () => {
  const impId = '0123456789abcdef'

  test('is read from JSON and from a form', () => {
    const told = { device_id: ID, imp_id: impId }
    expect(readBlessing(bytes(JSON.stringify(told)), JSON_TYPE)).toEqual({ deviceId: ID, impId })
    const form = String(new URLSearchParams(told))
    expect(readBlessing(bytes(form), FORM)).toEqual({ deviceId: ID, impId })
    expect(readBlessing(bytes(`device_id=${ID}`), FORM)).toEqual({ deviceId: ID, impId: null })
  })

  test('of no device is refused', () => {
    const refusal = { status: 400, text: 'device_id must be 16 hex digits' }
    expect(readBlessing(bytes(JSON.stringify({ imp_id: impId })), JSON_TYPE)).toEqual(refusal)
    expect(readBlessing(bytes('{"device_id":7}'), JSON_TYPE)).toEqual(refusal)
    expect(readBlessing(bytes('nothing'), JSON_TYPE)).toMatchObject({ status: 400 })
  })
})
