import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import type { DeviceConfig } from '../packet/index.js'
import { CommandError, EXIT } from './errors.js'
import {
  type Fields,
  isObject,
  isReadableByOthers,
  nameOf,
  readSettings,
  readText,
  type SettingsFile,
} from './files.js'
import { secretVariable } from './secret-variables.js'
import { askSecret } from './terminal.js'

/** Where a secret is looked for: in a variable, and in a systemd credential (systemd.exec(5), LoadCredential=). */
export interface Secret {
  readonly variable: string
  readonly credential: string
  readonly name: string
  /** What to do beside setting it. */
  readonly otherwise: string
}

/** A lost password must not make an open network: that has to be said. */
const OPEN = 'or use --open for an open network'

export const PASSWORD: Secret = {
  variable: 'BLINKUP_PASSWORD',
  credential: 'blinkup-password',
  name: 'Wi-Fi password',
  otherwise: OPEN,
}
const TOKEN: Secret = {
  variable: 'BLINKUP_TOKEN',
  credential: 'blinkup-token',
  name: 'enrollment token',
  otherwise: 'or put it in the --config file',
}

/** Invented credentials that no network has: a message of 11 s at 60 Hz. */
export const DUMMY: DeviceConfig = {
  ssid: 'Blink',
  password: 'notsecret!',
  planId: 'fedcba9876543210',
  token: '0123456789abcdef',
}

export interface CredentialOptions {
  readonly config?: string
  readonly dummy?: boolean
  readonly ssid?: string
  readonly open?: boolean
  readonly planId?: string
  readonly token?: string
  readonly staticAddress?: string
  readonly proxy?: string
  readonly allowNonstandard?: boolean
  readonly strict?: boolean
  readonly password?: unknown
}

/** Adds the options that say what to send. */
export function addCredentialOptions(command: Command): Command {
  return command
    .optionsGroup('What to send:')
    .option('--config <file>', 'settings in JSON or TOML; - for standard input')
    .option('--ssid <name>', 'Wi-Fi network; see below for its password')
    .option('--open', 'the Wi-Fi network is open: there is no password')
    .option('--plan-id <hex>', 'plan ID, 16 hex digits')
    .option(
      '--token <hex>',
      'enrollment token, 16 hex digits; other users may see it here: see below',
    )
    .option('--static-address <list>', 'IP,NETMASK,GATEWAY,DNS1[,DNS2]')
    .option('--proxy <host:port>', 'HTTP proxy; a user name and password need --config')
    .addOption(
      command
        .createOption('--dummy', 'invented credentials, to try things out')
        .conflicts(['config', 'ssid', 'open', 'planId', 'token', 'staticAddress', 'proxy']),
    )
    .option('--allow-nonstandard', 'allow an SSID or password that IEEE 802.11 does not')
    .option('--strict', 'refuse what can hardly be right, such as a gateway outside the network')
    .addOption(command.createOption('--password [secret]').hideHelp())
    .addHelpText(
      'after',
      `
The Wi-Fi password is never an argument. It is looked for in ${PASSWORD.variable}, in the systemd
credential ${PASSWORD.credential}, in the --config file, and else asked for on the terminal. A network is
taken for an open one only by --open or "password": "" in the file. The token of a plan ID, too, is
looked for in ${TOKEN.variable}, in the credential ${TOKEN.credential} and in the file.
A single option beats the --config file.`,
    )
}

/**
 * Gathers the settings to send from file, single options, environment, systemd credential and prompt, unchecked.
 *
 * @throws CommandError
 */
export async function gatherSettings(options: CredentialOptions): Promise<SettingsFile> {
  if (options.password !== undefined) {
    throw new CommandError(
      EXIT.usage,
      `a password as an argument can be seen by every user of this computer: put it in ${PASSWORD.variable} or a --config file, or let blinkup ask for it`,
    )
  }
  if (options.dummy) return { settings: DUMMY, doubts: [] }
  const { config, ssid, planId, token, staticAddress, proxy } = options
  const single = Object.entries({
    ssid,
    planId,
    token,
    staticAddress: staticAddress === undefined ? undefined : readStaticAddress(staticAddress),
    proxy: proxy === undefined ? undefined : readProxy(proxy),
  }).filter(([, value]) => value !== undefined)

  if (config === undefined && single.length === 0) {
    throw new CommandError(
      EXIT.usage,
      'say what to send, with --config, --ssid, --token or --dummy',
    )
  }
  const { settings: file, doubts: ofFile } =
    config === undefined ? NO_FILE : await readConfig(config)
  if (!isObject(file)) return { settings: file, doubts: ofFile } // to be refused
  const named: Fields = { ...file, ...Object.fromEntries(single) }
  const kept =
    named.planId === undefined || token !== undefined ? undefined : await findSecret(TOKEN)
  const settings = kept === undefined ? named : { ...named, token: kept }
  const doubts = token === undefined ? ofFile : [...ofFile, EXPOSED_TOKEN]
  if (typeof settings.ssid !== 'string') return { settings, doubts }
  const password =
    (options.open ? '' : await findSecret(PASSWORD)) ??
    (file.password === undefined ? await askPassword(settings.ssid, config) : undefined)
  if (password !== undefined) return { settings: { ...settings, password }, doubts }
  if (file.ssid === undefined || file.ssid === settings.ssid) return { settings, doubts }
  const othersPassword = new CommandError(
    EXIT.usage,
    `--ssid would get the password of another network, the one in the --config file: set ${PASSWORD.variable}, or name the network in the file`,
  )
  return { settings, doubts: [...doubts, othersPassword] }
}

const NO_FILE: SettingsFile = { settings: {}, doubts: [] }

/** Reads a --config file. It is a doubt when others may read the secrets in it. */
async function readConfig(path: string): Promise<SettingsFile> {
  const { settings, doubts } = await readSettings(path, EXIT.badData)
  return { settings, doubts: holdsSecret(settings) ? [...doubts, ...exposure(path)] : doubts }
}

/** The doubt about a file with a secret in it that others may read. */
export function exposure(path: string): readonly CommandError[] {
  // systemd guards its folder of credentials, and the rights of a file there only seem to be the group's: it has an ACL (acl(5)).
  const isGuarded = dirname(path) === secretVariable('CREDENTIALS_DIRECTORY')
  if (isGuarded || !isReadableByOthers(path)) return []
  return [
    new CommandError(
      EXIT.badData,
      `${nameOf(path)} holds a secret that other users may read: make it readable by its owner only (chmod 600)`,
    ),
  ]
}

const holdsSecret = (settings: unknown): boolean =>
  isObject(settings) && Boolean(settings.password || settings.token || holdsSecret(settings.proxy))

const EXPOSED_TOKEN = new CommandError(
  EXIT.usage,
  `every user of this computer may see the token of --token in the process list, for a moment: put it in ${TOKEN.variable} or a --config file`,
)

/** A secret from anywhere but file and prompt. An empty one is what a script or a file is left with that lost it. */
export async function findSecret(secret: Secret): Promise<string | undefined> {
  const { variable, credential, name, otherwise } = secret
  const fromEnvironment = secretVariable(variable)
  if (fromEnvironment === '') {
    throw new CommandError(
      EXIT.usage,
      `${variable} is empty: set it to the ${name}, unset it, ${otherwise}`,
    )
  }
  if (fromEnvironment !== undefined) return fromEnvironment
  const directory = secretVariable('CREDENTIALS_DIRECTORY')
  const file = directory === undefined ? undefined : join(directory, credential)
  if (file === undefined || !existsSync(file)) return undefined
  const text = (await readText(file)).replace(/\r?\n$/, '')
  if (text === '') {
    throw new CommandError(
      EXIT.usage,
      `the systemd credential ${credential} is empty: put the ${name} in it, ${otherwise}`,
    )
  }
  return text
}

async function askPassword(ssid: string, config: string | undefined): Promise<string> {
  if (config === '-' || !process.stdin.isTTY) {
    throw noPassword(
      `the Wi-Fi password is missing: set ${PASSWORD.variable}, put it in the --config file`,
    )
  }
  const password = await askSecret(`Password of ${JSON.stringify(ssid)}: `)
  if (password === '') throw noPassword('no password was typed: type it')
  return password
}

const noPassword = (fault: string): CommandError =>
  new CommandError(EXIT.usage, `${fault}, ${OPEN}`)

function readStaticAddress(list: string): object {
  const [ip, netmask, gateway, dns1, dns2, more] = list.split(',')
  if (more !== undefined) {
    throw new CommandError(EXIT.usage, '--static-address takes IP,NETMASK,GATEWAY,DNS1[,DNS2]')
  }
  return { ip, netmask, gateway, dns1, ...(dns2 !== undefined && { dns2 }) }
}

function readProxy(text: string): object {
  const [, server, port] = /^([^:/@]+):(\d+)$/.exec(text) ?? []
  if (server === undefined) {
    throw new CommandError(
      EXIT.usage,
      '--proxy takes HOST:PORT alone, like proxy.example:8080; a user name and password need --config',
    )
  }
  return { server, port: Number(port) }
}
