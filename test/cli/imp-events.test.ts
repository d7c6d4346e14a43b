import { expect, test } from 'vitest'
import { eventDocument, eventText } from '../../src/cli/imp-events.js'
import type { ImpEvent } from '../../src/factory/imp/events.js'
import { STATUS_LED } from '../../src/factory/imp/status-led.js'
import { LINES } from '../../src/report/documents.js'

/** One of each kind: the compiler tells of one that is missing. */
const EVENTS: { [E in ImpEvent['event']]: Extract<ImpEvent, { event: E }> } = {
  started: { event: 'started', isCold: true },
  led: { event: 'led', led: 'no-settings' },
  blinkup: { event: 'blinkup', isOpen: false },
  received: { event: 'received' },
  'not-received': { event: 'not-received', reason: 'crc', advice: 'Send it again.' },
  settings: {
    event: 'settings',
    settings: {
      ssid: 'net',
      password: '********',
      planId: '0123456789abcdef',
      token: '********',
      staticAddress: {
        ip: '10.0.0.2',
        netmask: '255.0.0.0',
        gateway: '10.0.0.1',
        dns1: '10.0.0.1',
      },
      proxy: { server: 'proxy.example', port: 8080, username: '********', password: '********' },
      country: 0x5355,
    },
  },
  stage: { event: 'stage', stage: 'searching' },
  stuck: { event: 'stuck', stage: 'reaching-server', reason: 'nothing answers' },
  updating: { event: 'updating', seconds: 30 },
  connected: { event: 'connected', role: 'none', deviceGroupId: '', agentUrl: 'http://x/agent' },
  disconnected: { event: 'disconnected', reason: 'the server has ended the connection' },
  running: { event: 'running', role: 'dut' },
  said: { event: 'said', kind: 'hint', text: 'hello' },
  pin: { event: 'pin', pin: 'pinE', level: 0.5 },
  blessed: { event: 'blessed', success: false },
  'handed-over': { event: 'handed-over' },
  restarted: { event: 'restarted', reason: 'Error: oops' },
  asleep: { event: 'asleep', seconds: 60 },
  off: { event: 'off' },
}

test.each(Object.values(EVENTS))('$event is a document, and a line', (event) => {
  for (const name of ['blinkup.dut/1', 'blinkup.fixture/1'] as const) {
    const document = eventDocument(name, event, 1.23456789)
    expect(LINES[name].parse(document)).toEqual(document)
    expect(document).toMatchObject({ schema: name, event: event.event, timeS: 1.234568 })
  }
  expect(eventText(event)).toMatch(/^[^\n]+$/)
})

test.each(Object.keys(STATUS_LED) as (keyof typeof STATUS_LED)[])(
  'the LED state %s is a document, too',
  (led) => {
    const document = eventDocument('blinkup.dut/1', { event: 'led', led }, 0)
    expect(LINES['blinkup.dut/1'].parse(document)).toEqual(document)
  },
)

test('no colour is said where none is public', () => {
  expect(eventText({ event: 'led', led: 'reaching-server' })).toBe(
    'status LED (its colours are not public): connecting to the server',
  )
  expect(eventText({ event: 'led', led: 'connected' })).toBe(
    'status LED green/dark, 500 ms each: connected',
  )
})
