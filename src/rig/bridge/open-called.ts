import { RigError } from '../errors.js'
import type { Bridge, BridgeOptions } from './bridge.js'
import { locatePort } from './find-port.js'
import { forgetNames } from './known-boards.js'
import { openBridge } from './open.js'

/**
 * Opens the board that `name` means (see `findPort`). One that was found by what it had answered before is looked for
 * once more if it has been replaced by another meanwhile.
 *
 * @throws RigError, and the signal's reason when that aborts
 */
export async function openBridgeCalled(
  name: string | undefined,
  options: BridgeOptions,
  locate = locatePort,
): Promise<Bridge> {
  for (let attempt = 0; attempt < 2; attempt++) {
    const { path, boardName } = await locate(name, options.signal)
    const bridge = await openBridge(path, options)
    if (boardName === undefined || bridge.info.serialNumber === boardName) return bridge
    await bridge[Symbol.asyncDispose]()
    forgetNames()
  }
  throw new RigError(
    'missing',
    `the board called ${name} keeps moving to another port: check its cables`,
  )
}
