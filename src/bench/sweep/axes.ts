import { type CompleteConfig, completeConfig } from '../../rig/config.js'

/** What a point is made of: the settings of a message's light, and its length. */
export interface PointSettings {
  readonly symbolRateHz: number
  /** Null where the rig's parts make it. */
  readonly greyRatio: number | null
  /** Null where the rig's parts make it. */
  readonly brightness: number | null
  readonly sampleRateHz: number
  /** Of the packet, with its length byte and CRC. */
  readonly messageBytes: number
}

export const AXES = [
  'symbolRateHz',
  'greyRatio',
  'brightness',
  'sampleRateHz',
  'messageBytes',
] as const satisfies readonly (keyof PointSettings)[]
export type AxisName = (typeof AXES)[number]

/** An axis and its values, which rise. */
export interface SweepAxis {
  readonly name: AxisName
  readonly values: readonly number[]
}

/** Of these the proposal is one; the length of messages is not ours to choose. */
export const SETTING_AXES: readonly AxisName[] = AXES.filter((name) => name !== 'messageBytes')

/** Towards this end light is read more easily, the other things being equal; null where too little and too much are both bad. */
export const EASY_END: Readonly<Record<AxisName, 'low' | 'high' | null>> = {
  symbolRateHz: 'low',
  greyRatio: null,
  brightness: null,
  sampleRateHz: 'high',
  messageBytes: 'low',
}

/** The axes that a rig has: those of the levels only where its parts leave them open. */
export function axesOf(rig: CompleteConfig): readonly AxisName[] {
  return AXES.filter((name) => !(name === 'greyRatio' || name === 'brightness') || name in rig)
}

/** The settings of a point where no axis says another. */
export function baseSettings(
  rig: CompleteConfig,
  symbolRateHz: number,
  messageBytes: number,
): PointSettings {
  const { sampleRateHz } = sensorOf(rig)
  return {
    symbolRateHz,
    greyRatio: 'greyRatio' in rig ? rig.greyRatio : null,
    brightness: 'brightness' in rig ? rig.brightness : null,
    sampleRateHz,
    messageBytes,
  }
}

/**
 * The rig as a point wants it; an emulated one as fast as the machine can.
 *
 * @throws RigError 'misconfigured' for settings that it cannot have
 */
export function rigAt(
  rig: CompleteConfig,
  { greyRatio, brightness, sampleRateHz }: PointSettings,
): CompleteConfig {
  return completeConfig({
    ...rig,
    ...(greyRatio !== null && { greyRatio }),
    ...(brightness !== null && { brightness }),
    ...('photodiode' in rig
      ? { photodiode: rig.photodiode && { ...rig.photodiode, sampleRateHz } }
      : { sampleRateHz }),
    ...(rig.kind === 'emulated' && { realTime: false }),
  })
}

/** What sees the light: the rig itself, or the photodiode beside it. Throws TypeError where nothing does. */
function sensorOf(rig: CompleteConfig): { readonly sampleRateHz: number } {
  const sensor = 'photodiode' in rig ? rig.photodiode : rig
  if (!sensor || !('sampleRateHz' in sensor)) {
    throw new TypeError('a sweep needs a rig with a photodiode')
  }
  return sensor
}
