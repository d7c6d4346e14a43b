import type { SymbolLevel } from '../../modulation/symbols.js'
import { claimLines, type GpioConfig, joinLines } from './gpio-output.js'
import { claimPwm, joinPwm, type PwmConfig } from './pwm-output.js'

/** What an LED hangs on. */
export type OutputConfig = GpioConfig | PwmConfig

/** Shows one level at a time. */
export interface LightOutput {
  /** The light has changed when it returns. Throws what the kernel refuses. */
  show(level: SymbolLevel): void
  /** Turns dark all that can be, and throws RigError when something cannot. */
  dark(): void
  /** Gives it back, dark or not. */
  release(): void
}

/** Takes an output, which is black then. Errors: RigError. */
export async function claimOutput(config: OutputConfig): Promise<LightOutput> {
  return config.kind === 'gpio' ? claimLines(config) : claimPwm(config)
}

/** Opens an output that another process has claimed. */
export async function joinOutput(config: OutputConfig): Promise<LightOutput> {
  return config.kind === 'gpio' ? joinLines(config) : joinPwm(config)
}
