import { joinDeviceLines } from './gpio-device.js'
import { type GpioSysfsConfig, joinSysfsLines } from './gpio-sysfs.js'
import type { LightOutput } from './light-output.js'
import { joinPwm, type PwmConfig } from './pwm-output.js'

/** What an LED hangs on, in words that another process can be told. */
export type OutputConfig = { readonly kind: 'gpio-device' } | GpioSysfsConfig | PwmConfig

/** An output that is this program's, and how another process of it can open it, too. */
export interface ClaimedOutput {
  readonly output: LightOutput
  readonly config: OutputConfig
}

/** Opens an output that another process has claimed. */
export async function joinOutput(config: OutputConfig): Promise<LightOutput> {
  switch (config.kind) {
    case 'gpio-device':
      return joinDeviceLines()
    case 'gpio-sysfs':
      return joinSysfsLines(config)
    case 'pwm':
      return joinPwm(config)
  }
}
