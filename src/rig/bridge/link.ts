import { writeSync } from 'node:fs'
import type { SerialPortStream } from '@serialport/stream'
import { RigError, rigClosed } from '../errors.js'
import type { Timebase } from '../timebase.js'
import { CappedReadlineParser } from './capped-readline.js'
import { START_BAUD_RATE } from './port.js'
import { sharingAt, withSharing } from './port-users.js'
import {
  type BoardEvent,
  type Command,
  checksumOf,
  parseEvent,
  parseReply,
  printable,
  quotable,
  type Reply,
} from './protocol.js'
import { misunderstood } from './understanding.js'

/**
 * The board answers within milliseconds; a USB hub or a busy host may add to that. Three times this is within the
 * board's keep-alive, so that a message survives two lost replies.
 */
const REPEAT_AFTER_MS = 300
const ATTEMPTS = 3
/**
 * Commands that may be sent again when no reply has come, as twice does the same as once. The others start
 * something at a time that only their reply tells.
 */
const REPEATABLE =
  /^(hello|status|dark|stop|keepalive|rate|level|sample|load|sense off|edges off)\b/
/** Three times what 1,000,000 baud, the highest rate, can carry, and what waits when this program was stopped. */
const FLOOD = { withinS: 2, bytes: 600_000 }
/** What is said even to a board that has failed: dark, and at the rate at which it is opened. */
const LAST_WORDS = /^(stop|baud)$/
/** Characters of a line of the board. */
const MOST_ADVICE = 120
/** The board changes its rate after its reply has gone out. */
const BAUD_CHANGE_MS = 20

/** Between which times of this computer's clock something was, in seconds. */
export interface Between {
  readonly fromS: number
  readonly toS: number
}

/** What the board answers, and between which times of this computer's it did. */
export type Answer<C extends Command> = Reply<C> & Between

interface Pending {
  readonly command: string
  /** What the reply ends in. */
  readonly tag: string
  /** What the board has said of a line whose tag it could not read. */
  complaint?: RigError
  resolve(words: readonly string[]): void
  reject(error: Error): void
}

/**
 * The line protocol of firmware-bridge/PROTOCOL.md over an open port: requests, one at a time, with their
 * replies; and events. Every line carries a CRC; a damaged one is dropped, which shows
 * as a reply that does not come, or as a gap in what the board counts. Every request has a tag, so that a
 * late reply to another is not taken for its own. A line that is whole and says what cannot be ends the link.
 */
export class Link {
  /** Called for each line that is no reply, with the time at which it was read. */
  onEvent: (event: BoardEvent, readS: number) => void = () => {}
  /** Called once when nothing more can come. */
  onFailure: (error: RigError) => void = () => {}
  #pending: Pending | undefined
  #failure: RigError | undefined
  #previous: Promise<unknown> = Promise.resolve()
  #requests = 0
  #bytes = 0
  #countedFromS = Number.NEGATIVE_INFINITY

  constructor(
    private readonly port: SerialPortStream,
    private readonly timebase: Timebase,
  ) {
    const lines = port.pipe(new CappedReadlineParser({ delimiter: '\n', encoding: 'latin1' }))
    port.on('data', ({ length }: Buffer) => this.#count(length))
    lines.on('data', (line: string) => this.#onLine(line.trimEnd()))
    const onGone = (cause?: unknown): void =>
      this.fail(
        new RigError('unplugged', `${port.path} is gone: plug the board in again`, { cause }),
      )
    port.on('close', onGone)
    port.on('error', onGone)
  }

  /** Whether the port is there. */
  get isOpen(): boolean {
    return this.port.isOpen
  }

  /** Says a line without waiting for anything, as the program ends. What is not the machine's own port is gone with it. */
  sayLast(line: string): void {
    const { fd } = this.port.port as { fd?: number }
    if (typeof fd === 'number') writeSync(fd, `\n${line}\n`)
  }

  get path(): string {
    return this.port.path
  }

  /**
   * Sends a command and gives its reply; where that is safe it is sent again when none comes.
   * Rejects with a RigError when the board refuses it ('refused'), has got it damaged or says what cannot be
   * ('damaged'), or does not answer ('no-answer'), or the link has failed before.
   */
  request<C extends Command>(
    command: C,
    ...args: readonly (string | number)[]
  ): Promise<Answer<C>> {
    const reply = this.#previous.then(() => this.#exchange(command, args))
    this.#previous = reply.catch(() => {})
    return reply
  }

  /**
   * Sends a command with numbers that the board must echo under these names, so that a line which
   * lost its CRC on the way is not obeyed unnoticed.
   */
  async command<C extends Command>(command: C, values: Partial<Reply<C>>): Promise<void> {
    const reply = await this.request(command, ...(Object.values(values) as number[]))
    const names = Object.keys(values) as (keyof Reply<C>)[]
    if (names.some((name) => reply[name] !== values[name])) {
      throw misunderstood(command)
    }
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
      this.port.update({ baudRate }, (cause) => {
        if (!cause) return resolve()
        const sentence = `${this.port.path} cannot do ${baudRate} baud: lower the sample rate`
        reject(new RigError('refused', sentence, { cause, remedy: 'lower-sample-rate' }))
      })
    })
  }

  /** Ends the link for a reason: every request from now on rejects with it, but those that leave the board as it should be. */
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
      await this.request('baud', START_BAUD_RATE).catch(() => {})
    }
    this.fail(rigClosed())
    if (this.port.isOpen) await new Promise((resolve) => this.port.close(resolve))
  }

  async #exchange<C extends Command>(
    command: C,
    args: readonly (string | number)[],
  ): Promise<Answer<C>> {
    if (this.#failure && !(LAST_WORDS.test(command) && this.port.isOpen)) throw this.#failure
    const tag = `#${++this.#requests}`
    const line = [command, ...args].join(' ')
    const answered = new AbortController()
    const reply = new Promise<readonly string[]>((resolve, reject) => {
      this.#pending = { command: line, tag, resolve, reject }
    })
    const fromS = this.#nowS()
    const silence = this.#sendUntil(answered.signal, `${line} ${tag}`)
    silence.catch(() => {})
    try {
      const words = await Promise.race([reply, silence])
      return { ...parseReply(command, words), fromS, toS: this.#nowS() }
    } finally {
      this.#pending = undefined
      answered.abort()
    }
  }

  /** A device that floods is none of ours, and would keep this program from everything else. */
  #count(bytes: number): void {
    const nowS = this.#nowS()
    if (nowS - this.#countedFromS > FLOOD.withinS) {
      this.#countedFromS = nowS
      this.#bytes = 0
    }
    this.#bytes += bytes
    if (this.#bytes < FLOOD.bytes) return
    const sentence = `${this.port.path} sends more than any serial port can: name the board's port`
    this.fail(new RigError('foreign', sentence))
  }

  #nowS(): number {
    return this.timebase.nowMs() / 1000
  }

  /** Sends a line, again if it may be, and rejects when all its time is over. */
  async #sendUntil(answered: AbortSignal, line: string): Promise<never> {
    const repeats = REPEATABLE.test(line)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      // A pulled cable shows when something is written. An empty line the board ignores.
      this.port.write(repeats || attempt === 0 ? `${line}*${checksumOf(line)}\n` : '\n')
      await this.timebase.sleep(REPEAT_AFTER_MS, answered)
    }
    const { path } = this.port
    throw (
      this.#pending?.complaint ??
      new RigError(
        'no-answer',
        `the board at ${path} has not answered for ${(ATTEMPTS * REPEAT_AFTER_MS) / 1000} s: ${sharingAt(path) ?? 'reset it'}`,
      )
    )
  }

  #onLine(line: string): void {
    const text = line.slice(0, -5)
    if (line !== `${text}*${checksumOf(text)}`) return
    const words = printable(text).split(' ')
    const [name = '', about = ''] = words
    const pending = this.#pending
    if (name !== 'ok' && name !== 'error') this.#onEventLine(words)
    else if (pending && words.at(-1) === pending.tag) {
      if (name === 'ok') pending.resolve(words)
      else pending.reject(this.#refusal('refused', pending.command, words.slice(2, -1)))
    } else if (pending && /^(crc|line)$/.test(about)) {
      // It may be about an earlier line that came twice: only if nothing else comes it was this one.
      pending.complaint = this.#refusal('damaged', pending.command, words.slice(2))
    }
  }

  #onEventLine(words: readonly string[]): void {
    try {
      const event = this.#failure ? null : parseEvent(words)
      if (event) this.onEvent(event, this.#nowS())
    } catch (error) {
      if (!(error instanceof RigError)) throw error
      this.fail(error)
    }
  }

  #refusal(code: 'refused' | 'damaged', command: string, said: readonly string[]): RigError {
    // The light is as secret as the password in it.
    const shown = command.replace(/^(load \d+) .*/, '$1 …')
    const why = quotable(said.join(' '), MOST_ADVICE) || 'it does not say why'
    const sentence = `the board refuses "${shown}": ${why}`
    return new RigError(code, withSharing(this.port.path, sentence))
  }
}
