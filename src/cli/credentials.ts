import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Dialect } from '../modulation/index.js'
import { type DeviceConfig, validateConfig } from '../packet/index.js'
import { CommandError, EXIT } from './errors.js'
import { readSettings, readText } from './files.js'
import { askSecret, warn } from './terminal.js'

const PASSWORD_VARIABLE = 'BLINKUP_PASSWORD'
/** Name of the systemd credential (systemd.exec(5), LoadCredential=). */
const PASSWORD_CREDENTIAL = 'blinkup-password'

/** Invented credentials that no network has: a message of 11 s at 60 Hz. */
const DUMMY: DeviceConfig = {
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
    .option('--token <hex>', 'enrollment token, 16 hex digits')
    .option('--static-address <list>', 'IP,NETMASK,GATEWAY,DNS1[,DNS2]')
    .option('--proxy <server:port>', 'HTTP proxy; a user name and password need --config')
    .addOption(
      command
        .createOption('--dummy', 'invented credentials, to try things out')
        .conflicts(['config', 'ssid', 'open', 'planId', 'token', 'staticAddress', 'proxy']),
    )
    .option('--allow-nonstandard', 'allow an SSID or password that IEEE 802.11 does not')
    .addOption(command.createOption('--password [secret]').hideHelp())
    .addHelpText(
      'after',
      `
The Wi-Fi password is never an argument. It is looked for in ${PASSWORD_VARIABLE}, in the systemd
credential ${PASSWORD_CREDENTIAL}, in the --config file, and else asked for on the terminal.
A single option beats the --config file.`,
    )
}

/**
 * Gathers the settings to send from file, single options, environment, systemd credential and
 * prompt, and checks them. Warnings are told.
 *
 * @throws CommandError, or ConfigError from the check
 */
export async function loadCredentials(
  options: CredentialOptions,
  dialect: Dialect,
): Promise<DeviceConfig> {
  if (options.password !== undefined) {
    throw new CommandError(
      EXIT.usage,
      `a password as an argument can be seen by every user of this computer: put it in ${PASSWORD_VARIABLE} or a --config file, or let blinkup ask for it`,
    )
  }
  const { allowNonstandard = false } = options
  const settings = options.dummy ? DUMMY : await gather(options)
  const { config, warnings } = validateConfig(settings, { dialect, allowNonstandard })
  for (const warning of warnings) warn(warning)
  return config
}

async function gather(options: CredentialOptions): Promise<unknown> {
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
  const file = config === undefined ? {} : await readSettings(config, EXIT.badData)
  if (typeof file !== 'object' || file === null || Array.isArray(file)) return file // to be refused
  const settings: Record<string, unknown> = { ...file, ...Object.fromEntries(single) }
  if (settings.ssid === undefined) return settings
  const password = await findPassword(options, settings)
  return password === undefined ? settings : { ...settings, password }
}

/** The password from anywhere but the file; undefined leaves it to the file. */
async function findPassword(
  options: CredentialOptions,
  settings: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  if (options.open) return ''
  const fromEnvironment = process.env[PASSWORD_VARIABLE]
  if (fromEnvironment) return fromEnvironment // set to nothing is what a script does that lost it
  const directory = process.env.CREDENTIALS_DIRECTORY
  if (directory !== undefined) {
    const credential = join(directory, PASSWORD_CREDENTIAL)
    if (existsSync(credential)) return (await readText(credential)).replace(/\r?\n$/, '')
  }
  if (settings.password !== undefined) return undefined
  if (options.config !== undefined) {
    warn('the settings have no password: the network is taken for an open one')
    return undefined
  }
  if (process.stdin.isTTY) return askSecret(`Password of ${JSON.stringify(options.ssid)}: `)
  throw new CommandError(
    EXIT.usage,
    `the Wi-Fi password is missing: set ${PASSWORD_VARIABLE}, use --config, or --open for an open network`,
  )
}

function readStaticAddress(list: string): object {
  const [ip, netmask, gateway, dns1, dns2, more] = list.split(',')
  if (more !== undefined) {
    throw new CommandError(EXIT.usage, '--static-address takes IP,NETMASK,GATEWAY,DNS1[,DNS2]')
  }
  return { ip, netmask, gateway, dns1, ...(dns2 !== undefined && { dns2 }) }
}

function readProxy(text: string): object {
  const [, server, port] = /^(.+):(\d+)$/.exec(text) ?? []
  if (server === undefined) throw new CommandError(EXIT.usage, '--proxy takes SERVER:PORT')
  return { server, port: Number(port) }
}
