import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

const wasm = await readFile(
  fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')),
)
// Else it would be fetched from the network.
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer } })

/** What symbols a picture has, by a reader that is not ours: each with its kind. PNG. */
export async function readSymbols(png: Uint8Array): Promise<[kind: string, text: string][]> {
  const found = await readBarcodes(png, { formats: ['QRCode', 'DataMatrix'] })
  return found.filter(({ isValid }) => isValid).map(({ format, text }) => [format, text])
}
