import type { Command } from 'commander'
import type { ZodType } from 'zod'
import type { Limits } from '../bench/figures.js'
import {
  type CompleteConfig,
  completeConfig,
  PHOTODIODE_KINDS,
  PHOTODIODES,
  type PhotodiodeKind,
  RIG_KINDS,
  RIGS,
  type RigKind,
} from '../rig/config.js'
import { RigError } from '../rig/errors.js'
import { type EnrollmentSection, readEnrollmentSection } from './enrollment-section.js'
import { CommandError, EXIT } from './errors.js'
import { type Fields, isObject, readSettings } from './files.js'
import { addSettings, camelCase, LIGHT_FLAGS, nameOf } from './light-options.js'
import { readLimitsSection } from './limit-options.js'
import {
  completeSymbols,
  type Fault,
  SYMBOL_FAULTS,
  type SymbolSettings,
} from './symbol-options.js'

const DEFAULT_KIND: RigKind = 'bridge'

/** How to make the light: which rig, and how the symbols are made. */
export interface LightSettings extends SymbolSettings {
  readonly rig: CompleteConfig
  /** Of the server that gives tokens; null where the fixture file says nothing of one. */
  readonly enrollment: EnrollmentSection | null
  /** Of figures of the bench; none where the fixture file says nothing of them. */
  readonly limits: Limits
  /** What the fixture file and the flags say, by the names of the file; without defaults. */
  readonly byName: Fields
}

/** The flag of each setting of a rig, or of the photodiode beside one, by its name in the configuration. */
const RIG_FLAGS = {
  port: '--port <name>',
  photodiodePort: '--photodiode-port <name>',
  whiteLine: '--white-line <bcm>',
  greyLine: '--grey-line <bcm>',
  activeLow: '--active-low',
  pin: '--pin <bcm>',
  channel: '--adc-channel <n>',
  greyRatio: '--grey <ratio>',
  brightness: '--brightness <part>',
  sampleRateHz: '--sample-rate <hz>',
}
const FLAGS = { ...RIG_FLAGS, ...LIGHT_FLAGS }

/** What a fixture file says of a rig, by the flags' names; each value is right by itself. */
interface Settings {
  readonly rig?: RigKind
  readonly photodiode?: PhotodiodeKind
  readonly [name: string]: unknown
}

const isOneOf =
  (kinds: readonly unknown[], message: string): Fault =>
  (value) =>
    kinds.includes(value) ? null : message

type Schemas = Readonly<Record<string, ZodType>>
const fieldsOf = (kind: RigKind): Schemas => RIGS[kind].shape

/** What is set of a photodiode beside a rig; of two boards each has a port. */
function fieldsBeside(rig: RigKind, photodiode: PhotodiodeKind | undefined): Schemas {
  if (photodiode === undefined || !hasRoomBeside(rig)) return {}
  const { port, ...others }: Schemas = PHOTODIODES[photodiode].shape
  if (!port) return others
  return 'port' in fieldsOf(rig)
    ? { ...others, photodiodePort: port.describe('port of the board that looks on') }
    : { ...others, port }
}

const hasRoomBeside = (kind: RigKind): boolean => 'photodiode' in fieldsOf(kind)

const rigsWith = (field: string): RigKind[] => RIG_KINDS.filter((kind) => field in fieldsOf(kind))
const photodiodesWith = (field: string, rigs = RIG_KINDS): PhotodiodeKind[] =>
  PHOTODIODE_KINDS.filter((kind) => rigs.some((rig) => field in fieldsBeside(rig, kind)))

/** What is known of a setting, which is the same wherever it is one. */
const schemaOf = (field: string): ZodType =>
  RIG_KINDS.flatMap((rig) => [
    fieldsOf(rig),
    ...PHOTODIODE_KINDS.map((photodiode) => fieldsBeside(rig, photodiode)),
  ]).find((fields) => field in fields)?.[field] as ZodType

const FIELDS = new Map(Object.entries(FLAGS).map(([field, flag]) => [nameOf(flag), field]))

const FAULTS: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ['rig', isOneOf(RIG_KINDS, `must be one of ${RIG_KINDS.join(', ')}`)],
  ['photodiode', isOneOf(PHOTODIODE_KINDS, `must be ${PHOTODIODE_KINDS.join(' or ')}`)],
  ...Object.entries(SYMBOL_FAULTS),
  ...Array.from(FIELDS, ([name, field]): [string, Fault] => [
    name,
    (value) => schemaOf(field).safeParse(value).error?.issues[0]?.message ?? null,
  ]),
])

/** Adds the options of the rig. */
export function addRigOptions(command: Command): Command {
  command
    .optionsGroup('The rig:')
    .option('--rig <kind>', `${RIG_KINDS.join(' or ')} (default: ${DEFAULT_KIND})`)
    .option(
      '--photodiode <kind>',
      `${rigsWith('photodiode').join(', ')}: what sees the light, ${PHOTODIODE_KINDS.join(' or ')}`,
    )
  addSettings(command, RIG_FLAGS, (field) => {
    const schema = schemaOf(field)
    const [only, ...others] = [...rigsWith(field), ...photodiodesWith(field)]
    return others.length > 0 ? schema : schema.describe(`${only}: ${schema.description}`)
  }).option(
    '--fixture <file>',
    'options of the rig, its light and the symbols from a TOML file; a flag beats the file',
  )
  command.optionsGroup("The emulated rig's light:")
  return addSettings(command, LIGHT_FLAGS, schemaOf)
}

/** Puts flags over the fixture file and defaults under both. Throws CommandError. */
export async function loadLightSettings(
  flags: Readonly<Record<string, unknown>>,
): Promise<LightSettings> {
  const { fixture } = flags
  const {
    enrollment = null,
    limits = {},
    ...fromFile
  } = typeof fixture === 'string' ? await readFixture(fixture) : ({} as FixtureFile)
  const names = [...FAULTS.keys()].map((name) => [name, flags[camelCase(name)]])
  const fromFlags = Object.fromEntries(names.filter(([, value]) => value !== undefined))
  const given = check(fromFlags, EXIT.usage, '--')
  const settings = { ...fromFile, ...given }
  const kind = settings.rig ?? DEFAULT_KIND
  checkFit(given, kind, EXIT.usage, '--')
  checkPhotodiodeFit(given, kind, settings.photodiode)
  // A flag may choose another rig than the file is for.
  if (kind === fromFile.rig) checkFit(fromFile, kind, EXIT.badFixture, `${fixture}: `)
  const symbols = completeSymbols(settings, flags.sync === undefined ? EXIT.badFixture : EXIT.usage)
  // What no flag says anything of is the file's.
  const isOfFile = typeof fixture === 'string' && !Object.keys(given).some(isOfRig)
  const source = isOfFile
    ? { exitCode: EXIT.badFixture, prefix: `${fixture}: `, dashes: '' }
    : { exitCode: EXIT.usage, prefix: '', dashes: '--' }
  checkPins(kind, settings, source)
  const rig = completeRig(kind, settings, source)
  return { rig, enrollment, limits, byName: settings, ...symbols }
}

interface FixtureFile extends Settings {
  readonly enrollment?: EnrollmentSection
  readonly limits?: Limits
}

async function readFixture(path: string): Promise<FixtureFile> {
  const { settings, doubts } = await readSettings(path, EXIT.badFixture)
  if (doubts[0]) throw doubts[0]
  if (!isObject(settings)) {
    throw new CommandError(EXIT.badFixture, `${path}: give settings of a rig by their names`)
  }
  const { enrollment, limits, ...ofRig } = settings
  return {
    ...check(ofRig, EXIT.badFixture, `${path}: `),
    ...(enrollment !== undefined && { enrollment: readEnrollmentSection(enrollment, path) }),
    ...(limits !== undefined && { limits: readLimitsSection(limits, path) }),
  }
}

function check(settings: Fields, exitCode: number, prefix: string): Settings {
  const [first] = rigFaults(settings)
  if (first) throw new CommandError(exitCode, `${prefix}${first.join(' ')}`)
  return settings as Settings
}

/** What is wrong with settings as a fixture file has them, each taken alone: its name, and the end of a sentence. */
export function rigFaults(settings: Fields): [name: string, fault: string][] {
  return Object.entries(settings).flatMap(([name, value]): [string, string][] => {
    const faultOf = FAULTS.get(name)
    const fault = faultOf ? faultOf(value) : 'is not a setting of a rig'
    return fault ? [[name, fault]] : []
  })
}

/** The rig that settings of a file are of, each of which is right when taken alone. Throws CommandError. */
export function rigOfFile(settings: Fields): CompleteConfig {
  const kind = (settings as Settings).rig ?? DEFAULT_KIND
  const source = { exitCode: EXIT.badFixture, prefix: '', dashes: '' }
  checkFit(settings, kind, EXIT.badFixture, '')
  checkPins(kind, settings, source)
  return completeRig(kind, settings, source)
}

/** Refuses settings that the rig would ignore: whoever gives them means something by it. */
function checkFit(settings: Settings, kind: RigKind, exitCode: number, prefix: string): void {
  for (const name of Object.keys(settings)) {
    const rigs = rigsFor(name)
    if (rigs.includes(kind)) continue
    throw new CommandError(exitCode, `${prefix}${name} is for rig ${rigs.join(', ')}, not ${kind}`)
  }
}

/** The rigs that a setting is for, by themselves or with a photodiode beside them. */
function rigsFor(name: string): readonly RigKind[] {
  const field = name === 'photodiode' ? name : FIELDS.get(name)
  if (field === undefined) return RIG_KINDS
  return RIG_KINDS.filter(
    (kind) => field in fieldsOf(kind) || photodiodesWith(field, [kind]).length > 0,
  )
}

/** Refuses flags of another photodiode than there is. In a fixture file, which may be for several, they wait for theirs. */
function checkPhotodiodeFit(
  given: Settings,
  kind: RigKind,
  photodiode: PhotodiodeKind | undefined,
): void {
  for (const name of Object.keys(given)) {
    const field = FIELDS.get(name)
    if (field === undefined || field in { ...fieldsOf(kind), ...fieldsBeside(kind, photodiode) })
      continue
    const wanted = photodiodesWith(field, [kind]).join(' or ')
    throw new CommandError(EXIT.usage, `--${name} is for --photodiode ${wanted}`)
  }
}

const isOfRig = (name: string): boolean =>
  FIELDS.has(name) || name === 'rig' || name === 'photodiode'

/** Where settings that do not go together come from, and how they are named there. */
interface Source {
  readonly exitCode: number
  readonly prefix: string
  readonly dashes: string
}

/** What a rig on the header needs. */
function checkPins(kind: RigKind, settings: Settings, { exitCode, prefix, dashes }: Source): void {
  const needed = Array.from(FIELDS)
    .filter(([, field]) => fieldsOf(kind)[field]?.safeParse(undefined).success === false)
    .map(([name]) => name)
  if (needed.every((name) => settings[name] !== undefined)) return
  const names = needed.map((name) => `${dashes}${name}`)
  throw new CommandError(exitCode, `${prefix}say where the LED is, with ${names.join(' and ')}`)
}

function completeRig(
  kind: RigKind,
  settings: Settings,
  { exitCode, prefix }: Source,
): CompleteConfig {
  const valuesIn = (fields: Schemas) =>
    Object.fromEntries(
      Array.from(FIELDS)
        .map(([name, field]) => [field, settings[name]] as const)
        .filter(([field, value]) => field in fields && value !== undefined),
    )
  const { photodiode } = settings
  const { photodiodePort: port, ...beside } = valuesIn(fieldsBeside(kind, photodiode))
  try {
    return completeConfig({
      kind,
      ...valuesIn(fieldsOf(kind)),
      ...(hasRoomBeside(kind) &&
        photodiode && {
          photodiode: { kind: photodiode, ...beside, ...(port !== undefined && { port }) },
        }),
      ...(kind === 'emulated' && { realTime: process.stderr.isTTY === true }),
    })
  } catch (error) {
    if (!(error instanceof RigError)) throw error
    throw new CommandError(exitCode, `${prefix}${error.message}`, { cause: error })
  }
}
