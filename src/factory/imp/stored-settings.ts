import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { DecodedConfig } from '../../packet/index.js'
import type { Clearing, StoredSettings } from '../api/host.js'
import { FactoryError } from '../errors.js'
import { ROLES } from '../link/messages.js'

const hex16 = z.string().regex(/^[\da-f]{16}$/)

const Stored = z
  .strictObject({
    schema: z.literal('blinkup.device-memory/1'),
    settings: z.strictObject({
      ssid: z.string().optional(),
      password: z.string().optional(),
      planId: hex16.optional(),
      token: hex16.optional(),
      staticAddress: z
        .strictObject({
          ip: z.ipv4(),
          netmask: z.ipv4(),
          gateway: z.ipv4(),
          dns1: z.ipv4(),
          dns2: z.ipv4().optional(),
        })
        .optional(),
      proxy: z
        .strictObject({
          server: z.string(),
          port: z.int(),
          username: z.string().optional(),
          password: z.string().optional(),
        })
        .optional(),
      country: z.int().optional(),
    }),
    /** Whose program is in the device's flash; null for none. */
    role: z.enum(ROLES).nullable(),
  })
  .transform(({ settings, role }) => ({ settings: settings as StoredSettings, role }))

/** What a device keeps when its power is off. */
export type Stored = z.output<typeof Stored>

const NOTHING: Stored = { settings: {}, role: null }

/** Where a device keeps it. */
export interface Memory {
  read(): Stored
  /** Has written it when it returns; after a failure what was there before is still there. Errors: those of the file system. */
  write(stored: Stored): void
}

/** Keeps it as long as the object lives. */
export function memoryOnly(stored: Stored = NOTHING): Memory {
  let now = stored
  return {
    read: () => now,
    write: (stored) => {
      now = stored
    },
  }
}

/**
 * Keeps it in a file that only its owner may read; what is written replaces it as a whole. Makes it, with nothing in it, where it
 * is not there.
 *
 * @throws FactoryError 'damaged', and errors of the file system
 */
export function memoryFile(path: string): Memory {
  const memory = {
    read: () => parse(readFileSync(path, 'utf8'), path),
    write: (stored: Stored) => replaceFile(path, format(stored)),
  }
  try {
    memory.read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    memory.write(NOTHING)
  }
  return memory
}

const format = ({ settings, role }: Stored): string =>
  `${JSON.stringify({ schema: 'blinkup.device-memory/1', settings, role }, null, 2)}\n`

function parse(text: string, path: string): Stored {
  let stored: unknown
  try {
    stored = JSON.parse(text)
  } catch {
    throw damaged(path) // no cause: the parser's error quotes the text, which may be a secret
  }
  const { data, error } = Stored.safeParse(stored)
  if (!data) throw damaged(path, error?.issues[0]?.path.join('.'))
  return data
}

const damaged = (path: string, place = ''): FactoryError =>
  new FactoryError(
    'damaged',
    `${path} is not what a device has stored${place && ` (at ${place})`}: remove it, and the device is as new, or name another file`,
  )

function replaceFile(path: string, text: string): void {
  const anew = `${path}.${process.pid}.new`
  rmSync(anew, { force: true }) // of who was killed, or what another user has put in the way
  const file = openSync(anew, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(anew, path)
  } catch (error) {
    rmSync(anew, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

/** Else a loss of power could take the new name with it. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return // folders cannot be opened there
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/**
 * What a device has stored after a message by light. A message replaces as a whole what it is about: how the network is reached (SSID,
 * password, static address, proxy), enrollment, or both. Published is that BlinkUp overwrites the enrollment; that it keeps what
 * it is not about is ours, and so is that the order to clear takes the Wi-Fi settings only.
 */
export function withLight(stored: StoredSettings, message: DecodedConfig): StoredSettings {
  if (message.clear) return without(stored, 'wifi')
  const { ssid, password, staticAddress, proxy, planId, token } = message
  const network = definedOnly({ ssid, password, staticAddress, proxy })
  const enrollment = definedOnly({ planId, token })
  const { country, ...old } = stored
  const keptNetwork = {
    ssid: old.ssid,
    password: old.password,
    staticAddress: old.staticAddress,
    proxy: old.proxy,
  }
  return definedOnly({
    ...(Object.keys(network).length > 0 ? network : keptNetwork),
    ...(Object.keys(enrollment).length > 0 ? enrollment : { planId: old.planId, token: old.token }),
    country,
  })
}

const MEMBERS: Readonly<Record<Clearing, readonly (keyof StoredSettings)[]>> = {
  wifi: ['ssid', 'password'],
  'static-network': ['staticAddress'],
  proxy: ['proxy'],
  all: ['ssid', 'password', 'staticAddress', 'proxy', 'planId', 'token'],
}

/** What is stored after `imp.clearconfiguration`. That it keeps the country is ours. */
export function without(stored: StoredSettings, what: Clearing): StoredSettings {
  const kept = Object.entries(stored).filter(
    ([member]) => !MEMBERS[what].includes(member as keyof StoredSettings),
  )
  return Object.fromEntries(kept)
}

/** Members that are undefined are no members. */
const definedOnly = <T extends object>(object: T): Definite<T> =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as Definite<T>

type Definite<T> = { [K in keyof T]?: Exclude<T[K], undefined> }
