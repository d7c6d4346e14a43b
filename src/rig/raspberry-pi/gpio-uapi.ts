import { closeSync, openSync } from 'node:fs'
import type { RigError } from '../errors.js'
import { loadSystemCalls, type SystemCalls } from '../system-calls.js'
import { isHeader, NoHeaderError } from './gpio-header.js'
import { namesIn, refusalOf } from './sysfs.js'

/**
 * The kernel's GPIO character device, version 2 of its interface (since Linux 5.10). The numbers and offsets are those of
 * <linux/gpio.h>, the same on every processor.
 */
const GET_CHIPINFO = { request: 0x8044b401, bytes: 68, label: 32 }
const GET_LINEINFO = { request: 0xc100b405, bytes: 256, consumer: 32, offset: 64, flags: 72 }
const GET_LINE = {
  request: 0xc250b407,
  bytes: 592,
  offsets: 0,
  consumer: 256,
  flags: 288,
  lineCount: 560,
  eventBufferSize: 564,
  fd: 588,
}
const SET_VALUES = { request: 0xc010b40f, bytes: 16, bits: 0, mask: 8 }
const NAME_BYTES = 32
/** Who has a line of this program's, in the kernel's words. */
export const CONSUMER = 'blinkup'
const FLAG = {
  used: 1n,
  activeLow: 2n,
  input: 4n,
  output: 8n,
  risingEdge: 16n,
  fallingEdge: 32n,
  pullUp: 256n,
  pullDown: 512n,
  noBias: 1024n,
}
const BIAS = { up: FLAG.pullUp, down: FLAG.pullDown, none: FLAG.noBias }
/** Where an input that nothing drives goes. */
export type Pull = keyof typeof BIAS
/** Of one line; the kernel keeps that many, and drops the oldest of more (GPIO_V2_LINES_MAX times 16 is the most). */
const KEPT_EVENTS = 1024

/** Their names are those of the devices below /dev. */
const CHIPS_FOLDER = '/sys/bus/gpio/devices'

/** A GPIO chip, open. */
export class GpioChip {
  readonly label: string
  readonly #fd: number

  /** Throws what the kernel refuses. */
  constructor(
    /** Such as /dev/gpiochip0. */
    readonly path: string,
    private readonly ioctl: SystemCalls['ioctl'],
  ) {
    this.#fd = openSync(path, 'r+')
    const info = Buffer.alloc(GET_CHIPINFO.bytes)
    try {
      ioctl(this.#fd, GET_CHIPINFO.request, info)
      this.userOf(0) // only to see whether the kernel knows version 2
    } catch (error) {
      this.close()
      throw error
    }
    this.label = nameAt(info, GET_CHIPINFO.label)
  }

  /** Who has a line, in the kernel's words; null for nobody. */
  userOf(line: number): string | null {
    const info = Buffer.alloc(GET_LINEINFO.bytes)
    info.writeUInt32LE(line, GET_LINEINFO.offset)
    this.ioctl(this.#fd, GET_LINEINFO.request, info)
    const isUsed = (info.readBigUInt64LE(GET_LINEINFO.flags) & FLAG.used) !== 0n
    return isUsed ? nameAt(info, GET_LINEINFO.consumer) || 'the kernel' : null
  }

  /**
   * Takes lines as outputs that are off from the first moment on, and pulled to where they are off for
   * the time after: a line that is given back is an input again, unless the kernel is Raspberry Pi's own,
   * which keeps it as it was last (pinctrl-bcm2835.c and pinctrl-rp1.c, persist_gpio_outputs).
   */
  request(lines: readonly number[], activeLow: boolean): RequestedLines {
    const flags = FLAG.output | (activeLow ? FLAG.activeLow | FLAG.pullUp : FLAG.pullDown)
    return new RequestedLines(this.#request(lines, flags), this.ioctl)
  }

  /** Takes a line as an input whose edges the kernel times, and gives its file, of which `RequestedEdges` are read. */
  requestEdges(line: number, pull: Pull): number {
    return this.#request([line], FLAG.input | FLAG.risingEdge | FLAG.fallingEdge | BIAS[pull])
  }

  #request(lines: readonly number[], flags: bigint): number {
    const request = Buffer.alloc(GET_LINE.bytes)
    for (const [i, line] of lines.entries()) request.writeUInt32LE(line, GET_LINE.offsets + 4 * i)
    request.write(CONSUMER, GET_LINE.consumer, 'latin1')
    request.writeBigUInt64LE(flags, GET_LINE.flags)
    request.writeUInt32LE(lines.length, GET_LINE.lineCount)
    request.writeUInt32LE(KEPT_EVENTS, GET_LINE.eventBufferSize)
    this.ioctl(this.#fd, GET_LINE.request, request)
    return request.readInt32LE(GET_LINE.fd)
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** Lines that were requested together. The kernel frees them when the last process has closed their file. */
export class RequestedLines {
  readonly #values = Buffer.alloc(SET_VALUES.bytes)

  constructor(
    readonly fd: number,
    private readonly ioctl: SystemCalls['ioctl'],
  ) {
    this.#values.writeBigUInt64LE((1n << 64n) - 1n, SET_VALUES.mask)
  }

  /** Sets all of them by one call: bit 0 is the line that was requested first. */
  set(bits: number): void {
    this.#values[SET_VALUES.bits] = bits
    this.ioctl(this.fd, SET_VALUES.request, this.#values)
  }

  close(): void {
    closeSync(this.fd)
  }
}

/**
 * Opens the chip behind the header, whose lines have the numbers that BCM gives them.
 *
 * @throws RigError 'missing' where the machine has no header, or no such interface; 'forbidden'
 */
export async function openHeaderChip(): Promise<GpioChip> {
  const names = namesIn(CHIPS_FOLDER)
  if (names.length === 0) throw new NoHeaderError([])
  const { ioctl } = await loadSystemCalls()
  const labels: string[] = []
  let refusal: RigError | undefined
  for (const name of names) {
    const path = `/dev/${name}`
    try {
      const chip = new GpioChip(path, ioctl)
      if (isHeader(chip.label)) return chip
      chip.close()
      labels.push(chip.label)
    } catch (error) {
      refusal ??= refusalOf(error, path)
    }
  }
  throw refusal ?? new NoHeaderError(labels)
}

function nameAt(struct: Buffer, offset: number): string {
  return struct.toString('latin1', offset, offset + NAME_BYTES).replace(/\0.*/s, '')
}
