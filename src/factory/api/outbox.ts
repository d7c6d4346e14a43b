import type { Timebase } from '../../rig/timebase.js'
import { SendError, SendErrorPolicy } from './constants.js'
import type { ServerHost } from './host.js'
import type { Program } from './program.js'

/** How long a device tries to connect, in seconds, unless its firmware says otherwise. */
export const CONNECT_S = 60
/** An attempt may fail at once, such as where no network is stored. */
const BETWEEN_ATTEMPTS_MS = 1000

/** What a firmware sends, in its order: while the device is not connected it waits, and the firmware with it, or it is an error. */
export class Outbox {
  policy = SendErrorPolicy.SUSPEND_ON_ERROR
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly program: Program,
    private readonly server: ServerHost,
    private readonly timebase: Timebase,
  ) {}

  /** @param send resolves to whether the server has it */
  send(send: () => boolean | Promise<boolean>): Promise<0 | SendError> {
    const isConnected = this.server.isConnected && this.#waiting === 0
    if (isConnected) return this.program.living(outcome(send()))
    if (this.policy === SendErrorPolicy.RETURN_ON_ERROR) {
      return Promise.resolve(SendError.SEND_ERROR_NOT_CONNECTED)
    }
    this.#waiting++
    const sent = this.#last
      .then(() => this.#connected())
      .then(() => outcome(send()))
      .finally(() => this.#waiting--)
    this.#last = sent.catch(() => {})
    return this.program.blocking(sent)
  }

  async #connected(): Promise<void> {
    while (!(await this.server.connect(CONNECT_S))) {
      await this.timebase.sleep(BETWEEN_ATTEMPTS_MS, this.program.ended)
    }
    this.program.ended.throwIfAborted()
  }
}

const outcome = async (sent: boolean | Promise<boolean>): Promise<0 | SendError> =>
  (await sent) ? 0 : SendError.SEND_ERROR_NOT_CONNECTED
