import { claimLines, type GpioConfig, joinLines } from './gpio-output.js'
import type { LightOutput } from './light-output.js'
import { claimPwm, joinPwm, type PwmConfig } from './pwm-output.js'

/** What an LED hangs on, in words that another process can be told. */
export type OutputConfig = GpioConfig | PwmConfig

/** Takes an output, which is black then. Errors: RigError. */
export async function claimOutput(config: OutputConfig): Promise<LightOutput> {
  return config.kind === 'gpio' ? claimLines(config) : claimPwm(config)
}

/** Opens an output that another process has claimed. */
export async function joinOutput(config: OutputConfig): Promise<LightOutput> {
  return config.kind === 'gpio' ? joinLines(config) : joinPwm(config)
}
