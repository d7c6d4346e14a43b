import type { Channel } from './recording.js'

/** Seconds in each unit of a timescale. */
const UNITS_S: Readonly<Record<string, number>> = {
  s: 1,
  ms: 1e-3,
  us: 1e-6,
  ns: 1e-9,
  ps: 1e-12,
  fs: 1e-15,
}
const MOST_CHANNELS = 256

interface Variable {
  readonly scopes: readonly string[]
  readonly name: string
  readonly isBit: boolean
}

/** What stands in a value change dump before its values. */
export class VcdDefinitions {
  /** Seconds in one unit of its times; null where it does not tell. */
  unitS: number | null = null
  /** Which channel an identifier stands for; several variables may share one. */
  readonly channelOf = new Map<string, number>()
  readonly #scopes: string[] = []
  readonly #variables: Variable[] = []

  /**
   * Takes a command.
   *
   * @param words of it, from `$var` or the like to before `$end`
   * @returns what is wrong with it; null when it is right, or none that matters
   */
  take([command, ...words]: readonly string[]): string | null {
    if (command === '$scope') this.#scopes.push(words[1] ?? '')
    if (command === '$upscope') this.#scopes.pop()
    if (command === '$timescale') {
      const [, count, unit = ''] = /^(10{0,2})([munpf]?s)$/.exec(words.join('')) ?? []
      if (!count) return 'the timescale is not 1, 10 or 100 of s, ms, us, ns, ps or fs'
      this.unitS = Number(count) * (UNITS_S[unit] as number)
    }
    if (command === '$var') {
      const [type = '', size, id, ...name] = words
      if (id === undefined || name.length === 0) {
        return 'a variable is not a type, a size, an identifier and a name'
      }
      if (this.channelOf.has(id)) return null
      if (this.#variables.length === MOST_CHANNELS) {
        return `there are more than ${MOST_CHANNELS} variables: dump only those of the light`
      }
      this.channelOf.set(id, this.#variables.length)
      const isBit = size === '1' && !/^real/.test(type)
      this.#variables.push({ scopes: [...this.#scopes], name: name.join(''), isBit })
    }
    return null
  }

  /** Named as the variables are; where some of the same name are in several scopes, with these before it. */
  channels(): Channel[] {
    const names = this.#variables.map(({ name }) => name)
    return this.#variables.map(({ scopes, name, isBit }) => ({
      name: names.indexOf(name) === names.lastIndexOf(name) ? name : [...scopes, name].join('.'),
      unit: null,
      kind: isBit ? 'logic' : 'analog',
      fullScale: null,
    }))
  }
}
