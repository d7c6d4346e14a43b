import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, vi } from 'vitest'
import { CupsPrinter } from '../../../src/factory/label/cups.js'
import { drawLabel } from '../../../src/factory/label/draw.js'
import { pdfOf, pngOf } from '../../../src/factory/label/pictures.js'
import type { Label } from '../../../src/factory/label/printing.js'
import { Cups } from '../../helpers/cups.js'
import { test as base } from '../../helpers/folder.js'
import { needs } from '../../helpers/requirements.js'

const design = { symbol: 'qr', widthMm: 30, heightMm: 20, dpi: 203 } as const
const dots = drawLabel(design, { code: '30000c2a69000001', lines: [] })
const label: Label = { name: 'line 3-1', design, png: pngOf(dots), pdf: pdfOf(dots, design) }
const going = new AbortController().signal

/** With a server of CUPS that this process finds. */
const test = base.extend<{ cups: Cups }>({
  cups: async ({ folder }, use) => {
    await using cups = await Cups.open(folder)
    vi.stubEnv('CUPS_SERVER', cups.env.CUPS_SERVER)
    await use(cups)
  },
})
afterEach(() => vi.unstubAllEnvs())

describe.skipIf(needs('/usr/sbin/cupsd'))('a printer of CUPS', () => {
  test('prints the very page, and that is waited for', async ({ cups }) => {
    const printed = cups.add('zebra')
    const printer = new CupsPrinter('zebra')
    expect(await printer.doubt()).toBeNull()
    await printer.put(label, going)
    expect(await readFile(printed)).toEqual(label.pdf)
    expect(cups.run('lpstat', '-W', 'not-completed', '-o')).toBe('')
  })

  test.for<[what: string, mode: 'jam' | 'empty', why: RegExp]>([
    ['jams', 'jam', /^printer zebra could not print it \(paper jam\): look after it$/],
    [
      'runs out of labels',
      'empty',
      /^printer zebra is stopped \(out of labels\): look after it, and enable it$/,
    ],
  ])('that %s says so, and prints nothing later', async ([, mode, why], { cups }) => {
    cups.add('zebra', mode)
    const printer = new CupsPrinter('zebra')
    await expect(printer.put(label, going)).rejects.toThrow(why)
    expect(cups.run('lpstat', '-W', 'not-completed', '-o')).toBe('')
  })

  test('that hangs is given up, and its job is cancelled', async ({ cups }) => {
    cups.add('zebra', 'hang')
    const printer = new CupsPrinter('zebra', 2)
    await expect(printer.put(label, going)).rejects.toThrow(
      'printer zebra has not printed it in 2 s: look after it',
    )
    expect(cups.run('lpstat', '-W', 'not-completed', '-o')).toBe('')
  })

  test('that is told to stop prints nothing any more', async ({ cups }) => {
    cups.add('zebra', 'hang')
    const stop = new AbortController()
    const put = new CupsPrinter('zebra').put(label, stop.signal)
    put.catch(() => {})
    while (cups.run('lpstat', '-W', 'not-completed', '-o') === '') await sleep(20)
    stop.abort()
    await expect(put).rejects.toThrow()
    expect(cups.run('lpstat', '-W', 'not-completed', '-o')).toBe('')
  })

  test('that is stopped, takes no jobs, or is not there gets none', async ({ cups }) => {
    const printed = cups.add('zebra')
    const printer = new CupsPrinter('zebra')
    const says = async (sentence: string): Promise<void> => {
      await expect(printer.put(label, going)).rejects.toThrow(sentence)
      expect(await printer.doubt()).toBe(sentence)
    }
    cups.run('cupsdisable', '-r', 'to be cleaned', 'zebra')
    await says('printer zebra is stopped (to be cleaned): look after it, and enable it')
    cups.run('cupsenable', 'zebra')
    cups.run('cupsreject', '-r', 'on holiday', 'zebra')
    await says('printer zebra takes no jobs (on holiday): let it accept them')
    cups.run('lpadmin', '-x', 'zebra')
    await says('CUPS has no printer zebra: add it, or give the name of another one')
    await expect(readFile(printed)).rejects.toThrow('ENOENT')
  })
})

describe('without CUPS', () => {
  base('which is not running', async ({ folder }) => {
    vi.stubEnv('CUPS_SERVER', folder.at('none'))
    // Where its programs are not there either, that is told.
    await expect(new CupsPrinter('zebra').put(label, going)).rejects.toThrow(
      /^(CUPS does not answer \(.*\): start it|lpstat is not there: .*)$/,
    )
  })

  base('whose programs are not installed', async ({ folder }) => {
    vi.stubEnv('PATH', folder.path)
    const sentence = 'lpstat is not there: install the programs of CUPS (on Debian: cups-client)'
    await expect(new CupsPrinter('zebra').put(label, going)).rejects.toThrow(sentence)
    expect(await new CupsPrinter('zebra').doubt()).toBe(sentence)
  })

  base('whose programs hang', async ({ folder }) => {
    await folder.file('lpstat', '#!/bin/sh\nexec /bin/sleep 60\n', 0o755)
    vi.stubEnv('PATH', folder.path)
    await expect(new CupsPrinter('zebra', 0.5).put(label, going)).rejects.toThrow(
      'printer zebra has not printed it in 0.5 s: look after it',
    )
  })
})
