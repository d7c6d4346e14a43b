import { accessSync, closeSync, constants, existsSync, writeFileSync } from 'node:fs'
import { BLACK, GREY, type SymbolLevel, WHITE } from '../../light/symbols.js'
import { RigError } from '../errors.js'
import { type GpioLines, isHeader, NoHeaderError } from './gpio-header.js'
import { INHERITED_FD, type LightOutput } from './light-output.js'
import { lock } from './lock.js'
import { mayBeLit, namesIn, readAttribute, refusalOf, untilWritable } from './sysfs.js'

const GPIO_FOLDER = '/sys/class/gpio'
const EXPORT_FILE = `${GPIO_FOLDER}/export`

/** Two lines of the kernel's older interface, by sysfs. */
export interface GpioSysfsConfig extends GpioLines {
  readonly kind: 'gpio-sysfs'
  /** The kernel's number of BCM 0. */
  readonly base: number
}

/** What is used of onoff, and its name. TypeScript must not look for it, as it is an optional dependency. */
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
const ONOFF: string = 'onoff'

/** The chip behind the header, as sysfs knows it. */
export interface SysfsHeader {
  readonly label: string
  /** The kernel's number of its first line: 0 on old kernels, 512 and others on new ones. */
  readonly base: number
}

/**
 * The header, if its lines can be driven by sysfs.
 *
 * @throws RigError 'missing' where the machine has no header, the kernel no such interface, or onoff is not there; 'forbidden'
 */
export async function findSysfsHeader(): Promise<SysfsHeader> {
  const header = sysfsHeader()
  try {
    accessSync(EXPORT_FILE, constants.W_OK)
  } catch (error) {
    throw refusalOf(error, EXPORT_FILE)
  }
  await loadOnoff()
  return header
}

/** @throws RigError 'missing' where sysfs shows no header */
function sysfsHeader(): SysfsHeader {
  // Since Linux 6.17 a kernel may have the rest of sysfs's lines, but not these names (CONFIG_GPIO_SYSFS_LEGACY).
  const chips = namesIn(GPIO_FOLDER)
    .filter((name) => name.startsWith('gpiochip'))
    .map((name) => ({
      label: readAttribute(`${GPIO_FOLDER}/${name}/label`) ?? '',
      base: Number(readAttribute(`${GPIO_FOLDER}/${name}/base`)),
    }))
  const header = chips.find(({ label }) => isHeader(label))
  if (!header) throw new NoHeaderError(chips.map(({ label }) => label))
  return header
}

/**
 * Who has a line of the header, by the table of /sys/kernel/debug/gpio; null for nobody. A chip's lines follow its name:
 * " gpio-529 (GPIO17              |sysfs               ) out lo", which newer kernels (seen on 7.2, not on 6.12) call gpio-17.
 */
export function userInTable(
  table: string,
  { label, base }: SysfsHeader,
  line: number,
): string | null {
  const sections = table.split(/^(?=gpiochip)/m)
  const section = sections.find((text) => text.split('\n')[0]?.endsWith(`, ${label}:`)) ?? ''
  const users = section.matchAll(/^ *gpio-(\d+) +\([^|)]*\|([^)]*)\)/gm)
  const [, , user] =
    [...users].find(([, number]) => [line, base + line].includes(Number(number))) ?? []
  return user?.trim() ?? null
}

/**
 * Claims the two lines and drives them to black, without a moment of light before.
 *
 * @throws RigError 'missing', 'locked', 'forbidden' or 'refused'
 */
export async function claimSysfsLines(config: GpioSysfsConfig): Promise<LightOutput> {
  const { activeLow, base, whiteLine, greyLine } = config
  const fd = await lockLines(base, [whiteLine, greyLine])
  return openLines(config, fd, async (OnOff, number) => {
    await exportLine(number)
    try {
      // Direction "high" and "low" are levels of the pin itself (the kernel's ABI, sysfs-gpio).
      const line = new OnOff(number, activeLow ? 'high' : 'low', 'none', { activeLow })
      // onoff does not tell when a line that was exported already cannot be changed.
      if (line.direction() === 'out' && line.activeLow() === activeLow) return line
      throw new RigError(
        'refused',
        'another program has set it up, and it cannot be changed: end that program, or choose another line',
      )
    } catch (error) {
      unexportIfPossible(number)
      throw error
    }
  })
}

/** Nobody has an exported line: that is what the lock is for. */
function lockLines(base: number, bcmLines: readonly number[]): Promise<number> {
  return lock(EXPORT_FILE, new Map(bcmLines.map((line) => [base + line, `BCM ${line}`])))
}

/** Opens two lines that `claimSysfsLines` has set up in another process. */
export function joinSysfsLines(config: GpioSysfsConfig): Promise<LightOutput> {
  return openLines(
    config,
    INHERITED_FD,
    async (OnOff, number) => new OnOff(number, 'out', 'none', { reconfigureDirection: false }),
  )
}

/**
 * Turns lines dark that a program has left exported, such as one that was killed, and gives them back. Throws what the kernel
 * refuses, and RigError 'locked' when that program is still there.
 */
export async function giveBackExported(
  bcmLines: readonly number[],
  activeLow: boolean,
): Promise<void> {
  const { base } = sysfsHeader()
  const fd = await lockLines(base, bcmLines)
  try {
    for (const line of bcmLines) {
      writeFileSync(`${lineFolder(base + line)}/direction`, activeLow ? 'high' : 'low')
      unexport(base + line)
    }
  } finally {
    closeSync(fd)
  }
}

/** Exports a line, and waits until udev has given its files to their group. */
async function exportLine(number: number): Promise<void> {
  const folder = lineFolder(number)
  if (existsSync(folder)) return
  writeFileSync(EXPORT_FILE, String(number))
  try {
    // onoff waits for a tenth of a second, and so busily that udev may get no time.
    for (const attribute of ['value', 'direction', 'active_low']) {
      await untilWritable(`${folder}/${attribute}`)
    }
  } catch (error) {
    unexportIfPossible(number)
    throw error
  }
}

const unexport = (number: number): void => writeFileSync(`${GPIO_FOLDER}/unexport`, String(number))

/** Where it cannot be given back it is dark even so, and the next program takes it over. */
function unexportIfPossible(number: number): void {
  try {
    unexport(number)
  } catch {}
}

const lineFolder = (number: number): string => `${GPIO_FOLDER}/gpio${number}`

type OpenLine = (OnOff: OnoffGpioClass, number: number) => Promise<OnoffGpio>

/** Opens the two lines; `fd` is their lock, which is closed when that fails. */
async function openLines(
  config: GpioSysfsConfig,
  fd: number,
  openLine: OpenLine,
): Promise<LightOutput> {
  const { base, whiteLine, greyLine, activeLow } = config
  let white: OnoffGpio | undefined
  try {
    const { Gpio: OnOff } = await loadOnoff()
    const open = async (line: number): Promise<OnoffGpio> => {
      try {
        return await openLine(OnOff, base + line)
      } catch (error) {
        throw refusalOf(error, `BCM ${line} (the kernel's line ${base + line})`)
      }
    }
    white = await open(whiteLine)
    return new SysfsLines(white, await open(greyLine), activeLow, fd)
  } catch (error) {
    white?.unexport()
    closeSync(fd)
    throw error
  }
}

/** The lines in the order in which they go dark, and the least level at which each is lit. */
const LIT_FROM = [WHITE, GREY] as const

class SysfsLines implements LightOutput {
  readonly #lines: readonly [white: OnoffGpio, grey: OnoffGpio]
  #shown: SymbolLevel = BLACK

  constructor(
    white: OnoffGpio,
    grey: OnoffGpio,
    private readonly activeLow: boolean,
    /** The lock. */
    readonly fd: number,
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
    // A line that is given back is an input, which may be pulled low (not on Raspberry Pi's own kernels,
    // which keep its level): only where low is dark.
    if (!this.activeLow) for (const line of this.#lines) line.unexport()
    closeSync(this.fd)
  }

  #write(index: 0 | 1, level: SymbolLevel): void {
    this.#lines[index].writeSync(level >= LIT_FROM[index] ? 1 : 0)
  }
}

/**
 * A part of onoff has to be compiled, for the very Node.js that runs it.
 *
 * @throws RigError 'missing' with the true reason
 */
async function loadOnoff(): Promise<{ Gpio: OnoffGpioClass }> {
  try {
    return await import(ONOFF)
  } catch (error) {
    throw noOnoff(error as NodeJS.ErrnoException)
  }
}

function noOnoff(cause: NodeJS.ErrnoException): RigError {
  const [reason] = cause.message.split('\n')
  switch (cause.code) {
    case 'ERR_MODULE_NOT_FOUND':
      return new RigError(
        'missing',
        'onoff is not installed: install a compiler (sudo apt install build-essential python3), then install blinkup again',
        { cause },
      )
    case 'ERR_DLOPEN_FAILED':
      return new RigError(
        'missing',
        `onoff was compiled for another Node.js (${reason}): install blinkup again`,
        { cause },
      )
    default: // of the package bindings, which finds the compiled part
      return new RigError(
        'missing',
        `onoff was not compiled, because npm has blocked that (${reason}): install blinkup again, and allow the install scripts of epoll`,
        { cause, remedy: 'allow-install-scripts' },
      )
  }
}
