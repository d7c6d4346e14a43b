import { parentPort } from 'node:worker_threads'
import { RigError } from '../../rig/errors.js'
import { type Order, RigPlayer } from './player.js'
import type { Answer, Request } from './thread-player.js'

/** A player in a thread of its own: answers each request of `ThreadPlayer` but 'abort', which ends the one at hand. */

const player = new RigPlayer()
let abort = new AbortController()

const play = (order: Order) => {
  abort = new AbortController()
  return player.play(order, abort.signal)
}

async function answer(request: Exclude<Request, 'abort'>): Promise<Answer> {
  try {
    if (request === 'close') {
      await player[Symbol.asyncDispose]()
      return { done: null, info: player.info }
    }
    return { done: await play(request), info: player.info }
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    const { code, message, remedy } = error
    return { rigError: { code, message, remedy } }
  }
}

parentPort?.on('message', (request: Request) => {
  if (request === 'abort') abort.abort(new RigError('broken-off', 'it was given up'))
  else void answer(request).then((answered) => parentPort?.postMessage(answered))
})
