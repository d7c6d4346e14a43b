import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { loadDeviceFirmware } from '../factory/api/load.js'
import { runDevice } from '../factory/api/run-device.js'
import { identityOf } from '../factory/imp/identity.js'
import type { ImpOptions } from '../factory/imp/imp.js'
import type { Program } from '../factory/imp/life.js'
import type { NetworkOptions } from '../factory/imp/network.js'
import { type Memory, memoryFile } from '../factory/imp/stored-settings.js'
import { CommandError, EXIT, isOutOfResources, isSystemError, systemReason } from './errors.js'
import { isReadableByOthers, readSettings } from './files.js'
import { readSeconds } from './numbers.js'
import { warn } from './terminal.js'

/** What both a fixture and a DUT are told. */
export interface ImpFlags {
  readonly cloud?: string
  readonly settings?: string
  readonly firmware?: string
  readonly application?: string
  readonly deviceId?: string
  readonly impos?: number
  readonly network?: string
  readonly seconds?: number
  readonly json?: boolean
  readonly showSecrets?: boolean
}

/** Adds the options that both have. */
export function addImpOptions(command: Command): Command {
  return command
    .option('--cloud <url>', 'address of the server; without it the device finds none', readUrl)
    .option(
      '--firmware <file>',
      'its program, a TypeScript or JavaScript module; one for fixture and DUT does for both',
    )
    .option(
      '--settings <file>',
      'where it keeps what it has stored, readable by you only; made where it is not there (default: nowhere)',
    )
    .option(
      '--device-id <id>',
      '16 hex digits (default: always the same with the same --settings, else by chance)',
      readDeviceId,
    )
    .option('--seconds <s>', 'take its power away after so long (default: Ctrl-C)', readSeconds)
    .option('--json', 'print what happens as JSON, a document a line')
    .option('--show-secrets', 'do not mask passwords and tokens')
}

function readUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('Give a URL such as http://127.0.0.1:8880.')
}

function readDeviceId(text: string): string {
  if (/^[\da-f]{16}$/i.test(text)) return text
  throw new InvalidArgumentError('Give 16 hex digits.')
}

/** The release of impOS, whose rules of BlinkUp's windows are public. */
export function readImpOs(text: string): number {
  if (!['40', '42'].includes(text)) throw new InvalidArgumentError('Give 40 or 42.')
  return Number(text)
}

const seconds = z.number().min(0).max(86_400)
const Network = z.strictObject({
  medium: z.enum(['wifi', 'ethernet']).optional(),
  'stage-s': seconds.optional(),
  'update-s': seconds.optional(),
  networks: z
    .array(
      z.strictObject({
        ssid: z.string(),
        password: z.string().optional(),
        channel: z.int().min(1).max(13).optional(),
        dhcp: z.boolean().optional(),
        proxies: z
          .array(
            z.strictObject({
              server: z.string(),
              port: z.int().min(1).max(65535),
              username: z.string().optional(),
              password: z.string().optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
})

/** Reads the simulated network from a TOML or JSON file. Throws CommandError. */
async function readNetwork(path: string): Promise<NetworkOptions> {
  const { settings, doubts } = await readSettings(path, EXIT.badFixture)
  if (doubts[0]) throw doubts[0]
  const { data, error } = Network.safeParse(settings)
  if (!data) {
    const [issue] = error.issues
    const place = issue?.path.join('.')
    throw new CommandError(
      EXIT.badFixture,
      `${path}: ${place ? `${place}: ` : ''}${issue?.message}`,
    )
  }
  const { 'stage-s': stageS, 'update-s': updateS, ...others } = data
  return { ...others, stageS, updateS }
}

/** What an imp is made of, by its flags. Throws CommandError, FactoryError. */
export async function impOptions(
  flags: ImpFlags,
  impType: string,
): Promise<Pick<ImpOptions, 'identity' | 'memory' | 'cloudUrl' | 'network' | 'programs'>> {
  const { settings, deviceId, impos, firmware, application } = flags
  const program = async (path: string | undefined): Promise<Program | undefined> => {
    if (path === undefined) return undefined
    const firmware = await loadDeviceFirmware(path)
    return (host) => runDevice(firmware, host)
  }
  const factory = await program(firmware)
  const applied = await program(application)
  return {
    identity: identityOf({ deviceId: deviceId ?? idFor(settings), impType, impOs: impos }),
    memory: settings === undefined ? undefined : openMemory(settings),
    cloudUrl: flags.cloud,
    network: flags.network === undefined ? undefined : await readNetwork(flags.network),
    programs: {
      ...(factory && { fixture: factory, dut: factory }),
      ...(applied && { application: applied }),
    },
  }
}

/** As if it were that of the board that these settings are on. */
function idFor(settings: string | undefined): string | undefined {
  if (settings === undefined) return undefined
  const digest = createHash('sha256').update(resolve(settings)).digest('hex')
  return `500002${digest.slice(0, 10)}`
}

function openMemory(path: string): Memory {
  const named = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      if (!isSystemError(error) || isOutOfResources(error)) throw error
      throw new CommandError(
        EXIT.inputOutput,
        `cannot keep the settings in ${path}: ${systemReason(error)}`,
        { cause: error },
      )
    }
  }
  if (isReadableByOthers(path)) {
    warn(`other users may read ${path}, which holds secrets: chmod go-rwx ${path}`)
  }
  const memory = named(() => memoryFile(path))
  return { read: () => memory.read(), write: (stored) => named(() => memory.write(stored)) }
}
