import { once } from 'node:events'
import { type Command, InvalidArgumentError } from 'commander'
import { makeMessage } from '../bench/message.js'
import { DEFAULT_GAIN_OHM, GAIN_OHM } from '../bench/tuning/gain-resistor.js'
import { isLoopback } from '../factory/cloud/http.js'
import type { CompleteConfig } from '../rig/config.js'
import { openRig } from '../rig/open.js'
import type { RigState } from '../rig/supervised.js'
import { TuneSite } from '../web/tune/site.js'
import { DUMMY } from './credentials.js'
import { printLine } from './document.js'
import {
  CommandError,
  EXIT,
  explain,
  isOutOfResources,
  isSystemError,
  systemReason,
} from './errors.js'
import { interruptible } from './interrupt.js'
import { readPort } from './numbers.js'
import { receptionRows } from './reception.js'
import { addRigOptions, type LightSettings, loadLightSettings } from './rig-options.js'
import { addSymbolOptions } from './symbol-options.js'
import { print, tell, warn } from './terminal.js'
import { thenClosed } from './with-rig.js'

interface TuneFlags {
  readonly gain: number
  readonly host: string
  readonly httpPort: number
  readonly json?: true
}

export function addTune(program: Command): void {
  const command = program
    .command('tune')
    .description(
      'show the light live on a web page, with what to change, down to the gain resistor; and play levels and a test message from there',
    )
    .option('--gain <ohm>', 'the gain resistor of the sensor', readOhm, DEFAULT_GAIN_OHM)
    .option('--host <address>', 'listen at this address of this computer', '127.0.0.1')
    .option('--http-port <number>', 'listen at this port, 0 for any that is free', readPort, 0)
    .option('--json', 'print the URL of the page in a JSON document')
    .addHelpText(
      'after',
      `
The URL of the page is printed; whoever has it can use the rig, until Ctrl-C. The board may be unplugged and plugged in
again. What is sent from the page are invented credentials: real ones have no place on a page.`,
    )
  addRigOptions(addSymbolOptions(command)).action(
    async ({ gain, host, httpPort, json, ...options }) => {
      const settings = await loadLightSettings(options)
      checkSensor(settings.rig)
      await interruptible((signal) => tune(settings, { gain, host, httpPort, json }, signal))
    },
  )
}

async function tune(settings: LightSettings, flags: TuneFlags, signal: AbortSignal): Promise<void> {
  const { host, json } = flags
  const site = await openSite(settings, flags).catch((error) => {
    throw explained(error, flags)
  })
  await thenClosed(site, signal, async ({ url, failed }) => {
    if (!isLoopback(host)) {
      warn('other computers reach this page, and nothing between them and it is encrypted')
    }
    await (json
      ? printLine({ schema: 'blinkup.tune/1', url, isLoopback: isLoopback(host) })
      : print(`${url}\n`))
    tell('open this page in a browser; Ctrl-C ends it')
    signal.throwIfAborted()
    await Promise.race([once(signal, 'abort'), failed])
    signal.throwIfAborted()
  })
}

function openSite(
  { rig, symbolRateHz, dialect, syncSymbols }: LightSettings,
  { gain, host, httpPort }: TuneFlags,
): Promise<TuneSite> {
  // Who looks at it lives in real time.
  const config = rig.kind === 'emulated' ? { ...rig, realTime: true } : rig
  return TuneSite.open({
    open: (signal) => openRig(config, signal),
    message: makeMessage(DUMMY, { symbolRateHz, dialect, syncSymbols }),
    symbolRateHz,
    gainOhm: gain,
    // Its advice is a part of its verdict.
    describe: (reception) => receptionRows(reception).filter(([label]) => label !== 'advice'),
    host,
    port: httpPort,
    onRig: tellRig(),
    onFailure: (error) => warn(explain(error).message),
  })
}

/** Says on the terminal when the rig is lost, and when it is back. */
function tellRig(): (state: RigState) => void {
  let told = ''
  return (state) => {
    const text =
      state.state === 'lost'
        ? explain(state.reason).message
        : state.state === 'ready'
          ? `the rig is ${state.info.name}`
          : told
    if (text !== told) tell(text)
    told = text
  }
}

/** A rig on the header sees nothing by itself. */
function checkSensor(rig: CompleteConfig): void {
  if ((rig.kind === 'gpio' || rig.kind === 'pwm') && !rig.photodiode) {
    throw new CommandError(EXIT.usage, 'say what sees the light, with --photodiode')
  }
}

function explained(cause: unknown, { httpPort, host }: TuneFlags): unknown {
  if (isOutOfResources(cause) || !isSystemError(cause)) return cause
  const where = `port ${httpPort} of ${host}`
  const sentence =
    cause.code === 'EADDRINUSE'
      ? `another program listens at ${where}: give another --http-port`
      : `cannot listen at ${where}: ${systemReason(cause)}`
  return new CommandError(EXIT.inputOutput, sentence, { code: 'input-output', cause })
}

function readOhm(text: string): number {
  const [least, most] = GAIN_OHM
  const ohm = Number(text)
  if (text.trim() !== '' && ohm >= least && ohm <= most) return ohm
  throw new InvalidArgumentError(`Give a number of ohms from ${least} to ${most}.`)
}
