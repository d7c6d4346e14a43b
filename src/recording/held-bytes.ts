const BLOCK_BYTES = 1 << 20

/** Bytes that are held until all have come, in blocks, so that a large file is never there twice. */
export class HeldBytes {
  readonly #blocks: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const offset = this.#length % BLOCK_BYTES
      if (offset === 0) this.#blocks.push(new Uint8Array(BLOCK_BYTES))
      const part = bytes.subarray(at, at + BLOCK_BYTES - offset)
      this.#blocks.at(-1)?.set(part, offset)
      at += part.length
      this.#length += part.length
    }
  }

  /** A copy of some of them. Throws RangeError where they are not there. */
  slice(from: number, to: number): Uint8Array {
    if (!(from >= 0 && from <= to && to <= this.#length)) throw new RangeError('there are no bytes')
    const bytes = new Uint8Array(to - from)
    for (let at = from; at < to; ) {
      const offset = at % BLOCK_BYTES
      const end = Math.min(BLOCK_BYTES, offset + to - at)
      const part = this.#blocks[Math.floor(at / BLOCK_BYTES)]?.subarray(offset, end)
      if (part) bytes.set(part, at - from)
      at += end - offset
    }
    return bytes
  }
}
