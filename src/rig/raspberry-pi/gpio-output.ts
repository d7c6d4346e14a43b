import { BLACK, GREY, type SymbolLevel, WHITE } from '../../modulation/symbols.js'
import { RigError } from '../errors.js'
import type { LightOutput } from './light-output.js'
import { mayBeLit, refusalOf } from './sysfs.js'

/** Two GPIO lines: grey's alone lights grey, both light white. */
export interface GpioConfig {
  readonly kind: 'gpio'
  /** The kernel's number of BCM 0. */
  readonly base: number
  /** BCM numbers. */
  readonly whiteLine: number
  readonly greyLine: number
  /** The LED lights up with the lines low. */
  readonly activeLow: boolean
}

/**
 * Claims the two lines and drives them to black, without a moment of light before.
 *
 * @throws RigError 'missing', 'locked', 'forbidden' or 'refused'
 */
export async function claimLines(config: GpioConfig): Promise<LightOutput> {
  const { activeLow } = config
  return openLines(config, (OnOff, number) => {
    // Direction "high" and "low" are levels of the pin itself (the kernel's ABI, sysfs-gpio).
    const line = new OnOff(number, activeLow ? 'high' : 'low', 'none', { activeLow })
    // onoff does not tell when a line that was exported already cannot be changed.
    if (line.direction() !== 'out' || line.activeLow() !== activeLow) {
      line.unexport()
      throw new RigError('refused', 'what another program has set up cannot be changed')
    }
    return line
  })
}

/** Opens two lines that `claimLines` has set up in another process. */
export function joinLines(config: GpioConfig): Promise<LightOutput> {
  return openLines(
    config,
    (OnOff, number) => new OnOff(number, 'out', 'none', { reconfigureDirection: false }),
  )
}

/** What is used of onoff. Its own types may be missing, as it is an optional dependency. */
interface OnoffGpio {
  direction(): string
  activeLow(): boolean
  writeSync(value: 0 | 1): void
  unexport(): void
}
type OnoffGpioClass = new (
  number: number,
  direction: 'out' | 'high' | 'low',
  edge: 'none',
  options: { activeLow?: boolean; reconfigureDirection?: boolean },
) => OnoffGpio
type OpenLine = (OnOff: OnoffGpioClass, number: number) => OnoffGpio

async function openLines(config: GpioConfig, openLine: OpenLine): Promise<LightOutput> {
  const { base, whiteLine, greyLine, activeLow } = config
  const { Gpio: OnOff } = await loadOnoff()
  const open = (line: number): OnoffGpio => {
    try {
      return openLine(OnOff, base + line)
    } catch (error) {
      throw refusalOf(error, `BCM ${line} (the kernel's line ${base + line})`)
    }
  }
  const white = open(whiteLine)
  try {
    return new Lines(white, open(greyLine), activeLow)
  } catch (error) {
    white.unexport()
    throw error
  }
}

/** The lines in the order in which they go dark, and the least level at which each is lit. */
const LIT_FROM = [WHITE, GREY] as const

class Lines implements LightOutput {
  readonly #lines: readonly [white: OnoffGpio, grey: OnoffGpio]
  #shown: SymbolLevel = BLACK

  constructor(
    white: OnoffGpio,
    grey: OnoffGpio,
    private readonly activeLow: boolean,
  ) {
    this.#lines = [white, grey]
  }

  // The same code for each level, so that a rehearsal in black has compiled all of it.
  show(level: SymbolLevel): void {
    // On the way up grey goes first, so nothing in between is brighter than either level.
    const first = level > this.#shown ? 1 : 0
    this.#write(first, level)
    this.#write(first === 0 ? 1 : 0, level)
    this.#shown = level
  }

  dark(): void {
    const refusals = this.#lines.flatMap((line) => {
      try {
        line.writeSync(0)
        return []
      } catch (error) {
        return [error]
      }
    })
    this.#shown = BLACK
    if (refusals.length > 0) throw mayBeLit(refusals[0])
  }

  release(): void {
    // A line that is given back is an input, which may be pulled low: only where low is dark.
    if (this.activeLow) return
    for (const line of this.#lines) line.unexport()
  }

  #write(index: 0 | 1, level: SymbolLevel): void {
    this.#lines[index].writeSync(level >= LIT_FROM[index] ? 1 : 0)
  }
}

/** An optional dependency, because a part of it has to be compiled: TypeScript must not look for it. */
export const ONOFF: string = 'onoff'

async function loadOnoff(): Promise<{ Gpio: OnoffGpioClass }> {
  try {
    return await import(ONOFF)
  } catch {
    throw new RigError(
      'missing',
      'onoff, which drives the GPIO lines, was not compiled when blinkup was installed: install a compiler (sudo apt install build-essential python3) and blinkup again',
    )
  }
}
