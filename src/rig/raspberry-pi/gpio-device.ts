import { BLACK, GREY, type SymbolLevel, WHITE } from '../../light/symbols.js'
import { RigError } from '../errors.js'
import { loadSystemCalls } from '../system-calls.js'
import type { GpioLines } from './gpio-header.js'
import { giveBackExported } from './gpio-sysfs.js'
import { CONSUMER, type GpioChip, openHeaderChip, RequestedLines } from './gpio-uapi.js'
import { INHERITED_FD, type LightOutput, showBlack } from './light-output.js'
import { taken } from './lock.js'
import { refusalOf } from './sysfs.js'

/** Which of the two lines are on: bit 0 is white's, bit 1 grey's. */
const BITS = { [BLACK]: 0b00, [GREY]: 0b10, [WHITE]: 0b11 } as const
/** The kernel's name for the user of a line that sysfs has. */
const SYSFS = 'sysfs'

/**
 * Takes the two lines of a header's chip, dark from the first moment on. They need no lock: the kernel gives a line to
 * one program only, and a name for it to all others, in containers, too.
 *
 * @throws RigError 'locked' or 'forbidden'
 */
export async function claimDeviceLines(chip: GpioChip, lines: GpioLines): Promise<LightOutput> {
  const { whiteLine, greyLine, activeLow } = lines
  const numbers = [whiteLine, greyLine]
  try {
    const users = numbers.map((line) => ({ line, user: chip.userOf(line) }))
    for (const { line, user } of users) if (user !== SYSFS) refuseTaken(line, user)
    const exported = users.filter(({ user }) => user === SYSFS).map(({ line }) => line)
    if (exported.length > 0) await giveBackExported(exported, activeLow)
    return new DeviceLines(chip.request(numbers, activeLow))
  } catch (error) {
    throw error instanceof RigError ? error : refusalOf(error, `BCM ${numbers.join(' and ')}`)
  }
}

/**
 * Takes one line of the header's chip.
 *
 * @throws RigError 'missing' where the machine has no header or no such interface, 'locked' or 'forbidden'
 */
export async function claimDeviceLine<T>(line: number, request: (chip: GpioChip) => T): Promise<T> {
  const chip = await openHeaderChip()
  try {
    refuseTaken(line, chip.userOf(line))
    return request(chip)
  } catch (error) {
    throw error instanceof RigError ? error : refusalOf(error, `BCM ${line}`)
  } finally {
    chip.close()
  }
}

function refuseTaken(line: number, user: string | null): void {
  if (user === CONSUMER) throw taken(`BCM ${line}`)
  if (user === null) return
  const sentence = `BCM ${line} is used by ${user}: free it, or choose another line`
  throw new RigError('locked', sentence)
}

/** Opens two lines whose file this process has inherited. */
export async function joinDeviceLines(): Promise<LightOutput> {
  return new DeviceLines(new RequestedLines(INHERITED_FD, (await loadSystemCalls()).ioctl))
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
