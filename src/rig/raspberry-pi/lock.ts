import { createServer, type Server } from 'node:net'
import { RigError } from '../errors.js'

/**
 * Takes parts of the header, such as "BCM 17", for this program alone. The locks are abstract sockets (unix(7)),
 * so the kernel frees them however the program ends, and no file is left.
 *
 * @returns gives them back
 * @throws RigError 'locked' when another program holds one of them
 */
export async function lock(parts: readonly string[]): Promise<() => void> {
  const taken: Server[] = []
  const unlock = (): void => {
    for (const server of taken) server.close()
  }
  try {
    for (const part of parts) taken.push(await lockPart(part))
    return unlock
  } catch (error) {
    unlock()
    throw error
  }
}

function lockPart(part: string): Promise<Server> {
  const server = createServer().unref()
  return new Promise((resolve, reject) => {
    server.once('error', () => {
      const remedy = 'wait for its end, or end it'
      reject(new RigError('locked', `another blinkup uses ${part}: ${remedy}`))
    })
    server.listen({ path: `\0blinkup ${part}` }, () => resolve(server))
  })
}
