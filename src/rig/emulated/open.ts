import type { BridgeOptions } from '../bridge/bridge.js'
import { openBridge } from '../bridge/open.js'
import type { Rig } from '../rig.js'
import { EMULATED_PATH, emulatedBinding } from './binding.js'
import { Emulation, type EmulationOptions } from './emulation.js'

/** Of the board's time. */
const FIRMWARE_STARTS_MS = 10

/** Opens the bridge of an emulated board with an LED and a photodiode. Errors: RigError. */
export async function openEmulatedRig(
  options: BridgeOptions,
  emulationOptions: EmulationOptions = {},
): Promise<Rig> {
  const emulation = new Emulation(emulationOptions)
  try {
    // A board that opening does not reset: nobody wants to wait for a bootloader that loads nothing.
    const binding = emulatedBinding(emulation, () => {})
    await emulation.sleep(FIRMWARE_STARTS_MS)
    const bridge = await openBridge(EMULATED_PATH, options, binding, emulation)
    const { info, lost, emitter, photodiode, edgeInput } = bridge
    return {
      info: { ...info, kind: 'emulated' },
      lost,
      emitter,
      photodiode,
      edgeInput,
      [Symbol.asyncDispose]: () => bridge[Symbol.asyncDispose]().finally(() => emulation.stop()),
    }
  } catch (error) {
    await emulation.stop()
    throw error
  }
}
