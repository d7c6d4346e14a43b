import { z } from 'zod'
import { FIGURES } from '../bench/figures.js'
import { TREND_NAMES } from '../bench/soak-tally.js'
import { DEBOUNCE_MS } from '../factory/station/trigger.js'
import { numberFrom, wholeFrom } from '../rig/config.js'
import { FIRST_LINE, LAST_LINE } from '../rig/raspberry-pi/gpio-header.js'
import { enrollmentFaults } from './enrollment-section.js'
import { type Fields, isObject } from './files.js'
import { LABEL } from './label-section.js'
import { limitFaults } from './limit-options.js'
import { rigFaults } from './rig-options.js'
import { SYMBOL_FAULTS } from './symbol-options.js'

const text = z.string('must be a text that is not empty').min(1, 'must be a text that is not empty')
const truth = z.boolean('must be true or false')
const aSection = (name: string) => `must be a section: write [${name}]`

const NAME = /^[A-Za-z0-9][\w -]{0,31}$/
export const aName = 'must be 1 to 32 letters, digits, blanks, hyphens or underscores'

const symbol = (name: keyof typeof SYMBOL_FAULTS) =>
  z
    .unknown()
    .superRefine((value, context) => {
      const fault = value === undefined ? null : SYMBOL_FAULTS[name](value)
      if (fault) context.addIssue({ code: 'custom', message: fault })
    })
    .optional()

type Faults = (section: Fields) => [name: string, fault: string][]

/** Adds the faults of a section that other commands know, too. */
const checkedBy =
  (faultsOf: Faults) =>
  (section: Fields, context: z.RefinementCtx): void => {
    for (const [key, message] of faultsOf(section)) {
      context.addIssue({ code: 'custom', path: [key], message })
    }
  }

const shared = (name: string, faultsOf: Faults) =>
  z.custom<Fields>(isObject, aSection(name)).superRefine(checkedBy(faultsOf))

/** Whoever limits what is not measured would have no unit pass. */
const messageLimitFaults: Faults = (section) => [
  ...limitFaults(section),
  ...Object.keys(section)
    .filter((name) => name in FIGURES && !(TREND_NAMES as readonly string[]).includes(name))
    .map((name): [string, string] => [
      name,
      `is not measured here: take ${TREND_NAMES.join(', ')}`,
    ]),
]

const bcm = wholeFrom(FIRST_LINE, LAST_LINE)
export const TRIGGER = z.strictObject(
  {
    input: z.literal('board', 'must be board, or left out').optional(),
    line: bcm.optional(),
    pull: z.enum(['up', 'down', 'none'], 'must be up, down or none').default('up'),
    on: z.enum(['press', 'release'], 'must be press or release').default('press'),
    'active-low': truth.default(true),
    debounce: numberFrom(1, 1000).default(DEBOUNCE_MS),
  },
  aSection('rigs.NAME.trigger'),
)
export const PANEL_LAMPS = z.strictObject(
  {
    pass: bcm.optional(),
    fail: bcm.optional(),
    busy: bcm.optional(),
    buzzer: bcm.optional(),
    'active-low': truth.default(false),
  },
  aSection('rigs.NAME.lamps'),
)
/** A fixture file has one rig, and says both of it. */
const ofAllRigs: Faults = (rig) =>
  Object.keys(SYMBOL_FAULTS)
    .filter((name) => name in rig)
    .map((name) => [name, 'is the same for all rigs: write it at the top of the file'])

const RIG = z
  .looseObject(
    { trigger: TRIGGER.optional(), lamps: PANEL_LAMPS.optional() },
    aSection('rigs.NAME'),
  )
  .superRefine(({ trigger, lamps, ...rig }, context) => {
    checkedBy(rigFaults)(rig, context)
    checkedBy(ofAllRigs)(rig, context)
  })

const LISTENING = (name: string) =>
  z
    .strictObject({ host: text.optional(), port: wholeFrom(1, 65_535).optional() }, aSection(name))
    .optional()

const waiting = (name: string) =>
  z.strictObject({ timeout: numberFrom(1, 3600) }, aSection(name)).optional()

const MESSAGE = z
  .strictObject(
    {
      config: text.optional(),
      dummy: truth.optional(),
      ssid: text.optional(),
      open: truth.optional(),
      'static-address': text.optional(),
      proxy: text.optional(),
      'allow-nonstandard': truth.optional(),
    },
    aSection('message'),
  )
  .superRefine(({ dummy, ...told }, context) => {
    const { config, ssid } = told
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message })
    if (dummy) {
      for (const key of Object.keys(told))
        refuse([key], 'is invented by dummy = true: leave one of them out')
    } else if (config === undefined && ssid === undefined) {
      refuse([], 'tells a unit nothing: give it ssid, config or dummy = true')
    }
  })

const aBroker = 'must be mqtt://HOST or mqtts://HOST, perhaps with a port, and no user or password'
const MQTT = z.strictObject(
  { url: z.string(aBroker).refine(isBroker, aBroker), user: text.optional(), ca: text.optional() },
  aSection('mqtt'),
)

function isBroker(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host, href } = new URL(url)
  return /^mqtts?:$/.test(protocol) && host !== '' && href === `${protocol}//${host}`
}

/** All of a station's file. A message is the end of a sentence that begins with the key. */
export const STATION_FILE = z.strictObject(
  {
    name: z.string(aName).regex(NAME, aName),
    database: text,
    rate: symbol('rate'),
    dialect: symbol('dialect'),
    sync: symbol('sync'),
    lockout: numberFrom(0, 600).optional(),
    message: MESSAGE,
    limits: shared('limits', messageLimitFaults).optional(),
    enrollment: shared('enrollment', enrollmentFaults).optional(),
    result: waiting('result'),
    blessing: waiting('blessing'),
    label: LABEL.optional(),
    reports: LISTENING('reports'),
    page: LISTENING('page'),
    mqtt: MQTT.optional(),
    rigs: z.record(
      z.string().regex(NAME, aName),
      RIG,
      'must have a section for each rig: write [rigs.left]',
    ),
  },
  'must hold the settings of a station',
)
