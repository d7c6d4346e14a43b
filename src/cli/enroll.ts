import type { Command } from 'commander'
import type { EnrolledDevice } from '../factory/enrollment/answers.js'
import type { PollProgress } from '../factory/enrollment/client.js'
import type { Settings } from '../packet/index.js'
import { LateLightError } from '../rig/errors.js'
import type { PlayReport } from '../rig/rig.js'
import { addCredentialOptions } from './credentials.js'
import { type Made, printDocument } from './document.js'
import { addEnrollmentOptions, loadTokenSource, type TokenSource } from './enrollment.js'
import { CommandError, EXIT, explain, Interrupted } from './errors.js'
import { interruptible } from './interrupt.js'
import { loadMessage, type Message } from './message.js'
import { playMessage } from './play-message.js'
import { formatRows, formatSettings } from './reception.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { shownSettings } from './secrets.js'
import { addSymbolOptions } from './symbol-options.js'
import { print, tell, warn } from './terminal.js'

export function addEnroll(program: Command): void {
  const command = program
    .command('enroll')
    .description(
      'take an enrollment token, play the message with it, and wait until the server has seen the device',
    )
    .option('--json', 'print the report as JSON')
    .option('--show-secrets', 'do not mask passwords and tokens')
  addCredentialOptions(command)
  addEnrollmentOptions(command)
  addRigOptions(addSymbolOptions(command)).action(async (options) => {
    if (options.dummy) {
      throw new CommandError(
        EXIT.usage,
        'no device comes of invented credentials: leave --dummy out',
      )
    }
    const settings = await loadLightSettings(options)
    const message = await loadMessage(options, settings, true)
    if (message.config.clear) {
      throw new CommandError(EXIT.badData, 'no device comes of an order to clear: give settings')
    }
    const source = await loadTokenSource(settings.enrollment, options)
    source.client.checkCanAwait()
    const enrolling = new Enrolling(message, source, settings)
    const { json, showSecrets = false } = options
    try {
      await interruptible((signal) => enrolling.run(signal))
    } catch (error) {
      if (json && enrolling.sent) await printDocument(enrolling.document(showSecrets, error))
      throw error
    }
    await (json
      ? printDocument(enrolling.document(showSecrets))
      : print(enrolling.text(showSecrets)))
  })
}

/** One message with its token, and what is known of it and its device so far. */
class Enrolling {
  /** As its light plays, with its token. */
  sent?: Message
  #play?: PlayReport
  #device?: EnrolledDevice

  constructor(
    private readonly message: Message,
    private readonly source: TokenSource,
    private readonly settings: LightSettings,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    const { source, settings } = this
    this.#play = await playMessage(this.message, settings, {
      source,
      signal,
      onReady: (sent) => {
        this.sent = sent
      },
    })
    for (const refusal of this.#play.pacing?.scheduling.refusals ?? []) warn(refusal)
    const display = new WaitingDisplay()
    try {
      this.#device = await source.client.awaitDevice(this.#config.token as string, {
        timeoutS: source.timeoutS,
        signal,
        onPoll: (progress) => display.update(progress),
      })
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      const known = 'the LED is dark, and no device has come yet'
      throw new Interrupted(error.signal, known, { cause: error })
    } finally {
      display.end()
    }
  }

  get #config(): Settings {
    return (this.sent ?? this.message).config as Settings // an order to clear has been refused
  }

  document(showSecrets: boolean, error?: unknown): Made<'blinkup.enroll/1'> {
    const { symbolRateHz = null, greyRatio = null } = this.#play ?? {}
    const { pacing = null } = error instanceof LateLightError ? error : (this.#play ?? {})
    const { length: symbols } = this.message.sequence.levels
    return {
      schema: 'blinkup.enroll/1',
      config: shownSettings(this.#config, showSecrets),
      device: this.#device ?? null,
      symbols,
      symbolRateHz,
      durationS: symbolRateHz && symbols / symbolRateHz,
      greyRatio,
      pacing,
      error: error === undefined ? null : explain(error),
    }
  }

  text(showSecrets: boolean): string {
    const { deviceId, planId, agentUrl, claimedAt } = this.#device as EnrolledDevice
    const rows = formatRows([
      ['device ID', deviceId],
      ['plan ID', planId],
      ['agent URL', agentUrl],
      ['claimed', claimedAt],
      ['settings', formatSettings(this.#config, showSecrets)],
    ])
    return `${rows.join('\n')}\n`
  }
}

/** Shows on one line of a terminal how long a device has been waited for; what troubles that is told anywhere. */
class WaitingDisplay {
  readonly #shown = process.stderr.isTTY
  #trouble = ''

  constructor() {
    if (!this.#shown) tell('waiting for the device')
  }

  update({ waitedS, timeoutS, trouble }: PollProgress): void {
    const { message = '' } = trouble ?? {}
    if (message !== this.#trouble) {
      this.end()
      tell(message || 'the server answers again')
      this.#trouble = message
    }
    if (!this.#shown || process.stderr.writableLength > 0) return
    process.stderr.write(
      `\rwaiting for the device: ${waitedS.toFixed(0)} s of ${timeoutS} s \x1b[K`,
    )
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K')
  }
}
