import { closeSync, existsSync, openSync, realpathSync, writeFileSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import type { SymbolLevel } from '../../light/symbols.js'
import { RigError } from '../errors.js'
import { PWM_FUNCTIONS } from './gpio-header.js'
import { INHERITED_FD, type LightOutput, showBlack } from './light-output.js'
import { lock } from './lock.js'
import { namesIn, readAttribute, refusalOf, untilWritable } from './sysfs.js'

const PWM_FOLDER = '/sys/class/pwm'

/**
 * Which channel of which PWM block a pin of the header can have, by the block's device: 0x7e20c000 on the
 * bus of a BCM2835 and its successors, which the CPU sees at 0x20, 0x3f or 0xfe ("BCM2835 ARM Peripherals" and
 * "BCM2711 ARM Peripherals", "Alternative Function Assignments"), and PWM0 of a Pi 5's RP1 ("RP1 Peripherals", "GPIO
 * Functions").
 */
const HEADER_PWM: readonly (readonly [
  device: RegExp,
  channels: Readonly<Record<number, number>>,
])[] = [
  [/^(20|3f|fe)20c000\.pwm$/, { 12: 0, 13: 1, 18: 0, 19: 1 }],
  [/^1f00098000\.pwm$/, { 12: 0, 13: 1, 18: 2, 19: 3 }],
]

/**
 * 40 kHz, which no sensor sees; 0.52 of it is a whole number of steps of the PWM's clock: 130 of 250 at the 10 MHz of
 * a BCM283x or BCM2711, 650 of 1,250 at the 50 MHz of an RP1 (the kernel's rp1.dtsi).
 */
const PERIOD_NS = 25_000

/** One channel of the kernel's PWM. */
export interface PwmConfig {
  readonly kind: 'pwm'
  /** Such as /sys/class/pwm/pwmchip0. */
  readonly chipFolder: string
  readonly channel: number
  /** White as a part of full light, and grey as a part of white. */
  readonly brightness: number
  readonly greyRatio: number
}

/**
 * The PWM chip and channel behind a BCM pin of the header.
 *
 * @throws RigError 'missing' with the line of config.txt that is missing
 */
export function findPwm(pin: number): Pick<PwmConfig, 'chipFolder' | 'channel'> {
  for (const { chipFolder, device } of pwmChips()) {
    const [, channels] = HEADER_PWM.find(([name]) => name.test(device)) ?? []
    const channel = channels?.[pin]
    if (channel !== undefined) return { chipFolder, channel }
  }
  throw new RigError(
    'missing',
    `there is no PWM for BCM ${pin}${otherPwms()}: add the line "${overlayLine(pin)}" to /boot/firmware/config.txt and restart`,
  )
}

/** Names the devices whose PWM is there although none is for the header, such as " (but 1f0009c000.pwm)". */
export function otherPwms(): string {
  const devices = pwmChips().map(({ device }) => device)
  return devices.length > 0 ? ` (but ${devices.join(', ')})` : ''
}

function pwmChips(): { chipFolder: string; device: string }[] {
  return namesIn(PWM_FOLDER)
    .map((chip) => `${PWM_FOLDER}/${chip}`)
    .filter((chipFolder) => existsSync(`${chipFolder}/device`))
    .map((chipFolder) => ({ chipFolder, device: basename(realpathSync(`${chipFolder}/device`)) }))
}

/** The line of config.txt that gives a pin its PWM channel (README of the Raspberry Pi firmware's overlays, "pwm"). */
export function overlayLine(pin: number): string {
  return `dtoverlay=pwm,pin=${pin},func=${PWM_FUNCTIONS[pin]}`
}

/** Claims a channel, dark. Errors: RigError 'locked', 'forbidden' or 'missing'. */
export async function claimPwm(config: PwmConfig): Promise<LightOutput> {
  const { chipFolder, channel } = config
  const folder = channelFolder(config)
  const what = `PWM channel ${channel} of ${basename(chipFolder)}`
  const set = (attribute: string, value: string | number): void =>
    writeFileSync(`${folder}/${attribute}`, String(value))
  let fd: number | undefined
  try {
    // Nobody has an exported channel. Two pins may have the same.
    fd = await lock(`${chipFolder}/export`, new Map([[channel, what]]))
    if (!existsSync(folder)) writeFileSync(`${chipFolder}/export`, String(channel))
    await untilWritable(`${folder}/enable`)
    // Dark at once, where a program that was killed has left it lit. A new channel takes nothing before its period.
    if (readAttribute(`${folder}/period`) !== '0') {
      set('duty_cycle', 0)
      set('enable', 0)
    }
    set('period', PERIOD_NS)
    set('polarity', 'normal')
    set('duty_cycle', 0)
    set('enable', 1)
    return new PwmChannel(config, fd)
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    throw error instanceof RigError ? error : refusalOf(error, what)
  }
}

/** Opens a channel that `claimPwm` has set up in another process. */
export function joinPwm(config: PwmConfig): LightOutput {
  return new PwmChannel(config, INHERITED_FD)
}

class PwmChannel implements LightOutput {
  readonly #dutyFd: number
  readonly #duties: readonly Buffer[]

  constructor(
    private readonly config: PwmConfig,
    /** The lock. */
    readonly fd: number,
  ) {
    const white = config.brightness * PERIOD_NS
    this.#duties = [0, config.greyRatio * white, white].map((ns) => Buffer.from(ns.toFixed(0)))
    this.#dutyFd = openSync(`${channelFolder(config)}/duty_cycle`, 'w')
  }

  show(level: SymbolLevel): void {
    const duty = this.#duties[level] as Buffer
    writeSync(this.#dutyFd, duty, 0, duty.length, 0)
  }

  dark(): void {
    showBlack(this)
  }

  release(): void {
    closeSync(this.#dutyFd)
    const { chipFolder, channel } = this.config
    try {
      writeFileSync(`${channelFolder(this.config)}/enable`, '0')
      writeFileSync(`${chipFolder}/unexport`, String(channel))
    } catch {} // somebody else has given it back
    closeSync(this.fd)
  }
}

const channelFolder = ({ chipFolder, channel }: PwmConfig): string => `${chipFolder}/pwm${channel}`
