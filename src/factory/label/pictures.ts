import { deflateSync } from 'node:zlib'
import { crc32 } from 'crc'
import type { Dots, LabelDesign } from './draw.js'

/** Rows of one bit a dot, 0 for black, each after the byte of its filter, which is none: what PNG and PDF have in common. */
function packed({ width, height, black }: Dots): Buffer {
  const stride = 1 + Math.ceil(width / 8)
  const rows = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * stride + 1 + (x >> 3)
      if (!black[y * width + x]) rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7))
    }
  }
  return deflateSync(rows)
}

const GREYSCALE = 0
const PER_METRE = 1

/** As PNG (ISO/IEC 15948), which says how large it is. */
export function pngOf(dots: Dots): Buffer {
  const { width, height, dpi } = dots
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    return Buffer.concat([uint32(data.length), body, uint32(crc32(body))])
  }
  const perMetre = uint32(Math.round(dpi / 0.0254))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk(
      'IHDR',
      Buffer.concat([uint32(width), uint32(height), Buffer.from([1, GREYSCALE, 0, 0, 0])]),
    ),
    chunk('pHYs', Buffer.concat([perMetre, perMetre, Buffer.from([PER_METRE])])),
    chunk('IDAT', packed(dots)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const POINTS_PER_INCH = 72

/**
 * As PDF 1.4 (ISO 32000-1): one page, of the label's very size, with one picture whose dots are the printer's. No library is worth its size for that: what
 * PNG compresses is what PDF takes.
 */
export function pdfOf(dots: Dots, { widthMm, heightMm }: LabelDesign): Buffer {
  const { width, height, dpi } = dots
  const page = [widthMm, heightMm].map((mm) => ((mm / 25.4) * POINTS_PER_INCH).toFixed(3))
  const [w, h] = [width, height].map((n) => ((n / dpi) * POINTS_PER_INCH).toFixed(3))
  const below = (Number(page[1]) - Number(h)).toFixed(3)
  const picture = `/Type/XObject/Subtype/Image/Width ${width}/Height ${height}/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns ${width}/BitsPerComponent 1>>`
  const objects = [
    Buffer.from('<</Type/Catalog/Pages 2 0 R>>'),
    Buffer.from('<</Type/Pages/Kids[3 0 R]/Count 1>>'),
    Buffer.from(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${page.join(' ')}]/Resources<</XObject<</Label 4 0 R>>>>/Contents 5 0 R>>`,
    ),
    stream(picture, packed(dots)),
    stream('', Buffer.from(`${w} 0 0 ${h} 0 ${below} cm /Label Do`)),
  ]
  const parts: Buffer[] = []
  const places: number[] = []
  let length = 0
  const add = (part: Buffer): void => {
    parts.push(part)
    length += part.length
  }
  add(Buffer.from('%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', 'latin1'))
  for (const [n, object] of objects.entries()) {
    places.push(length)
    add(Buffer.concat([Buffer.from(`${n + 1} 0 obj\n`), object, Buffer.from('\nendobj\n')]))
  }
  const begin = length
  const entries = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`)
  const count = objects.length + 1
  add(
    Buffer.from(
      `xref\n0 ${count}\n0000000000 65535 f \n${entries.join('')}trailer\n<</Size ${count}/Root 1 0 R>>\nstartxref\n${begin}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(parts)
}

const stream = (dictionary: string, data: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`<<${dictionary}/Length ${data.length}>>\nstream\n`),
    data,
    Buffer.from('\nendstream'),
  ])
