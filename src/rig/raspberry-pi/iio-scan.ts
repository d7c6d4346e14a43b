/** How a value lies in a scan (the kernel's ABI, sysfs-bus-iio: scan_elements/*_type). */
export interface ScanElement {
  readonly littleEndian: boolean
  readonly signed: boolean
  readonly bits: number
  readonly storageBytes: number
  readonly shift: number
}

/**
 * Reads `[be|le]:[s|u]BITS/STORAGE>>SHIFT`.
 *
 * @throws RangeError for anything else, repeated values included
 */
export function parseScanType(text: string): ScanElement {
  const [, endianness, sign, bits, storageBits, shift] =
    /^([bl]e):([su])(\d+)\/(8|16|32|64)>>(\d+)$/.exec(text) ?? []
  const element = {
    littleEndian: endianness === 'le',
    signed: sign === 's',
    bits: Number(bits),
    storageBytes: Number(storageBits) / 8,
    shift: Number(shift),
  }
  const fits = element.bits > 0 && element.bits + element.shift <= 8 * element.storageBytes
  if (!fits)
    throw new RangeError(`give a scan type such as be:u10/16>>0, not ${JSON.stringify(text)}`)
  return element
}

/** Where each element of a scan begins, and how long a scan is: each is aligned to its own size, the whole to the largest. */
export function scanLayout(elements: readonly ScanElement[]): { offsets: number[]; bytes: number } {
  const align = (offset: number, size: number): number => Math.ceil(offset / size) * size
  const offsets: number[] = []
  let end = 0
  for (const { storageBytes } of elements) {
    const offset = align(end, storageBytes)
    offsets.push(offset)
    end = offset + storageBytes
  }
  return {
    offsets,
    bytes: align(end, Math.max(1, ...elements.map(({ storageBytes }) => storageBytes))),
  }
}

/** The value of an element that lies at `offset`. */
export function readElement(scan: DataView, offset: number, element: ScanElement): number {
  const { littleEndian, signed, bits, storageBytes, shift } = element
  const raw =
    storageBytes === 8
      ? scan.getBigUint64(offset, littleEndian)
      : storageBytes === 4
        ? BigInt(scan.getUint32(offset, littleEndian))
        : storageBytes === 2
          ? BigInt(scan.getUint16(offset, littleEndian))
          : BigInt(scan.getUint8(offset))
  const value = raw >> BigInt(shift)
  return Number(signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value))
}
