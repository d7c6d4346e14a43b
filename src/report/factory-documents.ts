import { z } from 'zod'
import { document, flag, part, SETTINGS, seconds, shared, text } from './schema.js'

/** What the stand-ins of imps and of their server print, a line for whatever happens. */

const STORED = shared(
  'Stored',
  z.strictObject({
    ...SETTINGS.omit({ clear: true, unknownTlvs: true }).shape,
    country: z.int().describe('What `imp.setcountry` was given').optional(),
  }),
  'What a device has stored; what it has not is left out. Secrets are `********`, unless they were asked for with `--show-secrets`.',
)

const IMP_EVENTS = [
  'started',
  'led',
  'blinkup',
  'received',
  'not-received',
  'settings',
  'stage',
  'stuck',
  'updating',
  'connected',
  'disconnected',
  'running',
  'said',
  'pin',
  'blessed',
  'handed-over',
  'restarted',
  'asleep',
  'off',
] as const

/** What happens to a stand-in of an imp. */
const IMP_LINE = {
  timeS: seconds('Since it got its power'),
  event: z.enum(IMP_EVENTS).describe('What happens'),
  text: text('The same in words; of `said`, what is said'),
  led: z
    .strictObject({
      state: text('What the status LED tells'),
      colours: z
        .array(z.enum(['green', 'red', 'orange', 'dark']))
        .readonly()
        .describe('What it shows, one after another; null where that is not public')
        .nullable(),
      stepS: seconds(
        'How long it shows each of them; null where that is not public, or it stays',
      ).nullable(),
    })
    .describe('Of `led`')
    .optional(),
  isOpen: flag('Of `blinkup`: whether the device takes BlinkUp').optional(),
  isCold: flag('Of `started`: whether its power came, and not just its program').optional(),
  settings: STORED.describe('Of `settings`').optional(),
  reason: text(
    'Of `not-received`, one of the reasons of a reception; of `stuck`, `disconnected` and `restarted`, a sentence',
  ).optional(),
  advice: text('Of `not-received`: what to change on the bench first').optional(),
  stage: z
    .enum(['searching', 'joining', 'getting-address', 'reaching-proxy', 'reaching-server'])
    .describe('Of `stage` and `stuck`: how far it is on its way to the server')
    .optional(),
  role: z
    .enum(['fixture', 'dut', 'application', 'none'])
    .describe('Of `connected` and `running`: what its program is for; `none` for none')
    .optional(),
  deviceGroupId: text('Of `connected`').optional(),
  agentUrl: text('Of `connected`: where its agent is').optional(),
  kind: z
    .enum(['log', 'error', 'hint'])
    .describe(
      'Of `said`: by its program, or about it, such as a trap that a real imp does not tell',
    )
    .optional(),
  pin: text('Of `pin`').optional(),
  level: part('Of `pin`: from low to high').optional(),
  success: flag('Of `blessed`: whether it is').optional(),
  seconds: seconds('Of `updating` and `asleep`').optional(),
}

export const DUT = document('blinkup.dut/1', IMP_LINE)
export const FIXTURE = document('blinkup.fixture/1', IMP_LINE)

export const CLOUD = document('blinkup.cloud/1', {
  time: text('When it happened, ISO 8601 in UTC'),
  deviceId: text('Of which device; null for what is of none').nullable(),
  kind: text(
    'What: `token`, `enrolled`, `refused`, `online`, `offline`, `blessed`, `bless-failed`, `group`, `device-log`, `device-error`, `agent-log`, `agent-error`, `webhook`; `hint`, what a real server would not tell; `failure`, of the server itself',
  ),
  text: text('It in words, as in the text that is printed without `--json`'),
})
