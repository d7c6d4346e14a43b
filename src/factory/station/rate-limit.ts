/**
 * So many at once, and so many a second: a bucket that leaks, for each of some slots. Keys share a slot by chance, so that the memory is the
 * same for any number of keys.
 */
export class RateLimit {
  readonly #filled: Float64Array
  readonly #atS: Float64Array

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    slots = 1,
  ) {
    this.#filled = new Float64Array(slots)
    this.#atS = new Float64Array(slots)
  }

  /** Whether there is room for one more. Times are of any one clock that only goes forward. */
  take(nowS: number, key = ''): boolean {
    const slot = hash(key) % this.#filled.length
    const leaked = (nowS - (this.#atS[slot] as number)) * this.perSecond
    const filled = Math.max(0, (this.#filled[slot] as number) - leaked)
    const hasRoom = filled + 1 <= this.burst
    this.#filled[slot] = hasRoom ? filled + 1 : filled
    this.#atS[slot] = nowS
    return hasRoom
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  }
  return value >>> 0
}
