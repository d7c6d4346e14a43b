import {
  BlessAnswer,
  ConnectAnswer,
  type ConnectRequest,
  FactoryToken,
  LinkEvent,
  LinkRefusal,
  type Refusal,
} from '../../../src/factory/link/messages.js'

export const FIXTURE_ID = '3000d8c4aabbccdd'
export const DUT_ID = '600a0c2a690a1b2c'

/** What a link was answered when it was refused. */
export class LinkRefused extends Error {
  constructor(
    readonly status: number,
    readonly code: Refusal,
    message: string,
  ) {
    super(message)
  }
}

export const connectRequest = (
  deviceId: string,
  enrollment: ConnectRequest['enrollment'] = null,
): ConnectRequest => ({
  deviceId,
  macAddress: deviceId.slice(4),
  impType: 'imp006',
  swVersion: '42.0',
  enrollment,
})

/** A device at the other end of the link, which says exactly what the test wants. */
export class TestDevice {
  answer: ConnectAnswer | undefined
  readonly events: LinkEvent[] = []
  #heard: () => void = () => {}
  #stream: AbortController | undefined

  constructor(
    readonly url: string,
    readonly id: string,
    readonly enrollment: ConnectRequest['enrollment'] = null,
  ) {}

  /** Connects, without going online. */
  async connect(): Promise<ConnectAnswer> {
    const request = connectRequest(this.id, this.enrollment)
    this.answer = ConnectAnswer.parse(await this.post('connect', request))
    return this.answer
  }

  /** Resolves when the stream of events is open. */
  async goOnline(): Promise<void> {
    this.#stream = new AbortController()
    const { signal } = this.#stream
    const response = await fetch(`${this.url}/link/events`, { headers: this.#headers(), signal })
    if (!response.ok || !response.body) throw await refusalOf(response)
    void this.#read(response.body).catch(() => {})
  }

  /** Resolves when an event has come that fits. */
  async hears(event: LinkEvent['event']): Promise<LinkEvent> {
    for (;;) {
      const heard = this.events.find((heard) => heard.event === event)
      if (heard) return heard
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  vanish(): void {
    this.#stream?.abort()
  }

  async bless(success: boolean): Promise<BlessAnswer> {
    return BlessAnswer.parse(await this.post('bless', { success }))
  }

  async factoryToken(): Promise<FactoryToken> {
    return FactoryToken.parse(await this.post('factory-token', {}))
  }

  async post(path: string, body: unknown): Promise<unknown> {
    return this.ask('POST', path, JSON.stringify(body))
  }

  async ask(method: string, path: string, body?: string): Promise<unknown> {
    const response = await fetch(`${this.url}/link/${path}`, {
      method,
      headers: this.#headers(),
      ...(body !== undefined && { body }),
    })
    if (!response.ok) throw await refusalOf(response)
    return response.json()
  }

  #headers(): Record<string, string> {
    return this.answer ? { authorization: `Bearer ${this.answer.session}` } : {}
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const lines = (text + chunk).split('\n')
      text = lines.pop() ?? ''
      this.events.push(...lines.map((line) => LinkEvent.parse(JSON.parse(line))))
      this.#heard()
    }
  }
}

async function refusalOf(response: Response): Promise<LinkRefused> {
  const { error } = LinkRefusal.parse(await response.json())
  return new LinkRefused(response.status, error.code, error.message)
}
