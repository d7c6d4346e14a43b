import type { SerialPortStream } from '@serialport/stream'
import { crc16xmodem } from 'crc'
import { RigError } from '../errors.js'
import type { Timebase } from '../timebase.js'
import { CappedReadlineParser } from './capped-readline.js'
import { START_BAUD_RATE } from './port.js'
import { sharingAt, withSharing } from './port-users.js'

/** The board answers within milliseconds; a USB hub or a busy host may add to that. */
const REPLY_TIMEOUT_MS = 1000
/** Three times this is within the board's keep-alive, so that a message survives two lost replies. */
const REPEAT_AFTER_MS = 300
const ATTEMPTS = 3
/**
 * Commands that may be sent again when no reply has come, as twice does the same as once. The others start
 * something at a time that only their reply tells.
 */
const REPEATABLE = /^(hello|status|stop|keepalive|rate|level|sample|load|sense off|edges off)\b/
/** The board changes its rate after its reply has gone out. */
const BAUD_CHANGE_MS = 20

/** The `name=value` words of a line. */
export type Fields = Readonly<Record<string, string>>

/** A line the board sends on its own: its words, and those of them that are fields. */
export interface BoardEvent {
  readonly name: string
  readonly words: readonly string[]
  readonly fields: Fields
}

interface Pending {
  readonly command: string
  /** What the reply ends in. */
  readonly tag: string
  /** What the board has said of a line whose tag it could not read. */
  complaint?: RigError
  resolve(fields: Fields): void
  reject(error: Error): void
}

/**
 * The line protocol of firmware-bridge/PROTOCOL.md over an open port: requests, one at a time, with their
 * replies; and events. Every line carries a CRC; a damaged one is dropped, which shows
 * as a reply that does not come, or as a gap in what the board counts. Every request has a tag, so that a
 * late reply to another is not taken for its own.
 */
export class Link {
  /** Called for each line that is no reply. */
  onEvent: (event: BoardEvent) => void = () => {}
  /** Called once when nothing more can come. */
  onFailure: (error: RigError) => void = () => {}
  #pending: Pending | undefined
  #failure: RigError | undefined
  #previous: Promise<unknown> = Promise.resolve()
  #requests = 0

  constructor(
    private readonly port: SerialPortStream,
    private readonly timebase: Timebase,
  ) {
    const lines = port.pipe(new CappedReadlineParser({ delimiter: '\n', encoding: 'latin1' }))
    lines.on('data', (line: string) => this.#onLine(line.trimEnd()))
    const onGone = (): void =>
      this.fail(new RigError('unplugged', `${port.path} is gone: plug the board in again`))
    port.on('close', onGone)
    port.on('error', onGone)
  }

  get path(): string {
    return this.port.path
  }

  /**
   * Sends a command and gives the fields of its reply; where that is safe it is sent again when none comes.
   * Rejects with a RigError when the board refuses it ('refused'), has got it damaged ('damaged') or does not
   * answer ('no-answer'), or the link has failed before.
   */
  request(command: string): Promise<Fields> {
    const reply = this.#previous.then(() => this.#exchange(command))
    this.#previous = reply.catch(() => {})
    return reply
  }

  /**
   * Sends a command with numbers that the board must echo under these names, so that a line which
   * lost its CRC on the way is not obeyed unnoticed.
   */
  async command(name: string, values: Readonly<Record<string, number>>): Promise<Fields> {
    const reply = await this.request(`${name} ${Object.values(values).join(' ')}`)
    if (Object.entries(values).some(([key, value]) => reply[key] !== String(value))) {
      throw new RigError('damaged', `the board has understood another ${name}: send again`)
    }
    return reply
  }

  /** Changes the rate of both ends. */
  async changeBaudRate(baudRate: number): Promise<void> {
    await this.command('baud', { rate: baudRate })
    await this.useBaudRate(baudRate)
    await this.timebase.sleep(BAUD_CHANGE_MS)
    await this.request('hello')
  }

  /** Changes the rate of this end alone. Rejects with a RigError 'refused' where the port cannot. */
  async useBaudRate(baudRate: number): Promise<void> {
    if (this.port.baudRate === baudRate) return
    await new Promise<void>((resolve, reject) => {
      const refused = new RigError(
        'refused',
        `${this.port.path} cannot do ${baudRate} baud: lower the sample rate`,
      )
      this.port.update({ baudRate }, (error) => (error ? reject(refused) : resolve()))
    })
  }

  /** Ends the link for a reason: every request from now on rejects with it. */
  fail(error: RigError): void {
    if (this.#failure) return
    this.#failure = error
    this.#pending?.reject(error)
    this.onFailure(error)
  }

  /** Closes the port; a board that is not reset by that is left at the rate at which it is opened. */
  async close(): Promise<void> {
    this.onFailure = () => {}
    if (this.port.baudRate !== START_BAUD_RATE) {
      await this.request(`baud ${START_BAUD_RATE}`).catch(() => {})
    }
    this.fail(new RigError('unplugged', 'the link is closed'))
    if (this.port.isOpen) await new Promise((resolve) => this.port.close(resolve))
  }

  async #exchange(command: string): Promise<Fields> {
    if (this.#failure) throw this.#failure
    const tag = `#${++this.#requests}`
    const answered = new AbortController()
    const reply = new Promise<Fields>((resolve, reject) => {
      this.#pending = { command, tag, resolve, reject }
    })
    const silence = this.#sendUntil(answered.signal, `${command} ${tag}`)
    silence.catch(() => {})
    try {
      return await Promise.race([reply, silence])
    } finally {
      this.#pending = undefined
      answered.abort()
    }
  }

  /** Sends a line, again if it may be, and rejects when all its time is over. */
  async #sendUntil(answered: AbortSignal, line: string): Promise<never> {
    const repeats = REPEATABLE.test(line)
    for (let attempt = 0; attempt < (repeats ? ATTEMPTS : 1); attempt++) {
      this.port.write(`${line}*${crcOf(line)}\n`)
      await this.timebase.sleep(repeats ? REPEAT_AFTER_MS : REPLY_TIMEOUT_MS, answered)
    }
    const { path } = this.port
    throw (
      this.#pending?.complaint ??
      new RigError(
        'no-answer',
        `the board at ${path} does not answer: ${sharingAt(path) ?? 'reset it'}`,
      )
    )
  }

  #onLine(line: string): void {
    const text = line.slice(0, -5)
    if (line !== `${text}*${crcOf(text)}`) return
    const words = text.split(' ')
    const [name = '', about = ''] = words
    const pending = this.#pending
    if (name !== 'ok' && name !== 'error') {
      this.onEvent({ name, words, fields: fieldsOf(words) })
    } else if (pending && words.at(-1) === pending.tag) {
      if (name === 'ok') pending.resolve(fieldsOf(words))
      else pending.reject(this.#refusal('refused', pending.command, words.slice(2, -1)))
    } else if (pending && /^(crc|line|lost)$/.test(about)) {
      // It may be about an earlier line that came twice: only if nothing else comes it was this one.
      pending.complaint = this.#refusal('damaged', pending.command, words.slice(2))
    }
  }

  #refusal(code: 'refused' | 'damaged', command: string, said: readonly string[]): RigError {
    // The light is as secret as the password in it.
    const shown = command.replace(/^(load \d+) .*/, '$1 …')
    const sentence = `the board refuses "${shown}": ${said.join(' ')}`
    return new RigError(code, withSharing(this.port.path, sentence))
  }
}

function crcOf(text: string): string {
  return crc16xmodem(Buffer.from(text, 'latin1')).toString(16).padStart(4, '0')
}

function fieldsOf(words: readonly string[]): Fields {
  const pairs = words.map((word) => word.split('=', 2)).filter((pair) => pair.length === 2)
  return Object.fromEntries(pairs)
}
