import { describe, expect, test } from 'vitest'
import { type LedSituation, ledStateOf, STATUS_LED } from '../../../src/factory/imp/status-led.js'

const NOTHING: LedSituation = {
  blessing: null,
  isReceiving: false,
  isUpdating: false,
  hasCrashed: false,
  reception: null,
  isBlinkUpOpen: true,
  hasCredentials: true,
  stage: null,
}

describe('the status LED', () => {
  test.each([
    ['no-settings', { hasCredentials: false }],
    ['dark', {}],
    ['receiving', { hasCredentials: false, isReceiving: true }],
    ['received', { reception: 'received', stage: 'joining' }],
    ['reception-error', { reception: 'reception-error', hasCredentials: false }],
    ['receiving', { isReceiving: true, reception: 'reception-error' }],
    ['crashed', { hasCrashed: true, stage: 'connected' }],
    ['searching', { stage: 'searching' }],
    ['joining', { stage: 'joining' }],
    ['getting-address', { stage: 'getting-address' }],
    ['reaching-proxy', { stage: 'reaching-proxy' }],
    ['reaching-server', { stage: 'reaching-server' }],
    ['connected', { stage: 'connected' }],
    ['dark', { stage: 'connected', isBlinkUpOpen: false }],
    ['dark', { hasCredentials: false, isBlinkUpOpen: false }],
    ['updating', { isUpdating: true, isBlinkUpOpen: false, reception: 'received' }],
    ['blessed', { blessing: true, isReceiving: true }],
    ['failed', { blessing: false, stage: 'connected', isBlinkUpOpen: false }],
  ] as const)('%s: %j', (expected, change) => {
    expect(ledStateOf({ ...NOTHING, ...change })).toBe(expected)
  })

  test('has a colour where one is published, and only there', () => {
    const coloured = Object.entries(STATUS_LED).map(([state, { colours, stepMs }]) => [
      state,
      colours?.join(' '),
      stepMs,
    ])
    expect(coloured).toEqual([
      ['dark', 'dark', null],
      ['no-settings', 'orange dark', 500],
      ['receiving', 'dark', null],
      ['received', 'green', null],
      ['reception-error', 'red', null],
      ['searching', 'red', null],
      ['joining', 'red', null],
      ['getting-address', 'red orange', null],
      ['reaching-proxy', undefined, null],
      ['reaching-server', undefined, null],
      ['connected', 'green dark', 500],
      ['updating', 'green', null],
      ['blessed', 'green', null],
      ['failed', 'red', null],
      ['crashed', 'red dark', null],
    ])
  })
})
