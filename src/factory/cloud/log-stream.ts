import type { Answer, TextStream } from './exchange.js'
import { newSecret } from './ids.js'
import type { CloudEvent } from './logs.js'
import { notFound } from './refused.js'

/** A log stream has so many devices, of which the one that was added first goes when there is another. */
const MOST_DEVICES = 5

/** What the log of a device is called in a log stream. The real names are public in part only. */
export function logLine({ atMs, deviceId, kind, text }: CloudEvent) {
  const type =
    {
      'device-log': 'server.log',
      'device-error': 'server.error',
      'agent-log': 'agent.log',
      'agent-error': 'agent.error',
    }[kind as string] ?? 'status'
  return { ts: new Date(atMs).toISOString(), device_id: deviceId, type, msg: text }
}

type Format = 'text' | 'json'

/**
 * The account's log stream: there is one at a time, read by one client. Its id is secret, as who has it may read without more. The
 * form of its messages is not public: this is ours.
 */
export class LogStream {
  #id = ''
  #deviceIds: string[] = []
  #stream: TextStream | undefined
  #format: Format = 'text'

  /** Makes it anew, and ends the older one. */
  create(): string {
    this.#say('closed')
    this.#stream?.end()
    this.#stream = undefined
    this.#deviceIds = []
    this.#id = newSecret()
    return this.#id
  }

  read(id: string, format: Format): Answer {
    this.#check(id)
    return {
      contentType: 'text/event-stream',
      stream: (stream) => {
        this.#stream?.end()
        this.#stream = stream
        this.#format = format
        this.#say('opened')
        stream.ended.then(() => {
          if (this.#stream === stream) this.#stream = undefined
        })
      },
    }
  }

  addDevice(id: string, deviceId: string): void {
    this.#check(id)
    const others = this.#deviceIds.filter((other) => other !== deviceId)
    const removed = others.slice(0, -(MOST_DEVICES - 1))
    this.#deviceIds = [...others, deviceId].slice(-MOST_DEVICES)
    for (const other of removed) this.#say('unsubscribed', other)
    this.#say('subscribed', deviceId)
  }

  removeDevice(id: string, deviceId: string): void {
    this.#check(id)
    if (!this.#deviceIds.includes(deviceId)) throw notFound('device in this log stream')
    this.#deviceIds = this.#deviceIds.filter((other) => other !== deviceId)
    this.#say('unsubscribed', deviceId)
  }

  /** Passes on what it is of its devices. */
  pass(event: CloudEvent): void {
    if (!this.#stream || !this.#deviceIds.includes(event.deviceId ?? '')) return
    const { ts, device_id, type, msg } = logLine(event)
    const text = `${ts} [${device_id}] ${type}: ${msg}`
    this.#write('message', this.#format === 'json' ? JSON.stringify(logLine(event)) : text)
  }

  /** So that nobody between takes it for dead. */
  ping(): void {
    this.#stream?.write(': ping\n\n')
  }

  #say(state: string, deviceId?: string): void {
    const json = JSON.stringify({ state, ...(deviceId && { device_id: deviceId }) })
    const text = deviceId ? `${deviceId}: ${state}` : state
    this.#write('state_change', this.#format === 'json' ? json : text)
  }

  #write(event: string, data: string): void {
    const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`)
    this.#stream?.write(`event: ${event}\n${lines.join('')}\n`)
  }

  #check(id: string): void {
    if (this.#id === '' || id !== this.#id) throw notFound('log stream')
  }
}
