const PLUS = 0x2b
const MINUS = 0x2d
const ZERO = 0x30
const UPPER_E = 0x45
const LOWER_E = 0x65

// Powers of ten that a double holds exactly, so that one product or quotient with an exact whole number is the nearest double.
const POWERS = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`))
const MOST_POWER = POWERS.length - 1
const MOST_EXPONENT_DIGITS = 4

/** Reads decimal numbers where they stand in bytes, each as the double that is nearest to it. */
export class NumberScanner {
  /** Of the number that was read last. */
  value = 0

  /** @param point the byte between whole and fraction, a point or a comma */
  constructor(private readonly point: number) {}

  /**
   * Reads the number that begins at `from`: digits with a sign, a point and an exponent, if any.
   *
   * @returns where it ends; -1 where there is none before `to`
   */
  read(bytes: Uint8Array, from: number, to: number): number {
    let at = from
    const sign = bytes[at]
    if (sign === MINUS || sign === PLUS) at++
    let whole = 0
    let digits = 0
    for (; at < to; at++, digits++) {
      const digit = (bytes[at] as number) - ZERO
      if (digit < 0 || digit > 9) break
      whole = 10 * whole + digit
    }
    let power = 0
    if (at < to && bytes[at] === this.point) {
      const pointAt = at++
      for (; at < to; at++) {
        const digit = (bytes[at] as number) - ZERO
        if (digit < 0 || digit > 9) break
        whole = 10 * whole + digit
      }
      power = pointAt + 1 - at
      digits -= power
    }
    if (digits === 0) return -1
    if (at < to && (bytes[at] === LOWER_E || bytes[at] === UPPER_E)) {
      const end = this.#readExponent(bytes, at + 1, to)
      if (end > 0) {
        power += this.#exponent
        at = end
      }
    }
    const isExact = whole <= Number.MAX_SAFE_INTEGER && power >= -MOST_POWER && power <= MOST_POWER
    if (!isExact) this.value = this.#nearest(bytes, from, at)
    else {
      const size =
        power < 0 ? whole / (POWERS[-power] as number) : whole * (POWERS[power] as number)
      this.value = sign === MINUS ? -size : size
    }
    return at
  }

  #exponent = 0

  #readExponent(bytes: Uint8Array, from: number, to: number): number {
    let at = from
    const sign = bytes[at]
    if (sign === MINUS || sign === PLUS) at++
    const first = at
    let exponent = 0
    for (; at < to && at < first + MOST_EXPONENT_DIGITS; at++) {
      const digit = (bytes[at] as number) - ZERO
      if (digit < 0 || digit > 9) break
      exponent = 10 * exponent + digit
    }
    this.#exponent = sign === MINUS ? -exponent : exponent
    return at > first ? at : -1
  }

  #nearest(bytes: Uint8Array, from: number, to: number): number {
    let text = ''
    for (let at = from; at < to; at++) {
      text += bytes[at] === this.point ? '.' : String.fromCharCode(bytes[at] as number)
    }
    return Number(text)
  }
}
