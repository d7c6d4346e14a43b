import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NAMESPACE } from '../../helpers/requirements.js'

/** What differs between the models: as their kernels name it. */
const MODELS = {
  'pi3-old': {
    model: 'Raspberry Pi 3 Model B Plus Rev 1.3',
    label: 'pinctrl-bcm2835',
    base: 0,
    pwm: '3f20c000.pwm',
  },
  pi3: {
    model: 'Raspberry Pi 3 Model B Plus Rev 1.3',
    label: 'pinctrl-bcm2835',
    base: 512,
    pwm: '3f20c000.pwm',
  },
  pi4: {
    model: 'Raspberry Pi 4 Model B Rev 1.4',
    label: 'pinctrl-bcm2711',
    base: 512,
    pwm: 'fe20c000.pwm',
  },
  pi5: {
    model: 'Raspberry Pi 5 Model B Rev 1.0',
    label: 'pinctrl-rp1',
    base: 569,
    pwm: '1f00098000.pwm',
  },
} as const
export type PiModel = keyof typeof MODELS

/** What its kernel offers for GPIO lines. */
export type PiGpio = 'device' | 'sysfs' | 'both'

/** The other PWM block of a Pi 5, which drives the fan. */
const FAN_PWM = '1f0009c000.pwm'

const RECORD_BYTES = 64
const ADC_VALUE = 'sys/bus/iio/devices/iio:device0/in_voltage0_raw'

/** A write below /sys/class, as the observer has seen it. */
export interface ObservedWrite {
  /** CLOCK_MONOTONIC, when it had been done. */
  readonly timeNs: number
  /** Such as gpio/gpio529/value. */
  readonly attribute: string
  readonly text: string
}

let builtObserver: string | undefined

/** The compiled observer, in a folder that goes with this process. */
function observer(): string {
  if (builtObserver) return builtObserver
  const folder = mkdtempSync(join(tmpdir(), 'observer-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  const library = join(folder, 'observer.so')
  const source = fileURLToPath(new URL('observer.c', import.meta.url))
  const warnings = ['-Wall', '-Wextra', '-Werror', '-Wno-format-truncation']
  execFileSync('gcc', ['-O2', ...warnings, '-shared', '-fPIC', source, '-ldl', '-o', library])
  builtObserver = library
  return library
}

/**
 * The files of a Raspberry Pi below /sys and /dev, and how to run a program that sees them instead of this
 * machine's: in a mount namespace of its own, with the kernel's part played by observer.c.
 */
export class Pi {
  readonly folder = mkdtempSync(join(tmpdir(), 'pi-'))
  readonly base: number
  readonly #library: string
  #led: string | undefined
  #device: number | undefined
  readonly #pipes: number[] = []
  readonly #log = join(this.folder, 'writes')

  constructor(
    model: PiModel,
    readonly gpio: PiGpio = 'device',
  ) {
    const { label, base, pwm, model: name } = MODELS[model]
    this.base = base
    this.#library = observer()
    chmodSync(this.folder, 0o755)
    this.file('sys/firmware/devicetree/base/model', `${name}\0`)
    mkdirSync(join(this.folder, 'sys/class/gpio'), { recursive: true })
    if (gpio !== 'sysfs') {
      this.file('sys/bus/gpio/devices/gpiochip0/dev')
      this.file('gpiochip0', `${label} ${base}`)
    }
    if (gpio !== 'device') {
      for (const [chip, chipLabel] of [
        [`gpiochip${base}`, label],
        [`gpiochip${base + 100}`, 'raspberrypi-exp-gpio'],
      ]) {
        this.file(`sys/class/gpio/${chip}/label`, `${chipLabel}\n`)
        this.file(`sys/class/gpio/${chip}/base`, `${chip?.slice('gpiochip'.length)}\n`)
      }
      this.#addExport('sys/class/gpio')
    }
    this.#addPwm('pwmchip0', model === 'pi5' ? FAN_PWM : pwm)
    if (model === 'pi5') this.#addPwm('pwmchip2', pwm)
  }

  /** Makes a file with all folders above it. */
  file(path: string, text = ''): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text)
  }

  /** Only to be written, as the kernel makes them, and that by root alone. */
  #addExport(folder: string): void {
    for (const name of ['export', 'unexport']) {
      this.file(`${folder}/${name}`)
      chmodSync(join(this.folder, folder, name), 0o200)
    }
  }

  /** Plugs in a USB device; with `tty`, one that has a serial port of that name. */
  addUsb(vendorId: string, productId: string, tty?: string): void {
    const usb = 'sys/devices/platform/usb/1-1'
    this.file(`${usb}/idVendor`, `${vendorId}\n`)
    this.file(`${usb}/idProduct`, `${productId}\n`)
    mkdirSync(join(this.folder, 'sys/bus/usb/devices'), { recursive: true })
    symlinkSync('../../../devices/platform/usb/1-1', join(this.folder, 'sys/bus/usb/devices/1-1'))
    if (tty === undefined) return
    this.file(`${usb}/1-1:1.0/${tty}/tty/${tty}/dev`, '188:0\n')
    this.file(`sys/class/tty/${tty}/dev`, '188:0\n')
    const device = `../../../devices/platform/usb/1-1/1-1:1.0/${tty}`
    symlinkSync(device, join(this.folder, `sys/class/tty/${tty}/device`))
  }

  #addPwm(chip: string, device: string): void {
    const folder = `devices/platform/${device}/pwm/${chip}`
    this.#addExport(`sys/${folder}`)
    symlinkSync('../..', join(this.folder, 'sys', folder, 'device'))
    mkdirSync(join(this.folder, 'sys/class/pwm'), { recursive: true })
    symlinkSync(`../../${folder}`, join(this.folder, 'sys/class/pwm', chip))
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8').trim()
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true })
  }

  /**
   * The command line that runs a program on this Pi, in the process that it starts.
   *
   * @param setUp shell commands before it, in its namespace
   */
  command(program: readonly string[], setUp = 'true'): [program: string, args: string[]] {
    const script = `mount --rbind ${this.folder}/sys /sys && ${setUp} && exec "$@"`
    const led = this.#led && [`OBSERVER_LED=${this.#led}`, `OBSERVER_ADC=/${ADC_VALUE}`]
    const chip = this.gpio === 'sysfs' ? [] : [`OBSERVER_CHIP=${join(this.folder, 'gpiochip0')}`]
    const observer = [`LD_PRELOAD=${this.#library}`, `OBSERVER_LOG=${this.#log}`]
    const environment = [...observer, ...chip, ...(led ?? [])]
    return ['unshare', [...NAMESPACE, 'sh', '-c', script, 'sh', 'env', ...environment, ...program]]
  }

  /** Adds an MCP3008, whose first input sees the LED: on "gpio WHITE GREY" or "pwm". */
  addAdc(led: string): void {
    this.file('sys/bus/iio/devices/iio:device0/name', 'mcp3008\n')
    this.file(ADC_VALUE, '0100\n')
    this.#led = led
  }

  /** A pipe, or another device, as one below /dev: the set-up for `command`. */
  withDevice(name: string, device?: string): string {
    const dev = join(this.folder, 'dev')
    const pipe = join(this.folder, name)
    if (device === undefined) {
      execFileSync('mkfifo', [pipe])
      this.#device = openSync(pipe, 'r+') // so that nobody waits for the other end
    }
    mkdirSync(dev)
    const bind = (from: string, node: string): string =>
      `touch ${dev}/${node} && mount --bind ${from} ${dev}/${node}`
    const binds = [
      bind('/dev/null', 'null'),
      bind('/dev/urandom', 'urandom'),
      bind(device ?? pipe, name),
    ]
    return [`mount -t tmpfs none ${dev}`, ...binds, `mount --rbind ${dev} /dev`].join(' && ')
  }

  /** What a reader of the device gets next: in all 64 KiB, if nobody reads it. */
  writeDevice(bytes: Uint8Array): void {
    writeSync(this.#device as number, bytes)
  }

  /**
   * Lets a program take a line as an input, by BCM number.
   *
   * @returns makes an edge of it; some before it may be lost
   */
  addInput(line: number): (high: boolean, lost?: number) => void {
    const pipe = join(this.folder, `gpiochip0.edges${line}`)
    execFileSync('mkfifo', [pipe])
    const fd = openSync(pipe, 'r+') // so that nobody waits for the other end
    this.#pipes.push(fd)
    let number = 0
    return (high, lost = 0) => {
      number += 1 + lost
      const event = Buffer.alloc(48) // struct gpio_v2_line_event
      event.writeBigUInt64LE(process.hrtime.bigint())
      event.writeUInt32LE(high ? 1 : 2, 8)
      event.writeUInt32LE(line, 12)
      event.writeUInt32LE(number, 20)
      writeSync(fd, event)
    }
  }

  /** What has been written so far, oldest first. */
  get writes(): ObservedWrite[] {
    const log = readFileSync(this.#log)
    return Array.from({ length: Number(log.readBigUInt64LE()) }, (_, i) => {
      const record = log.subarray(RECORD_BYTES * (i + 1), RECORD_BYTES * (i + 2))
      const [attribute = '', text = ''] = record
        .toString('latin1', 8, record.indexOf(0, 8))
        .trim()
        .split(' ')
      return { timeNs: Number(record.readBigUInt64LE()), attribute, text }
    })
  }

  /** Whether nobody has the two lines, as far as a test may have taken any. */
  get areLinesFree(): boolean {
    const exported = readdirSync(join(this.folder, 'sys/class/gpio')).filter((name) =>
      /^gpio\d/.test(name),
    )
    const { ino } = statSync(join(this.folder, 'gpiochip0.lines'), { throwIfNoEntry: false }) ?? {}
    const locks = readFileSync('/proc/locks', 'latin1').split('\n')
    return exported.length === 0 && !locks.some((lock) => lock.includes(`:${ino} `))
  }

  [Symbol.dispose](): void {
    if (this.#device !== undefined) closeSync(this.#device)
    for (const fd of this.#pipes) closeSync(fd)
    rmSync(this.folder, { recursive: true })
  }
}

/**
 * The light that changes of two lines, or to a PWM channel, make: each change of it. Levels are sums of the
 * parts that are lit: 1 grey, 2 white; 3 would be white without grey.
 */
export function lightOf(
  writes: readonly ObservedWrite[],
  { white, grey }: { white: number; grey: number },
): { level: number; timeNs: number }[] {
  const lit = { white: 0, grey: 0 }
  const changes: { level: number; timeNs: number }[] = []
  for (const { attribute, text, timeNs } of writes) {
    if (attribute === `gpio/gpio${white}/value`) lit.white = Number(text)
    else if (attribute === `gpio/gpio${grey}/value`) lit.grey = Number(text)
    else if (/^gpiochip0\/\d+,\d+$/.test(attribute)) {
      ;[lit.white, lit.grey] = text.split(',').map(Number) as [number, number]
    } else continue
    const level = lit.white ? (lit.grey ? 2 : 3) : lit.grey
    if (level !== (changes.at(-1)?.level ?? 0)) changes.push({ level, timeNs })
  }
  return changes
}
