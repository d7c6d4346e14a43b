import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  BOARD_IDS,
  isBoard,
  lackOfPort,
  mayBeOldNano,
  otherArduino,
  usbIdOf,
} from '../../../src/rig/bridge/usb-boards.js'

function device(id: string) {
  const [vendorId = '', productId = ''] = id.split(':')
  return { vendorId, productId }
}

test.each([
  '2341:0062', // Uno Mini LE
  '2a03:0057', // Uno WiFi
  '1a86:55d4',
  '1a86:55d3',
  '1a86:7522',
  '067b:23a3',
  '067b:23f3',
])('%s may be a board', (id) => {
  expect(isBoard(device(id))).toBe(true)
  expect(otherArduino(device(id))).toBeUndefined()
})

test.each([
  ['2341:0069', 'an Uno R4 Minima (2341:0069), which has another chip'],
  ['2341:1002', 'an Uno R4 WiFi (2341:1002), which has another chip'],
  ['2341:0058', 'a Nano Every (2341:0058), which has another chip'],
  ['2341:0042', 'an Arduino of another kind (2341:0042)'], // Mega 2560
  ['2a03:8036', 'an Arduino of another kind (2a03:8036)'], // Leonardo
])('%s is none', (id, what) => {
  expect(isBoard(device(id))).toBe(false)
  expect(otherArduino(device(id))).toBe(what)
})

test('what is no Arduino is not called one', () => {
  expect(otherArduino(device('1546:01a7'))).toBeUndefined()
})

test('the IDs are lower case, and each stands there once', () => {
  expect(new Set(BOARD_IDS).size).toBe(BOARD_IDS.length)
  for (const id of BOARD_IDS) expect(id).toMatch(/^[\da-f]{4}:[\da-f]{4}$/)
})

test('only what is no Uno may have the old bootloader of a Nano', () => {
  const old = BOARD_IDS.filter((id) => mayBeOldNano(device(id)))
  expect(old).not.toContainEqual(expect.stringMatching(/^(2341|2a03):/))
  expect(old).toContain('0403:6001')
  expect(old).toContain('1a86:7523')
})

describe('a board without a serial port', () => {
  test.each([
    ['0403:6001', 'ftdi_sio'],
    ['067b:23a3', 'pl2303'],
    ['10c4:ea60', 'cp210x'],
    ['1a86:7523', 'ch341'],
  ])('%s: brltty has it, or a driver is missing', (id, driver) => {
    expect(lackOfPort(device(id))).toEqual({
      finding: `a possible Uno or Nano (USB ID ${id}) is plugged in but has no serial port`,
      repair: `remove brltty, which takes it for a Braille display (sudo apt remove brltty), or load the driver (sudo modprobe ${driver}), and plug it in again`,
    })
  })

  test.each(['2341:0043', '1a86:55d4'])('%s: the driver is missing', (id) => {
    expect(lackOfPort(device(id)).repair).toBe(
      'load the driver (sudo modprobe cdc_acm), and plug it in again',
    )
  })
})

test('the udev rules name the very Arduinos that are taken', () => {
  const rules = readFileSync(new URL('../../../install/99-blinkup.rules', import.meta.url), 'utf8')
  const named = rules
    .split('\n')
    .filter((rule) => rule.includes('SYMLINK+="blinkup-bridge"'))
    .flatMap((rule) => {
      const [, vendorId] = /idVendor}=="(\w+)"/.exec(rule) ?? []
      const [, products = ''] = /idProduct}=="([\w|]+)"/.exec(rule) ?? []
      return products.split('|').map((productId) => `${vendorId}:${productId}`)
    })
  const taken = BOARD_IDS.filter((id) => !mayBeOldNano(device(id)))
  expect(named.sort()).toEqual([...taken].sort())
  expect(usbIdOf(device('2341:0043'))).toBe('2341:0043')
})
