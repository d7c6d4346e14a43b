import { execFileSync } from 'node:child_process'
import { inflateSync } from 'node:zlib'
import { crc32 } from 'crc'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import {
  type Dots,
  drawLabel,
  type LabelDesign,
  type LabelSymbol,
  SYMBOLS,
} from '../../../src/factory/label/draw.js'
import { LabelError } from '../../../src/factory/label/errors.js'
import { pdfOf, pngOf } from '../../../src/factory/label/pictures.js'
import { drawFilled } from '../../../src/factory/label/printing.js'
import { LABEL_WORDS, longestValues } from '../../../src/factory/label/template.js'
import { test } from '../../helpers/folder.js'
import { readSymbols } from '../../helpers/read-symbols.js'
import { needs } from '../../helpers/requirements.js'

const DEVICE = '30000c2a69000001'
const LABEL: LabelDesign = { symbol: 'qr', widthMm: 50, heightMm: 25, dpi: 203 }
const KINDS = { qr: 'QRCode', datamatrix: 'DataMatrix' } as const
/** Labels that are sold, and printers of labels and of sheets. */
const DESIGNS = (Object.keys(SYMBOLS) as LabelSymbol[]).flatMap((symbol) =>
  [
    [50, 25, 203],
    [25, 50, 203],
    [38, 19, 300],
    [30, 30, 600],
    [63.5, 29.6, 203],
  ].map(
    ([widthMm = 0, heightMm = 0, dpi = 0]): LabelDesign => ({ symbol, widthMm, heightMm, dpi }),
  ),
)

const isBlack = ({ width, black }: Dots, x: number, y: number): boolean =>
  black[y * width + x] === 1

/** Where ink is, by its first and last column and row. */
function inkOf(dots: Dots, xs: [from: number, to: number], ys: [from: number, to: number]) {
  const at = { left: Infinity, right: -1, top: Infinity, bottom: -1 }
  for (let y = ys[0]; y < ys[1]; y++) {
    for (let x = xs[0]; x < xs[1]; x++) {
      if (!isBlack(dots, x, y)) continue
      at.left = Math.min(at.left, x)
      at.right = Math.max(at.right, x)
      at.top = Math.min(at.top, y)
      at.bottom = Math.max(at.bottom, y)
    }
  }
  return at
}

describe('a label', () => {
  test.each(DESIGNS)(
    'is read by others: $symbol, $widthMm x $heightMm mm, $dpi dpi',
    async (design) => {
      const dots = drawLabel(design, { code: DEVICE, lines: [DEVICE, 'MAC 0c2a69000001'] })
      expect(dots.width).toBe(Math.floor((design.widthMm * design.dpi) / 25.4))
      expect(await readSymbols(pngOf(dots))).toEqual([[KINDS[design.symbol], DEVICE]])
      // A camera's picture of it has other dots.
      const seen = {
        ...dots,
        width: 3 * dots.width,
        height: 3 * dots.height,
        black: larger(dots, 3),
      }
      expect(await readSymbols(pngOf(seen))).toEqual([[KINDS[design.symbol], DEVICE]])
    },
  )

  test.each(DESIGNS)(
    'has modules of whole dots, at least 0.25 mm, with light around: $symbol, $widthMm x $heightMm mm, $dpi dpi',
    (design) => {
      const { symbol, dpi } = design
      const dots = drawLabel(design, { code: DEVICE, lines: [] })
      const ink = inkOf(dots, [0, dots.width], [0, dots.height])
      const modules = symbol === 'qr' ? 21 : 16
      const module = (ink.right - ink.left + 1) / modules
      expect(module % 1).toBe(0)
      expect(module).toBeGreaterThanOrEqual((0.25 * dpi) / 25.4)
      let others = 0
      for (let y = ink.top; y <= ink.bottom; y++) {
        for (let x = ink.left; x <= ink.right; x++) {
          const inModule = [x - ((x - ink.left) % module), y - ((y - ink.top) % module)] as const
          if (isBlack(dots, x, y) !== isBlack(dots, ...inModule)) others++
        }
      }
      expect(others).toBe(0)
      const light = Math.max(SYMBOLS[symbol] * module, dpi / 25.4)
      const rights = [dots.width - 1 - ink.right, dots.height - 1 - ink.bottom]
      for (const edge of [ink.left, ink.top, ...rights])
        expect(edge).toBeGreaterThanOrEqual(Math.floor(light))
    },
  )

  test('keeps text away from its symbol and from its edges', () => {
    const lines = ['WWWWWWWWgjpq', '|{}_@']
    for (const design of DESIGNS) {
      const bare = drawLabel(design, { code: DEVICE, lines: ['a'.repeat(12), ' '] })
      const dots = drawLabel(design, { code: DEVICE, lines })
      const all = inkOf(dots, [0, dots.width], [0, dots.height])
      expect(dots.black.length).toBe(bare.black.length)
      const edge = Math.floor(design.dpi / 25.4)
      expect(Math.min(all.left, all.top)).toBeGreaterThanOrEqual(edge)
      expect(dots.width - 1 - all.right).toBeGreaterThanOrEqual(edge)
      expect(dots.height - 1 - all.bottom).toBeGreaterThanOrEqual(edge)
    }
  })

  test.each([
    ['too little room', { ...LABEL, widthMm: 9, heightMm: 9 }, DEVICE],
    ['more than any symbol holds', { ...LABEL, widthMm: 300, heightMm: 300 }, 'a'.repeat(5000)],
  ])('that has %s is refused', (_, design, code) => {
    for (const symbol of ['qr', 'datamatrix'] as const) {
      expect(() => drawLabel({ ...design, symbol }, { code, lines: [code] })).toThrow(
        expect.objectContaining({
          code: 'too-small',
          message: expect.stringContaining('make the label larger'),
        }),
      )
    }
  })

  test('of any unit fits where that with the longest values does', () => {
    const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
    const values = fc.record({
      device: hex(16),
      mac: hex(12),
      plan: hex(16),
      unit: fc.integer({ min: 1, max: 9_999_999 }).map(String),
      station: fc.stringMatching(/^[A-Za-z0-9][\w -]{11}$/),
      rig: fc.stringMatching(/^[A-Za-z0-9][\w -]{0,7}$/),
      date: fc.constant('2026-11-30'),
    })
    const template = fc
      .array(
        fc.oneof(
          fc.constantFrom(...LABEL_WORDS.map((word) => `{${word}}`)),
          fc.stringMatching(/^[ -z|~]{1,6}$/),
        ),
        {
          minLength: 1,
          maxLength: 4,
        },
      )
      .map((parts) => parts.join(''))
    const design = fc.record({
      symbol: fc.constantFrom('qr' as const, 'datamatrix' as const),
      widthMm: fc.integer({ min: 10, max: 60 }),
      heightMm: fc.integer({ min: 10, max: 60 }),
      dpi: fc.constantFrom(203, 300),
    })
    const longest = longestValues('x'.repeat(12), ['a', 'x'.repeat(8)])
    let fitted = 0
    fc.assert(
      fc.property(
        design,
        template,
        fc.array(template, { maxLength: 2 }),
        values,
        (design, code, text, unit) => {
          try {
            drawFilled(design, { code, text }, longest)
          } catch (error) {
            expect(error).toBeInstanceOf(LabelError)
            return
          }
          fitted++
          expect(() => drawFilled(design, { code, text }, unit)).not.toThrow()
        },
      ),
      { numRuns: 150 },
    )
    expect(fitted).toBeGreaterThan(20)
  })
})

function larger({ width, height, black }: Dots, times: number): Uint8Array {
  const out = new Uint8Array(width * height * times * times)
  for (const n of out.keys()) {
    const [x, y] = [n % (width * times), Math.floor(n / (width * times))]
    out[n] = black[Math.floor(y / times) * width + Math.floor(x / times)] ?? 0
  }
  return out
}

describe('its picture', () => {
  const dots = drawLabel(LABEL, { code: DEVICE, lines: [DEVICE] })

  test('as PNG has its dots, and says how large they are', () => {
    const png = pngOf(dots)
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    const chunks = new Map<string, Buffer>()
    for (let at = 8; at < png.length; ) {
      const length = png.readUInt32BE(at)
      const body = png.subarray(at + 4, at + 8 + length)
      expect(png.readUInt32BE(at + 8 + length)).toBe(crc32(body))
      chunks.set(body.toString('latin1', 0, 4), body.subarray(4))
      at += 12 + length
    }
    expect([...chunks.keys()]).toEqual(['IHDR', 'pHYs', 'IDAT', 'IEND'])
    expect(chunks.get('pHYs')?.readUInt32BE(0)).toBe(7992) // 203 dpi in dots per metre
    const rows = inflateSync(chunks.get('IDAT') as Buffer)
    const stride = 1 + Math.ceil(dots.width / 8)
    const back = dots.black.map((_, n) => {
      const [x, y] = [n % dots.width, Math.floor(n / dots.width)]
      return 1 - (((rows[y * stride + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1)
    })
    expect(Buffer.compare(back, dots.black)).toBe(0)
  })

  test.skipIf(needs('/usr/bin/pdftoppm'))(
    'as PDF is one page of its very size, with the same dots',
    async ({ folder }) => {
      const pdf = await folder.file('label.pdf', pdfOf(dots, LABEL))
      const info = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' })
      expect(info).toMatch(/^Pages: +1$/m)
      expect(info).toMatch(/^Page size: +141\.732 x 70\.866 pts$/m) // 50 mm x 25 mm
      const at = (dpi: number) =>
        execFileSync('pdftoppm', ['-png', '-r', `${dpi}`, pdf], {
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      expect(await readSymbols(at(203))).toEqual([['QRCode', DEVICE]])
      expect(await readSymbols(at(600))).toEqual([['QRCode', DEVICE]])
      const grey = execFileSync('pdftoppm', ['-gray', '-r', '203', pdf])
      const [, width = '', height = ''] =
        /^P5\s(\d+) (\d+)\s255\s/.exec(grey.toString('latin1', 0, 20)) ?? []
      expect([Number(width) - dots.width, Number(height) - dots.height]).toEqual([1, 1]) // part of a dot
      const pixels = grey.subarray(grey.length - Number(width) * Number(height))
      let others = 0
      for (const n of dots.black.keys()) {
        const [x, y] = [n % dots.width, Math.floor(n / dots.width)]
        if (((pixels[y * Number(width) + x] ?? 0) < 128 ? 1 : 0) !== dots.black[n]) others++
      }
      expect(others).toBe(0)
    },
  )
})
