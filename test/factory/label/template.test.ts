import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  filled,
  LABEL_WORDS,
  longestValues,
  templateFault,
  valuesOf,
  wordsIn,
} from '../../../src/factory/label/template.js'
import { cycleRecord } from '../../web/station/fake-station.js'

const VALUES = {
  device: '30000c2a69000001',
  mac: null,
  plan: 'fedcba9876543210',
  unit: '12',
  station: 'line 3',
  rig: 'left',
  date: '2026-11-30',
}

describe('the template of a label', () => {
  test.each([
    ['', 'must be a text of ASCII characters that is not empty'],
    ['Gerät {device}', 'must be a text of ASCII characters that is not empty'],
    ['a\nb', 'must be a text of ASCII characters that is not empty'],
    ['{password}', /^has \{password\}, which is no word of a label: take \{device\}, /],
    ['{unit} {}', /^has \{\}, which is no word/],
    ['{unit', /^has a brace of no word/],
    ['unit}', /^has a brace of no word/],
    ['{{unit}}', /^has a brace of no word/],
  ])('%j is a mistake', (template, fault) => {
    expect(templateFault(template)).toEqual(
      typeof fault === 'string' ? fault : expect.stringMatching(fault),
    )
  })

  test('says what is known of the unit, and refuses what is not', () => {
    const template = 'https://a.example/{device}?u={unit}&d={date} {station}/{rig} {plan}{unit}'
    expect(templateFault(template)).toBeNull()
    expect(wordsIn(template)).toEqual(['device', 'unit', 'date', 'station', 'rig', 'plan'])
    expect(filled(template, VALUES)).toBe(
      'https://a.example/30000c2a69000001?u=12&d=2026-11-30 line 3/left fedcba987654321012',
    )
    expect(() => filled('MAC {mac}', VALUES)).toThrow(
      'the unit has no mac, which its label is to say',
    )
  })

  test('that has no fault is filled, and says nothing else than its words', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^([ -~]|\{(unit|rig)\})*$/)),
        (template) => {
          if (templateFault(template) !== null) return
          const marked = { ...VALUES, mac: '' }
          for (const word of LABEL_WORDS) marked[word] = `<${word}>`
          const back = filled(template, marked).replace(/<(\w+)>/g, '{$1}')
          expect(back.replaceAll('{', '<').replaceAll('}', '>')).toBe(
            template.replaceAll('{', '<').replaceAll('}', '>'),
          )
        },
      ),
    )
  })

  test('takes the values of the very cycle, whenever it is printed', () => {
    const at = new Date(2026, 10, 30, 23, 59).getTime()
    const [result] = cycleRecord(7, null).results
    if (!result) throw new Error('no result')
    const results = [
      { ...result, mac: null },
      { ...result, mac: '0c2a69000009', flag: 'late' as const },
      { ...result, mac: '0c2a69000007' },
    ]
    const cycle = cycleRecord(7, null, { endedAtMs: at, results, planId: null })
    expect(valuesOf(cycle)).toEqual({
      device: cycle.deviceId,
      mac: '0c2a69000007',
      plan: null,
      unit: '7',
      station: 'Line 1',
      rig: 'Left',
      date: '2026-11-30',
    })
  })

  test('has no value that is longer than the longest', () => {
    const longest = longestValues('line 3', ['left', 'r'])
    const lengths = Object.entries({ ...VALUES, mac: '0c2a69000001' }).map(
      ([word, value]) => [word, value.length] as const,
    )
    for (const [word, length] of lengths) {
      expect(longest[word as keyof typeof longest]?.length).toBeGreaterThanOrEqual(length)
    }
  })
})
