import fc from 'fast-check'
import { expect, test } from 'vitest'
import { modulate } from '../../src/modulation/index.js'
import type { BadPacket } from '../../src/receiver/index.js'
import { receptionToVcd, symbolsToVcd } from '../../src/recording/vcd.js'
import { damaged, message, randomPacket, receive, receivedMessage } from '../helpers/receive.js'

/** The levels of a dump with one variable, sampled in the middle of each symbol. */
function readVcd(vcd: string, symbolRateHz: number): number[] {
  const [header, body] = vcd.split('$enddefinitions $end\n')
  expect(header).toContain('$timescale 1 us $end\n')
  expect(header).toContain('$var wire 2 s symbol $end\n')
  const changes: { timeUs: number; level: number }[] = []
  let timeUs = 0
  for (const line of body?.trimEnd().split('\n') ?? []) {
    if (line.startsWith('#')) timeUs = Number(line.slice(1))
    else changes.push({ timeUs, level: Number.parseInt(/^b([01]+) s$/.exec(line)?.[1] ?? '', 2) })
  }
  const count = Math.round((timeUs * symbolRateHz) / 1e6)
  const levelAt = (atUs: number) => changes.findLast((change) => change.timeUs <= atUs)?.level
  return Array.from({ length: count }, (_, i) => levelAt(((i + 0.5) * 1e6) / symbolRateHz) ?? -1)
}

test('a dump has a header, each change with its time, and the time of the end', () => {
  expect(symbolsToVcd({ levels: Uint8Array.of(0, 2, 2, 1) }, 60)).toBe(
    [
      '$timescale 1 us $end',
      '$scope module blinkup $end',
      '$var wire 2 s symbol $end',
      '$upscope $end',
      '$enddefinitions $end',
      '#0',
      'b0 s',
      '#16667',
      'b10 s',
      '#50000',
      'b1 s',
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
        expect(readVcd(symbolsToVcd({ levels }, symbolRateHz), symbolRateHz)).toEqual([...levels])
      },
    ),
  )
})

test('the symbols that were seen are those that were sent, at their times', () => {
  const packet = randomPacket(1)
  const dump = receptionToVcd(receivedMessage(message(packet, { sampleRateHz: 4000 })))
  const sent = modulate(packet).levels
  const first = /#(\d+)\nb1 s/.exec(dump)?.[1] ?? ''
  expect(Number(first) / 1e6).toBeCloseTo(0.3 + 1 / 60, 3)
  const symbols = readVcd(dump, 60)
  const darkness = Math.round(0.3 * 60)
  expect(symbols.slice(darkness, darkness + sent.length).join('')).toBe(sent.join(''))
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
    const [, first] = /#(\d+)\nb1 s/.exec(dump) ?? []
    expect(Number(first) / 1e6).toBeCloseTo(0.3 + 1 / 60 + atS + addedS, 3)
    const sent = modulate(packet).levels.join('')
    expect(readVcd(dump, 60).join('')).toMatch(new RegExp(`${sent.slice(1)}$`))
  },
)

test('the symbols of a packet with a wrong CRC are those that were sent', () => {
  const packet = damaged(randomPacket(1))
  const [reception] = receive(message(packet, { sampleRateHz: 4000 }))
  expect(reception).toMatchObject({ reason: 'crc', packet })
  const sent = modulate(packet).levels.join('')
  expect(readVcd(receptionToVcd(reception as BadPacket), 60).join('')).toMatch(
    new RegExp(`${sent.slice(1)}$`),
  )
})
