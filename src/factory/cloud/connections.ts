import type { LinkEvent } from '../link/messages.js'
import type { TextStream } from './exchange.js'
import { newSecret } from './ids.js'

interface Session {
  readonly id: string
  readonly deviceId: string
  stream: TextStream | undefined
}

/** Which devices are connected: one session each, online for as long as its stream of events is open. */
export class Connections {
  readonly #byId = new Map<string, Session>()
  readonly #byDevice = new Map<string, Session>()

  constructor(private readonly onChange: (deviceId: string, isOnline: boolean) => void) {}

  /** Begins the session of a device, and ends the one that it has had. */
  begin(deviceId: string): string {
    this.end(deviceId)
    const session: Session = { id: newSecret(), deviceId, stream: undefined }
    this.#byId.set(session.id, session)
    this.#byDevice.set(deviceId, session)
    return session.id
  }

  /** The device of a session; undefined for one that is over. */
  deviceOf(session: string): string | undefined {
    return this.#byId.get(session)?.deviceId
  }

  /** Goes online. */
  open(session: string, stream: TextStream): void {
    const opened = this.#byId.get(session)
    if (!opened) {
      stream.end()
      return
    }
    const { deviceId, stream: older } = opened
    opened.stream = stream
    older?.end()
    stream.ended.then(() => {
      if (opened.stream === stream) this.#over(opened)
    })
    if (!older) this.onChange(deviceId, true)
  }

  end(deviceId: string): void {
    const session = this.#byDevice.get(deviceId)
    if (session) this.#over(session)
  }

  isOnline(deviceId: string): boolean {
    return this.#byDevice.get(deviceId)?.stream !== undefined
  }

  /** Whether the device is there to get it. */
  send(deviceId: string, event: LinkEvent): boolean {
    const stream = this.#byDevice.get(deviceId)?.stream
    stream?.write(`${JSON.stringify(event)}\n`)
    return stream !== undefined
  }

  ping(): void {
    for (const deviceId of this.#byDevice.keys()) this.send(deviceId, { event: 'ping' })
  }

  #over(session: Session): void {
    const { id, deviceId, stream } = session
    this.#byId.delete(id)
    if (this.#byDevice.get(deviceId) !== session) return
    this.#byDevice.delete(deviceId)
    session.stream = undefined
    stream?.end()
    if (stream) this.onChange(deviceId, false)
  }
}
