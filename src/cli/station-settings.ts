import { dirname, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { Limits } from '../bench/figures.js'
import type { MessageOptions } from '../bench/message.js'
import type { PanelConfig } from '../factory/station/panel.js'
import type { Contact } from '../factory/station/trigger.js'
import type { CompleteConfig } from '../rig/config.js'
import type { CredentialOptions } from './credentials.js'
import { CommandError, EXIT } from './errors.js'
import { type Fields, readSettings, readText } from './files.js'
import { type LabelSettings, readLabel } from './label-section.js'
import { readLimitsSection } from './limit-options.js'
import { rigOfFile } from './rig-options.js'
import { aName, type PANEL_LAMPS, STATION_FILE, type TRIGGER } from './station-file.js'
import { completeSymbols } from './symbol-options.js'
import { placesIn } from './toml-places.js'

/** What a station's file says. */
export interface StationSettings {
  readonly name: string
  /** Path of the records, as seen from here. */
  readonly database: string
  readonly lockoutS: number | undefined
  readonly rigs: Readonly<Record<string, RigSettings>>
  readonly reports: Listening | null
  readonly page: Listening | null
  readonly mqtt: MqttSettings | null
  /** What each unit is told, and how its light is made. */
  readonly what: CredentialOptions
  readonly message: MessageOptions
  readonly limits: Limits
  readonly enrollment: Fields | null
  readonly resultTimeoutS: number | null
  readonly blessingTimeoutS: number | null
  readonly label: LabelSettings | null
}

export interface RigSettings {
  readonly config: CompleteConfig
  readonly panel: PanelConfig
  readonly boardContact: Contact | null
}

/** The broker that is told what a station does. */
export interface MqttSettings {
  readonly url: string
  readonly user: string | null
  /** Path of the certificates of who has signed its own, as seen from here. */
  readonly ca: string | null
}

/** Where a server listens. */
export interface Listening {
  readonly host: string | undefined
  readonly port: number | undefined
}

/** A mistake in a file: its line, and the key with the end of a sentence. */
export interface SettingFault {
  readonly line: number
  readonly sentence: string
}

/** Of what `readStation` returns. */
export const isFaulty = (
  read: StationSettings | readonly SettingFault[],
): read is readonly SettingFault[] => Array.isArray(read)

/**
 * Reads the file of a station, and checks all of it.
 *
 * @returns the settings, or all mistakes in the order of their lines
 * @throws CommandError for a file that cannot be read, or is no TOML
 */
export async function readStation(
  path: string,
): Promise<StationSettings | readonly SettingFault[]> {
  const { settings: given, doubts } = await readSettings(path, EXIT.badFixture)
  if (doubts[0]) throw doubts[0]
  const faults: Fault[] = []
  const refuse = (keys: readonly PropertyKey[], fault: string): void =>
    void faults.push({ keys, fault })
  const { data, error } = STATION_FILE.safeParse(given)
  for (const issue of error?.issues ?? []) {
    const { path: keys, message } = issue
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        refuse([...keys, key], 'is not a setting of a station: leave it out')
    } else
      refuse(keys, issue.code === 'invalid_key' ? `is no name of a rig, which ${aName}` : message)
  }
  if (!data) return inOrder(path, faults)

  const {
    name,
    message,
    rigs,
    enrollment,
    result,
    blessing,
    label,
    reports,
    page,
    mqtt,
    limits = {},
  } = data
  const configs = Object.entries(rigs).flatMap(([rig, section]): [string, RigSettings][] => {
    const { trigger, lamps, ...ofRig } = section
    if (trigger && (trigger.input === undefined) === (trigger.line === undefined)) {
      refuse(['rigs', rig, 'trigger'], 'needs a line, or input = "board", and not both')
    }
    try {
      const config = realTime(rigOfFile(ofRig))
      if ((config.kind === 'gpio' || config.kind === 'pwm') && !config.photodiode) {
        refuse(['rigs', rig], 'has no photodiode, by which each light is proven: give it one')
      }
      return [[rig, { config, ...panelOf(trigger, lamps) }]]
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      refuse(['rigs', rig], `is wrong: ${error.message}`)
      return []
    }
  })
  for (const [rig, place, other] of sharedPlaces(configs)) {
    refuse(['rigs', rig], `needs another place: ${other} has ${place}`)
  }
  if (Object.keys(rigs).length === 0) refuse(['rigs'], 'has none: write [rigs.left]')
  if (reports?.port !== undefined && reports.port === page?.port) {
    refuse(['page', 'port'], 'is that of [reports]: take another one')
  }
  if (result && !enrollment) {
    refuse(
      ['result'],
      'needs an [enrollment]: a result counts for the device that has come with the token',
    )
  }
  if (enrollment?.['api'] === 'v5') {
    refuse(['enrollment', 'api'], 'must be v1: how v5 tells which device has come is not public')
  }
  if (result && enrollment && !reports)
    refuse(['result'], 'needs a [reports]: where devices tell it')
  if (blessing && !result) refuse(['blessing'], 'needs a [result]: a device is blessed after it')
  const beside = (file: string): string => resolve(dirname(path), file)
  const around = {
    station: name,
    rigs: Object.keys(rigs),
    hasEnrollment: enrollment !== undefined,
    hasResult: result !== undefined,
    beside,
  }
  const labels = label ? await readLabel(label, around, refuse) : null
  if (faults.length > 0) return inOrder(path, faults)

  const { symbolRateHz, dialect, syncSymbols } = completeSymbols(data, EXIT.badFixture)
  const {
    config,
    'static-address': staticAddress,
    'allow-nonstandard': nonstandard,
    ...what
  } = message
  const allowNonstandard = nonstandard ?? false
  return {
    name,
    database: beside(data.database),
    lockoutS: data.lockout,
    rigs: Object.fromEntries(configs),
    reports: reports ? { host: reports.host, port: reports.port } : null,
    page: page ? { host: page.host, port: page.port } : null,
    mqtt: mqtt
      ? { url: mqtt.url, user: mqtt.user ?? null, ca: mqtt.ca ? beside(mqtt.ca) : null }
      : null,
    what: defined({
      ...what,
      staticAddress,
      allowNonstandard,
      config: config && beside(config),
    }),
    message: { symbolRateHz, dialect, syncSymbols, allowNonstandard },
    limits: readLimitsSection(limits, path),
    enrollment: enrollment ?? null,
    resultTimeoutS: result?.timeout ?? null,
    blessingTimeoutS: blessing?.timeout ?? null,
    label: labels,
  }
}

/** In the file, what a station has from its start to its end. */
const LASTING = {
  name: 'name',
  database: 'database',
  lockoutS: 'lockout',
  reports: '[reports]',
  page: '[page]',
  mqtt: '[mqtt]',
} as const

/** What of a file that was read again counts only after a restart, as the file names it. */
export function needingRestart(running: StationSettings, read: StationSettings): string[] {
  const keys = Object.keys(LASTING) as (keyof typeof LASTING)[]
  const rigs = new Set([...Object.keys(running.rigs), ...Object.keys(read.rigs)])
  return [
    ...keys.filter((key) => !isDeepStrictEqual(running[key], read[key])).map((key) => LASTING[key]),
    ...Array.from(rigs)
      .filter((rig) => !isDeepStrictEqual(running.rigs[rig], read.rigs[rig]))
      .map((rig) => `[rigs.${rig}]`),
  ]
}

/** Where two rigs would be at once: the later one, the place and the earlier one. */
function* sharedPlaces(
  rigs: readonly (readonly [string, RigSettings])[],
): Generator<[rig: string, place: string, other: string]> {
  const taken = new Map<string, string>()
  for (const [rig, { config, panel }] of rigs) {
    for (const place of placesOf(config, panel)) {
      const other = taken.get(place)
      if (other !== undefined) yield [rig, place, other]
      else taken.set(place, rig)
    }
  }
}

function placesOf(config: CompleteConfig, { button, lamps }: PanelConfig): string[] {
  const lines =
    config.kind === 'gpio'
      ? [config.whiteLine, config.greyLine]
      : config.kind === 'pwm'
        ? [config.pin]
        : []
  const photodiode = 'photodiode' in config ? config.photodiode : undefined
  const boards = [config, photodiode].flatMap((part) =>
    part?.kind === 'bridge' ? [part.port ?? 'the only board'] : [],
  )
  return [
    ...[...lines, ...(button ? [button.line] : []), ...Object.values(lamps)].map(
      (line) => `BCM ${line}`,
    ),
    ...boards,
    ...(photodiode?.kind === 'adc' ? ['the ADC'] : []),
  ]
}

/** Operators and devices live in real time. */
const realTime = (config: CompleteConfig): CompleteConfig =>
  config.kind === 'emulated' ? { ...config, realTime: true } : config

function panelOf(
  trigger: z.output<typeof TRIGGER> | undefined,
  { 'active-low': lampsActiveLow = false, ...lamps }: Partial<z.output<typeof PANEL_LAMPS>> = {},
): Pick<RigSettings, 'panel' | 'boardContact'> {
  const contact = trigger && {
    on: trigger.on,
    activeLow: trigger['active-low'],
    debounceMs: trigger.debounce,
  }
  const { line, pull } = trigger ?? {}
  return {
    panel: {
      button: contact && line !== undefined && pull ? { ...contact, line, pull } : null,
      lamps: defined(lamps),
      lampsActiveLow,
    },
    boardContact: contact && line === undefined ? contact : null,
  }
}

interface Fault {
  readonly keys: readonly PropertyKey[]
  /** The end of a sentence that begins with them. */
  readonly fault: string
}

async function inOrder(path: string, faults: readonly Fault[]): Promise<readonly SettingFault[]> {
  const lineOf = await placesIn(await readText(path, EXIT.badFixture))
  return faults
    .map(({ keys, fault }) => ({
      line: lineOf(keys) ?? 1,
      sentence: `${keys.map(String).join('.')} ${fault}`.trim(),
    }))
    .sort((a, b) => a.line - b.line)
}

/** Without the members that are undefined. */
const defined = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
