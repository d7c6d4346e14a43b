import { type Command, InvalidArgumentError } from 'commander'
import type { Cloud, CloudOptions } from '../factory/cloud/cloud.js'
import type { Faults } from '../factory/cloud/faults.js'
import type { CloudEvent } from '../factory/cloud/logs.js'
import { PLACES } from '../factory/cloud/places.js'
import type { Role } from '../factory/link/messages.js'
import { findSecret, type Secret } from './credentials.js'
import { printLine } from './document.js'
import { ENROLLMENT_KEY } from './enrollment.js'
import { CommandError, EXIT, isOutOfResources, isSystemError, systemReason } from './errors.js'
import { interruptible } from './interrupt.js'
import { readPort, readSeconds } from './numbers.js'
import { print, shown, tell, warn } from './terminal.js'

/** Left out, the server has one of its own. */
const KEY: Secret = { ...ENROLLMENT_KEY, otherwise: 'or let the server make one' }

interface Options {
  readonly state?: string
  readonly host: string
  readonly port: number
  readonly fixtureId: readonly string[]
  readonly fixtureAgent?: string
  readonly dutAgent?: string
  readonly applicationAgent?: string
  readonly tokenLifetime?: number
  readonly blessingWebhook?: string
  readonly fault: readonly SetFault[]
  readonly json?: boolean
  readonly showSecrets?: boolean
}

export function addCloud(program: Command): void {
  program
    .command('cloud')
    .description(
      "run a stand-in of Electric Imp's server for the stand-ins of fixtures and devices: tokens, blessing, webhooks, agents, impCentral",
    )
    .option('--state <file>', 'keep all that was promised in this file (default: forget it)')
    .option('--host <address>', 'listen at this address of this computer', '127.0.0.1')
    .option('--port <number>', 'listen at this port, 0 for any that is free', readPort, 0)
    .option('--fixture-id <device-id>', 'make a device a fixture; may be repeated', addId, [])
    .option('--fixture-agent <file>', "the program of fixtures' agents: a module")
    .option('--dut-agent <file>', 'the program of the agents of devices under test')
    .option('--application-agent <file>', "the program of blessed devices' agents")
    .option('--token-lifetime <s>', 'how long a token can be claimed (default: 600)', readSeconds)
    .option('--blessing-webhook <url>', 'tell this URL of each blessing', readUrl)
    .option(
      '--fault <what>',
      `what goes wrong: slow=MS, claimed=TIMES, webhook=down, or ${PLACES.join('|')}=STATUS[xTIMES]; may be repeated`,
      addFault,
      [],
    )
    .option('--json', 'print a JSON document for each thing that happens, one a line')
    .option('--show-secrets', 'show the keys and the login')
    .addHelpText(
      'after',
      `
The key with which apps ask for tokens is looked for in ${KEY.variable} and in the systemd credential
${KEY.credential}; otherwise one is made at the first start. It, the login and the other keys are in
the --state file, which is for its owner only. One line for each thing that happens is printed until Ctrl-C.`,
    )
    .action((options: Options) => interruptible((signal) => runCloud(options, signal)))
}

async function runCloud(options: Options, signal: AbortSignal): Promise<void> {
  const log = new EventLog(options.json ? printEvent : (event) => print(eventLine(event)))
  const cloud = await openCloud(options, (event) => log.add(event)).catch((error) => {
    throw explained(error, options)
  })
  try {
    await introduce(cloud, options)
    signal.throwIfAborted()
    const interrupted = new Promise((resolve) =>
      signal.addEventListener('abort', resolve, { once: true }),
    )
    await Promise.race([interrupted, log.failed])
    signal.throwIfAborted()
  } finally {
    await cloud[Symbol.asyncDispose]()
  }
}

async function openCloud(options: Options, onEvent: (event: CloudEvent) => void): Promise<Cloud> {
  const { state: stateFile, host, port, tokenLifetime: tokenLifetimeS } = options
  const enrollmentKey = await findSecret(KEY)
  const agents = await loadAgents(options)
  const { Cloud } = await import('../factory/cloud/cloud.js')
  const cloud = await Cloud.open({
    ...{ stateFile, host, port, enrollmentKey, tokenLifetimeS, agents, onEvent },
  })
  try {
    for (const id of options.fixtureId) await cloud.assignFixture(id)
    if (options.blessingWebhook) await cloud.setWebhook('blessing', options.blessingWebhook)
    for (const setFault of options.fault) setFault(cloud.faults)
    return cloud
  } catch (error) {
    await cloud[Symbol.asyncDispose]()
    throw error
  }
}

function explained(cause: unknown, { port, host, state }: Options): unknown {
  if (isOutOfResources(cause) || !isSystemError(cause)) return cause
  if (cause.code === 'EADDRINUSE') {
    const fault = `another program listens at port ${port} of ${host}`
    return new CommandError(EXIT.lockedOut, `${fault}: give another --port`, {
      code: 'factory.locked',
      cause,
    })
  }
  const isOfNetwork = ['listen', 'getaddrinfo'].includes(cause.syscall ?? '')
  const fault = isOfNetwork
    ? `cannot listen at port ${port} of ${host}`
    : `cannot keep the state in ${state}`
  return new CommandError(EXIT.inputOutput, `${fault}: ${systemReason(cause)}`, { cause })
}

async function loadAgents(options: Options): Promise<NonNullable<CloudOptions['agents']>> {
  const files: Readonly<Record<Role, string | undefined>> = {
    fixture: options.fixtureAgent,
    dut: options.dutAgent,
    application: options.applicationAgent,
  }
  const { loadAgentFirmware } = await import('../factory/api/load.js')
  const loaded = Object.entries(files).flatMap(([role, file]) =>
    file === undefined ? [] : [loadAgentFirmware(file).then((firmware) => [role, firmware])],
  )
  return Object.fromEntries(await Promise.all(loaded))
}

async function introduce(cloud: Cloud, { state, host, showSecrets }: Options): Promise<void> {
  const { isLoopback } = await import('../factory/cloud/http.js')
  tell(`the server is at ${cloud.url}; Ctrl-C ends it`)
  if (!isLoopback(host)) {
    warn('other computers reach this server, and nothing between them and it is encrypted')
  }
  if (showSecrets) {
    const { enrollmentKey, login, password, loginKey, unblessingKey } = cloud.account
    tell(`enrollment key ${enrollmentKey}`)
    tell(`login ${login}, password ${password}, login key ${loginKey}`)
    tell(`unblessing key ${unblessingKey}`)
  } else {
    const place = state === undefined ? 'shown with --show-secrets' : `in ${state}`
    tell(`its keys and its login are ${place}`)
  }
}

/** Prints events in their order, as its reader takes them. */
class EventLog {
  /** Rejects when nobody reads. */
  readonly failed: Promise<never>
  #fail: (reason: unknown) => void = () => {}
  #printed: Promise<void> = Promise.resolve()

  constructor(private readonly print: (event: CloudEvent) => Promise<void>) {
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failed.catch(() => {}) // whoever waits for it is told
  }

  add(event: CloudEvent): void {
    this.#printed = this.#printed.then(() => this.print(event))
    this.#printed.catch(this.#fail)
  }
}

const eventLine = ({ atMs, deviceId, kind, text }: CloudEvent): string =>
  `${new Date(atMs).toISOString()} ${deviceId ?? '-'.repeat(16)} ${kind.padEnd(12)} ${shown(text)}\n`

const printEvent = ({ atMs, ...event }: CloudEvent): Promise<void> =>
  printLine({ schema: 'blinkup.cloud/1', time: new Date(atMs).toISOString(), ...event })

type SetFault = (faults: Faults) => void

/** Reads a fault, such as "slow=500" or "link=500x3". */
function readFault(text: string): SetFault {
  const [, name = '', digits = '', times] = /^(\w+)=(\d+)(?:x([1-9]\d*))?$/.exec(text) ?? []
  const number = Number(digits)
  const place = PLACES.find((place) => place === name)
  if (place && number >= 400 && number <= 599) {
    return (faults) => faults.fail(place, number, Number(times ?? 1))
  }
  if (name === 'slow' && number <= MOST_SLOW_MS && !times) {
    return (faults) => {
      faults.slowMs = number
    }
  }
  if (name === 'claimed' && !times) {
    return (faults) => {
      faults.tokensClaimed = number
    }
  }
  if (text === 'webhook=down') {
    return (faults) => {
      faults.isWebhookReceiverDown = true
    }
  }
  throw new InvalidArgumentError(
    `Give slow=MS, claimed=TIMES, webhook=down, or one of ${PLACES.join(', ')} with a status, such as link=500x3.`,
  )
}

const MOST_SLOW_MS = 600_000

const addFault = (text: string, before: readonly SetFault[]): readonly SetFault[] => [
  ...before,
  readFault(text),
]

function addId(text: string, before: readonly string[]): readonly string[] {
  if (!/^[\da-f]{16}$/i.test(text)) throw new InvalidArgumentError('Give 16 hex digits.')
  return [...before, text.toLowerCase()]
}

function readUrl(text: string): string {
  if (/^https?:/.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('Give a URL that begins with http:// or https://.')
}
