/** Of a row. */
export const MOST_CELLS = 256

/** An array or object that has begun, with its own numbers; it is used again for each one at its depth. */
export class Container {
  isObject = false
  /** Whether it is in an array, as rows are, or else in an object, as columns are. */
  isInArray = false
  /** Whether there is an array or object in it. */
  hasInner = false
  /** NaN where there is none. */
  readonly cells = new Float64Array(MOST_CELLS).fill(Number.NaN)
  /** Of an object's cells, as its keys and those of the ones before it came. */
  readonly names: string[] = []
  /** Of an array, its texts that are no numbers, as headings are. */
  texts: string[] = []
  key = ''
  /** The cell of the next value. */
  #at = 0
  /** Of those that are filled, and the one after the last. */
  count = 0
  #end = 0

  begin(isObject: boolean, isInArray: boolean): void {
    this.isObject = isObject
    this.isInArray = isInArray
    this.hasInner = false
    this.cells.fill(Number.NaN, 0, this.#end)
    this.texts = []
    this.#at = 0
    this.#end = 0
    this.count = 0
  }

  /** Takes the key of the next value; objects have most keys in the order of the one before. */
  takeKey(key: string): void {
    this.key = key
    if (this.names[this.#at] === key) return
    const known = this.names.indexOf(key)
    this.#at = known < 0 ? this.names.length : known
  }

  /** @returns false where an array has too many; keys beyond as many are left out */
  push(value: number): boolean {
    if (this.#at === MOST_CELLS) return this.isObject
    if (this.isObject) this.names[this.#at] = this.key
    this.cells[this.#at] = value
    this.#at++
    this.#end = Math.max(this.#end, this.#at)
    this.count++
    return true
  }
}
