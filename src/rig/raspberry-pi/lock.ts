import { createServer, type Server } from 'node:net'
import { RigError } from '../errors.js'

/**
 * Takes pins of the header, by BCM numbers, for this program alone. The locks are abstract sockets (unix(7)),
 * so the kernel frees them however the program ends, and no file is left.
 *
 * @returns gives the pins back
 * @throws RigError 'locked' when another program holds one of them
 */
export async function lockPins(pins: readonly number[]): Promise<() => void> {
  const taken: Server[] = []
  const unlock = (): void => {
    for (const server of taken) server.close()
  }
  try {
    for (const pin of pins) taken.push(await lockPin(pin))
    return unlock
  } catch (error) {
    unlock()
    throw error
  }
}

function lockPin(pin: number): Promise<Server> {
  const server = createServer().unref()
  return new Promise((resolve, reject) => {
    server.once('error', () => {
      const remedy = 'wait for its end, or end it'
      reject(new RigError('locked', `another blinkup uses BCM ${pin}: ${remedy}`))
    })
    server.listen({ path: `\0blinkup BCM ${pin}` }, () => resolve(server))
  })
}
