import type { KindModule } from '../kind.js'
import { openEmulatedRig } from './open.js'

type Emulated = KindModule<'emulated'>

export const open: Emulated['open'] = (
  { greyRatio, brightness, sampleRateHz, realTime, ...optics },
  signal,
) => openEmulatedRig({ greyRatio, brightness, sampleRateHz, signal }, { optics, realTime })

export const list: Emulated['list'] = async () => [
  { name: 'emulated', description: 'an emulated board with an LED and a photodiode' },
]

export const checks: Emulated['checks'] = async () => []
