import { crcOf } from './bench.js'
import type { SentLine } from './checked-board.js'
import type { BoardState } from './model.js'

/** Dice with one seed. */
export class Dice {
  constructor(private readonly random: () => number) {}

  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0
  }

  list<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make)
  }
}

/** Lines for a board in a given state, made of random numbers: commands that are mostly good, damaged ones, garbage. */
export class RandomLines {
  /** Commands whose reply says all that they have changed, so that it can be told which one was answered. */
  readonly #telling: (() => string)[]
  readonly #quick: (() => string)[]
  /** They take some 100 ms, or change the rate of the line for all that follows. */
  readonly #slow: (() => string)[]

  constructor(
    private readonly dice: Dice,
    state: () => BoardState,
  ) {
    const { pick, below } = { pick: dice.pick.bind(dice), below: dice.below.bind(dice) }
    const number = (high: number): number => below(pick([10, 100, high, 10 * high]))
    const digits = (): string =>
      dice.list(below(pick([8, 60, 104])), () => pick(['0', '1', '2'])).join('')
    const play = (): string => {
      const { symbols } = state()
      return `play ${symbols.length} ${this.#anyCase(crcOf(symbols))}`
    }
    this.#telling = this.#favour([
      () => 'hello',
      () => 'status',
      () => pick(['stop', 'stop now', 'STOP', ' Stop', 'dark', 'DARK now']),
      () => `level ${pick([1000, 1 + below(1000)])} ${pick([520, 1 + below(1000)])}`,
      () => `level ${number(1000)} ${number(1000)}`,
      () => `load 0 ${digits()}`,
      () => `load ${state().symbols.length} ${digits()}`,
      () => `load ${below(state().symbols.length + 2)} ${digits()}`,
      () => `load ${number(4800)} ${digits()}`,
      play,
      play,
      () => `play ${number(100)} ${crcOf(digits())}`,
      () => `sample ${250 + below(8751)} ${pick([8, 10])}`,
      () => `sample ${number(9000)} ${pick([8, 9, 10])}`,
      () => `sense ${pick(['on', 'off', 'on', 'off', 'of', 'on off'])}`,
      () => `edges ${pick(['on', 'off', 'on', 'off', 'ON', ''])}`,
      () => `keepalive ${pick([100 + below(400), 1000, number(60_000)])}`,
    ])
    this.#quick = this.#favour([
      () => `rate ${10 + below(1990)}.${below(1000)}`,
      () => `rate ${pick([500, 1000, 2000, 1999.999, 60, 142])}`,
      () => `rate ${number(2000)}.${number(1000)}`,
    ])
    this.#slow = [
      () => 'help',
      () => `baud ${pick([115_200, 250_000, 500_000, 1_000_000, 1_000_000, 1_000_000, 9600])}`,
      () => `serial ${pick(['a', 'line-1', '1234567890abcdef', '1234567890abcdefg', 'a.b', ''])}`,
    ]
  }

  /** A line for which the board's reply is waited. */
  any(): SentLine {
    const { dice } = this
    const kind = dice.once(200) ? this.#slow : dice.once(6) ? this.#quick : this.#telling
    return this.#sent(this.#maybeDamaged(dice.pick(kind)()))
  }

  /** Lines that come one after the other without waiting. `edges on` and `off` may be answered alike. */
  burst(): SentLine[] {
    const { dice } = this
    const commands = dice.list(2 + dice.below(10), () => dice.pick(this.#telling)())
    return commands
      .filter((command) => !command.startsWith('edges'))
      .map((command) => this.#sent(this.#maybeDamaged(command)))
  }

  #sent(text: string): SentLine {
    const { dice } = this
    return {
      text: text.replaceAll(/[\r\n]/g, '?'),
      ending: dice.pick(['\n', '\n', '\r', '\r\n', '\n\n']),
      broken: dice.once(40) ? dice.below(text.length + 1) : undefined,
    }
  }

  #maybeDamaged(command: string): string {
    const { dice } = this
    if (dice.once(20)) return this.#characters(0, 256, 140)
    if (dice.once(20)) return this.#characters(0x20, 0x7f, 140)
    const tagged = dice.once(4) ? `${command}${dice.pick(['', ' '])}#${dice.below(100)}` : command
    const line = dice.once(2) ? `${tagged}*${this.#anyCase(crcOf(tagged))}` : tagged
    return dice.once(5) ? this.#mutated(line) : line
  }

  /** The line with a few of its characters flipped, dropped, doubled, swapped, or cut off. */
  #mutated(line: string): string {
    const { dice } = this
    let text = line
    for (let count = 1 + dice.below(3); count > 0; count--) {
      const at = dice.below(text.length + 1)
      const [before, here, after] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)]
      text = dice.pick([
        before + String.fromCharCode((here.charCodeAt(0) || 0x20) ^ (1 << dice.below(8))) + after,
        before + after,
        before + here + here + after,
        before + after.slice(0, 1) + here + after.slice(1),
        before,
        before + this.#characters(0x20, 0x7f, 5) + here + after,
      ])
    }
    return text
  }

  #characters(low: number, high: number, most: number): string {
    const { dice } = this
    const make = (): string => String.fromCharCode(low + dice.below(high - low))
    return dice.list(1 + dice.below(most), make).join('')
  }

  #anyCase(hex: string): string {
    return this.dice.once(4) ? hex.toUpperCase() : hex
  }

  /** Each pair of dice is fond of other commands. */
  #favour(commands: readonly (() => string)[]): (() => string)[] {
    const favourites = commands.flatMap((command) =>
      this.dice.list(this.dice.pick([0, 1, 1, 4]), () => command),
    )
    return favourites.length > 0 ? favourites : [...commands]
  }
}
