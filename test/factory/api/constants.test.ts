import { expect, test } from 'vitest'
import { AGENT_CONSTANTS, DEVICE_CONSTANTS } from '../../../src/factory/api/constants.js'

test('no two constants share a value, so that one of the wrong kind is noticed', () => {
  const values = Object.values(DEVICE_CONSTANTS)
  expect(values.length).toBeGreaterThan(30)
  expect(new Set(values).size).toBe(values.length)
  expect(AGENT_CONSTANTS.ENVIRONMENT_AGENT).toBe(DEVICE_CONSTANTS.ENVIRONMENT_AGENT)
})

test('they are the names that published firmware uses, and none by its value', () => {
  expect(Object.keys(DEVICE_CONSTANTS)).toEqual(
    expect.arrayContaining(
      (
        'BLINKUP_FAST BLINKUP_ACTIVEHIGH CONFIG_WIFI CONFIG_STATIC_NETWORK CONFIG_PROXY CONFIG_ALL ENVIRONMENT_AGENT ' +
        'DIGITAL_IN DIGITAL_IN_PULLUP DIGITAL_IN_WAKEUP DIGITAL_OUT PWM_OUT PARITY_NONE NO_CTSRTS PROXY_TYPE_HTTP ' +
        'WAKEREASON_POWER_ON WAKEREASON_TIMER CLOCK_SPEED_400_KHZ RETURN_ON_ERROR WAIT_TIL_SENT'
      ).split(' '),
    ),
  )
  expect(Object.keys(DEVICE_CONSTANTS).filter((name) => /^\d/.test(name))).toEqual([])
})
