import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modulate } from '../../src/modulation/index.js'
import type { BadPacket } from '../../src/receiver/index.js'
import { receptionToVcd, symbolsToVcd } from '../../src/recording/vcd.js'
import { test as testInFolder } from '../helpers/folder.js'
import { damaged, message, randomPacket, receive, receivedMessage } from '../helpers/receive.js'
import { needs } from '../helpers/requirements.js'
import { readSession, spiBytes } from './sigrok-cli.js'

/** The values of a variable, each with the time from which it holds. */
function changesOf(vcd: string, name: string): { timeUs: number; value: number }[] {
  const [header, body] = vcd.split('$enddefinitions $end\n') as [string, string]
  expect(header).toContain('$timescale 1 us $end\n')
  const id = new RegExp(`\\$var (?:wire 1|real 64) (\\S) ${name} \\$end\n`).exec(header)?.[1]
  const changes: { timeUs: number; value: number }[] = []
  let timeUs = Number.NaN
  for (const line of body.trimEnd().split('\n')) {
    if (line.startsWith('#')) timeUs = Number(line.slice(1))
    const [, bit, real] = new RegExp(`^(?:([01])|r(\\S+) )${id}$`).exec(line) ?? []
    const value = bit ?? real
    if (value !== undefined) changes.push({ timeUs, value: Number(value) })
  }
  return changes
}

const endUs = (vcd: string): number => Number(/#(\d+)\n$/.exec(vcd)?.[1])

/** The levels of a dump, in the middle of each symbol from its beginning on: 0 black, 1 grey, 2 white. */
function symbolsOf(vcd: string, symbolRateHz: number, startS = 0): number[] {
  const lines = ['white', 'grey'].map((name) => changesOf(vcd, name))
  const valueAt = (line: (typeof lines)[0], atUs: number) =>
    line.findLast(({ timeUs }) => timeUs <= atUs)?.value ?? Number.NaN
  const count = Math.round((endUs(vcd) / 1e6 - startS) * symbolRateHz)
  return Array.from({ length: count }, (_, i) => {
    const atUs = 1e6 * (startS + (i + 0.5) / symbolRateHz)
    return lines.reduce((sum, line) => sum + valueAt(line, atUs), 0)
  })
}

test('a dump has a header, each change with its time, and the time of the end', () => {
  expect(symbolsToVcd({ levels: Uint8Array.of(0, 2, 2, 1) }, 60)).toBe(
    [
      '$timescale 1 us $end',
      '$scope module blinkup $end',
      '$var wire 1 w white $end',
      '$var wire 1 g grey $end',
      '$upscope $end',
      '$enddefinitions $end',
      '#0',
      '0w',
      '0g',
      '#16667',
      '1w',
      '1g',
      '#50000',
      '0w',
      '#66667',
      '',
    ].join('\n'),
  )
})

test('any symbols at any rate are read back from their dump', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ max: 2, minLength: 1 }),
      fc.integer({ min: 10, max: 2000 }),
      (levels, symbolRateHz) => {
        const dump = symbolsToVcd({ levels }, symbolRateHz)
        expect(symbolsOf(dump, symbolRateHz)).toEqual([...levels])
      },
    ),
  )
})

test('the symbols that were seen are those that were sent, at their times, beside the light', () => {
  const packet = randomPacket(1)
  const light = message(packet, { sampleRateHz: 4000 })
  const reception = receivedMessage(light)
  const dump = receptionToVcd(reception, light)
  const sent = modulate(packet).levels
  const [, firstLit] = changesOf(dump, 'grey')
  expect((firstLit?.timeUs ?? 0) / 1e6).toBeCloseTo(0.3 + 1 / 60, 3)
  const symbols = symbolsOf(dump, 60)
  const darkness = Math.round(0.3 * 60)
  expect(symbols.slice(darkness, darkness + sent.length).join('')).toBe(sent.join(''))
  const shown = changesOf(dump, 'light')
  for (const [i, timeS] of light.timesS.entries()) {
    const atUs = Math.round(1e6 * timeS)
    const { value = Number.NaN } = shown.findLast(({ timeUs }) => timeUs <= atUs) ?? {}
    expect(value).toBeCloseTo(light.levels[i] as number, 6)
  }
  expect(endUs(dump)).toBe(Math.round(1e6 * (light.timesS.at(-1) as number)))
})

test.each([
  ['long before', -100.25, 100],
  ['just before', -0.4, 1],
  ['just after', -0.305, 0], // in its first symbol
])(
  'a message that is lit %s zero is on the clock of its capture, and whole seconds',
  (_, atS, addedS) => {
    const packet = randomPacket(1)
    const { timesS, levels } = message(packet, { sampleRateHz: 4000 })
    const shifted = { timesS: timesS.map((timeS) => timeS + atS), levels }
    const dump = receptionToVcd(receivedMessage(shifted))
    const [, comment] =
      /^\$comment times are those of the capture plus (\d+) s \$end$/m.exec(dump) ?? []
    expect(Number(comment ?? 0)).toBe(addedS)
    const startS = 0.3 + atS + addedS
    expect((changesOf(dump, 'grey')[1]?.timeUs ?? 0) / 1e6).toBeCloseTo(startS + 1 / 60, 3)
    const sent = modulate(packet).levels.join('')
    expect(symbolsOf(dump, 60, startS).join('')).toMatch(new RegExp(`${sent.slice(1)}$`))
  },
)

test('whole seconds are added where only the light is below zero', () => {
  const light = message(randomPacket(1), { sampleRateHz: 4000 })
  const reception = receivedMessage(light)
  const shifted = { ...light, timesS: light.timesS.map((timeS) => timeS - 0.1) }
  const dump = receptionToVcd({ ...reception, startS: reception.startS - 0.1 }, shifted)
  expect(dump).toMatch(/^\$comment times are those of the capture plus 1 s \$end\n/)
  expect(dump).toMatch(/\n#900000\n0w\n/)
})

test('the symbols of a packet with a wrong CRC are those that were sent', () => {
  const packet = damaged(randomPacket(1))
  const [reception] = receive(message(packet, { sampleRateHz: 4000 }))
  expect(reception).toMatchObject({ reason: 'crc', packet })
  const dump = receptionToVcd(reception as BadPacket)
  expect(symbolsOf(dump, 60, (reception as BadPacket).startS - 1 / 60).join('')).toBe(
    modulate(packet).levels.join(''),
  )
})

describe('the dump of a message at 1,000 s, opened', () => {
  const packet = randomPacket(2)
  const { timesS, levels } = message(packet, { sampleRateHz: 1000 })
  const light = { timesS: timesS.map((timeS) => timeS + 1000), levels }
  const dump = receptionToVcd(receivedMessage(light), light)

  testInFolder.skipIf(needs('/usr/bin/sigrok-cli'))(
    'by libsigrok: bits, and no light',
    async ({ folder }) => {
      const file = await folder.file('seen.vcd', dump)
      const { channels, samples } = readSession(file, 'vcd')
      expect(channels).toEqual(['white: logic', 'grey: logic', 'packet: logic'])
      expect(samples).toBe(endUs(dump) - 1e9) // of 1 µs, and none of the 1,000 s before
      expect(spiBytes(file, 'vcd')).toEqual(packet)
    },
  )

  testInFolder.skipIf(needs('/usr/bin/vcd2fst'))(
    'by GTKWave: bits and light',
    async ({ folder }) => {
      const file = await folder.file('seen.vcd', dump)
      execFileSync('vcd2fst', [file, folder.at('seen.fst')])
      const back = execFileSync('fst2vcd', [folder.at('seen.fst')], { encoding: 'utf8' })
      expect(back.replaceAll(/\s+/g, ' ')).toContain('real 64 $ light $end')
      expect(back).toMatch(/^#1000000000\n/m)
    },
  )
})
