import { DEFAULT_GREY_RATIO } from '../modulation/index.js'
import { findPort } from './bridge/find-port.js'
import { openBridge } from './bridge/open.js'
import { openEmulatedRig } from './emulated/open.js'
import type { Rig } from './rig.js'

export const RIG_KINDS = ['emulated', 'bridge'] as const

/** Which rig to open, and how it shows the levels and looks at them. */
export interface RigConfig {
  readonly rig: (typeof RIG_KINDS)[number]
  /**
   * The bridge's serial port: its path, USB serial number, a part of its name in /dev/serial/by-id, or the
   * name given to the board; default the only one that may be an Uno or a Nano.
   */
  readonly port?: string | undefined
  /** Grey's light as a part of white's, above 0 to 1; default `DEFAULT_GREY_RATIO`. */
  readonly greyRatio?: number | undefined
  /** White as a part of full light, above 0 to 1; default 1. */
  readonly brightness?: number | undefined
  /** 250 to 9,000; default 1,000. */
  readonly sampleRateHz?: number | undefined
  /** Keep the emulated rig to the pace of real time. */
  readonly realTime?: boolean | undefined
}

/** Opens a rig; its LED is dark. Errors: RigError, and the signal's reason when that aborts. */
export async function openRig(config: RigConfig, signal?: AbortSignal): Promise<Rig> {
  const options = {
    greyRatio: config.greyRatio ?? DEFAULT_GREY_RATIO,
    brightness: config.brightness ?? 1,
    sampleRateHz: config.sampleRateHz ?? 1000,
    signal,
  }
  if (config.rig === 'emulated') {
    return openEmulatedRig(options, { realTime: config.realTime ?? false })
  }
  return openBridge(await findPort(config.port, signal), options)
}
