import { DEFAULT_GREY_RATIO } from '../modulation/index.js'
import type { BridgeOptions } from './bridge/bridge.js'
import { openBridgeCalled } from './bridge/open-called.js'
import { openEmulatedRig } from './emulated/open.js'
import { openGpioEmitter, openPwmEmitter } from './raspberry-pi/open.js'
import type { PacedEmitter } from './raspberry-pi/paced-emitter.js'
import { openAdcPart, type PhotodiodePart, pinRig } from './raspberry-pi/pin-rig.js'
import type { Rig } from './rig.js'

export const RIG_KINDS = ['emulated', 'bridge', 'gpio', 'pwm'] as const
export const PHOTODIODE_KINDS = ['bridge', 'adc'] as const
export const DEFAULT_SAMPLE_RATE_HZ = 1000
export const DEFAULT_ADC_CHANNEL = 0

/** Which rig to open, and how it shows the levels and looks at them. */
export interface RigConfig {
  readonly rig: (typeof RIG_KINDS)[number]
  /**
   * The bridge's serial port: its path, USB serial number, a part of its name in /dev/serial/by-id, or the
   * name given to the board; default the only one that may be an Uno or a Nano.
   */
  readonly port?: string | undefined
  /** The gpio rig's lines by BCM number: grey alone lights grey, both light white. */
  readonly whiteLine?: number | undefined
  readonly greyLine?: number | undefined
  /** The gpio rig's LED lights up with the lines low. */
  readonly activeLow?: boolean | undefined
  /** The pwm rig's pin by BCM number: 12, 13, 18 or 19. */
  readonly pin?: number | undefined
  /** What sees the light of a gpio or pwm rig; default nothing. The others have their own. */
  readonly photodiode?: (typeof PHOTODIODE_KINDS)[number] | undefined
  /** The input of the adc photodiode; default `DEFAULT_ADC_CHANNEL`. */
  readonly adcChannel?: number | undefined
  /** Grey's light as a part of white's, above 0 to 1; default `DEFAULT_GREY_RATIO`. The gpio rig has it from its parts. */
  readonly greyRatio?: number | undefined
  /** White as a part of full light, above 0 to 1; default 1. The gpio rig has full light only. */
  readonly brightness?: number | undefined
  /** 250 to 9,000; default `DEFAULT_SAMPLE_RATE_HZ`. */
  readonly sampleRateHz?: number | undefined
  /** Keep the emulated rig to the pace of real time. */
  readonly realTime?: boolean | undefined
}

/**
 * Opens a rig; its LED is dark. Errors: RigError, RangeError for a configuration that lacks a line or a pin,
 * and the signal's reason when that aborts.
 */
export async function openRig(config: RigConfig, signal?: AbortSignal): Promise<Rig> {
  const options = {
    greyRatio: config.greyRatio ?? DEFAULT_GREY_RATIO,
    brightness: config.brightness ?? 1,
    sampleRateHz: config.sampleRateHz ?? DEFAULT_SAMPLE_RATE_HZ,
    signal,
  }
  switch (config.rig) {
    case 'emulated':
      return openEmulatedRig(options, { realTime: config.realTime ?? false })
    case 'bridge':
      return openBridgeCalled(config.port, options)
    case 'gpio':
    case 'pwm': {
      const emitter = await openPinEmitter(config, options)
      try {
        return pinRig(config.rig, emitter, await openPhotodiode(config, options))
      } catch (error) {
        await emitter[Symbol.asyncDispose]()
        throw error
      }
    }
  }
}

function openPinEmitter(config: RigConfig, options: BridgeOptions): Promise<PacedEmitter> {
  if (config.rig === 'pwm') {
    return openPwmEmitter({ ...options, pin: given(config.pin, 'pin') })
  }
  return openGpioEmitter({
    whiteLine: given(config.whiteLine, 'whiteLine'),
    greyLine: given(config.greyLine, 'greyLine'),
    activeLow: config.activeLow ?? false,
  })
}

async function openPhotodiode(
  config: RigConfig,
  options: BridgeOptions,
): Promise<PhotodiodePart | undefined> {
  switch (config.photodiode) {
    case 'adc':
      return openAdcPart(config.adcChannel ?? DEFAULT_ADC_CHANNEL, options.sampleRateHz)
    case 'bridge':
      return openBridgeCalled(config.port, options)
    case undefined:
      return undefined
  }
}

function given(line: number | undefined, name: string): number {
  if (line === undefined) throw new RangeError(`give ${name}, a BCM number of the header`)
  return line
}
