import { BLACK, GREY, type SymbolLevel, WHITE } from '../../modulation/symbols.js'
import { RigError } from '../errors.js'
import type { GpioLines } from './gpio-header.js'
import { giveBackExported } from './gpio-sysfs.js'
import { type GpioChip, loadIoctl, RequestedLines } from './gpio-uapi.js'
import { INHERITED_FD, type LightOutput, showBlack } from './light-output.js'
import { refusalOf } from './sysfs.js'

/** Which of the two lines are on: bit 0 is white's, bit 1 grey's. */
const BITS = { [BLACK]: 0b00, [GREY]: 0b10, [WHITE]: 0b11 } as const

/**
 * Takes the two lines of a header's chip, dark from the first moment on.
 *
 * @throws RigError 'locked' or 'forbidden'
 */
export function claimDeviceLines(chip: GpioChip, lines: GpioLines): LightOutput {
  const { whiteLine, greyLine, activeLow } = lines
  const numbers = [whiteLine, greyLine]
  try {
    const users = numbers.map((line) => ({ line, user: chip.userOf(line) }))
    const taken = users.find(({ user }) => user !== null && user !== 'sysfs')
    if (taken) {
      const { line, user } = taken
      throw new RigError(
        'locked',
        `BCM ${line} is used by ${user}: free it, or choose another line`,
      )
    }
    // What sysfs has belongs to nobody: a program may have been killed, and left the LED lit.
    for (const { line, user } of users) if (user) giveBackExported(line, activeLow)
    return new DeviceLines(chip.request(numbers, activeLow))
  } catch (error) {
    throw error instanceof RigError ? error : refusalOf(error, `BCM ${numbers.join(' and ')}`)
  }
}

/** Opens two lines whose file this process has inherited. */
export async function joinDeviceLines(): Promise<LightOutput> {
  return new DeviceLines(new RequestedLines(INHERITED_FD, await loadIoctl()))
}

class DeviceLines implements LightOutput {
  constructor(private readonly lines: RequestedLines) {}

  get fd(): number {
    return this.lines.fd
  }

  show(level: SymbolLevel): void {
    this.lines.set(BITS[level])
  }

  dark(): void {
    showBlack(this)
  }

  release(): void {
    this.lines.close()
  }
}
