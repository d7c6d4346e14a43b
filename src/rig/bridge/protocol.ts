import { crc16xmodem } from 'crc'
import { z } from 'zod'
import { RigError } from '../errors.js'
import { impossible } from './understanding.js'

/** The protocol of firmware-bridge/PROTOCOL.md: every line that the board may say, and the range of all that is in it. */

export const NAME = 'blinkup-bridge'
export const PROTOCOL_VERSION = '1'
/** Of every board that the firmware is for. */
export const CLOCK_HZ = 16_000_000

const whole = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.number().min(low).max(high))
const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[\\da-f]{${digits}}$`))
    .transform((text) => Number.parseInt(text, 16))
const flag = z.enum(['0', '1']).transform((text) => text === '1')

/** A time of the board's clock, which wraps. */
const CYCLE = whole(0, 2 ** 32 - 1)
const SYMBOLS = whole(0, 65_535)
const PERMILLE = whole(1, 1000)
const PWM_LEVEL = whole(1, 255)
const COUNT = whole(0, 2 ** 32 - 1)

/** The fields of the reply to each command. What else is in a reply is ignored. */
export const REPLIES = {
  hello: z.object({
    name: z.literal(NAME),
    firmware: z.string().regex(/^[\w.-]{1,32}$/),
    protocol: z.literal(PROTOCOL_VERSION),
    clock: z.literal(String(CLOCK_HZ)).transform(Number),
    symbols: whole(1, 65_535),
    line: whole(1, 65_535),
    now: CYCLE,
    serial: z.string().regex(/^(-|[\w-]{1,16})$/),
  }),
  rate: z.object({ period: whole(CLOCK_HZ / 2100, CLOCK_HZ / 9) }),
  level: z.object({ white: PERMILLE, grey: PERMILLE }),
  load: z.object({ symbols: SYMBOLS, crc: hex(4) }),
  play: z
    .object({
      start: CYCLE,
      period: whole(CLOCK_HZ / 2100, CLOCK_HZ / 9),
      top: PWM_LEVEL,
      white: PWM_LEVEL,
      grey: PWM_LEVEL,
    })
    .refine(({ top, white, grey }) => grey < white && white <= top),
  sample: z.object({ period: whole(CLOCK_HZ / 9100, CLOCK_HZ / 240), bits: z.enum(['8', '10']) }),
  'sense on': z.object({ start: CYCLE, period: whole(CLOCK_HZ / 9100, CLOCK_HZ / 240) }),
  'sense off': z.object({ count: COUNT }),
  'edges on': z.object({ count: COUNT }),
  'edges off': z.object({ count: COUNT }),
  dark: z.object({ symbols: SYMBOLS }),
  stop: z.object({ symbols: SYMBOLS }),
  status: z.object({ playing: flag, symbols: SYMBOLS, sense: flag, edges: flag, now: CYCLE }),
  keepalive: z.object({ ms: whole(100, 60_000) }),
  serial: z.object({}),
  baud: z.object({ rate: whole(115_200, 1_000_000) }),
} as const

export type Command = keyof typeof REPLIES
export type Reply<C extends Command> = z.infer<(typeof REPLIES)[C]>

/** What the board says on its own: the names of the words after the first, and what is in them and in the fields. */
export const EVENTS = {
  ready: { words: [], fields: z.object({ reset: z.string() }) },
  s: {
    words: ['index', 'samples'],
    // Of 8 or 10 bits; a line of 120 characters has room for no more.
    fields: z.object({ index: hex(8), samples: z.string().regex(/^[\da-f]{2,109}$/) }),
  },
  lost: { words: ['index'], fields: z.object({ index: hex(8), count: whole(1, 2 ** 32 - 1) }) },
  e: {
    words: ['index', 'time', 'level'],
    fields: z.object({ index: hex(8), time: hex(8), level: flag }),
  },
  elost: { words: ['index'], fields: z.object({ index: hex(8) }) },
  end: {
    words: ['how'],
    fields: z.object({
      how: z.enum(['done', 'keepalive', 'late']),
      symbols: SYMBOLS,
      late: whole(0, 65_535),
      limit: whole(0, 65_535),
    }),
  },
} as const

export type EventName = keyof typeof EVENTS
export type BoardEvent = {
  [N in EventName]: { readonly name: N } & Readonly<z.infer<(typeof EVENTS)[N]['fields']>>
}[EventName]

/**
 * The fields of the line `ok COMMAND …` that answers a command.
 *
 * @throws RigError 'foreign' when it is not this firmware that answers, 'damaged' when the line is not what PROTOCOL.md allows
 */
export function parseReply<C extends Command>(command: C, words: readonly string[]): Reply<C> {
  const [verb] = command.split(' ', 1)
  const fields = fieldsOf(words)
  if (words[1] !== verb) throw lie(words.join(' '))
  const result = REPLIES[command].safeParse(fields)
  if (result.success) return result.data as Reply<C>
  const wrong = String(result.error.issues[0]?.path[0])
  const isForeign = command === 'hello' && ['name', 'protocol', 'clock'].includes(wrong)
  if (!(wrong in fields)) throw lie(words.join(' '))
  throw isForeign ? foreign(fields) : lie(`${verb} ${wrong}=${fields[wrong]}`)
}

/** What a line says that is no reply; null for one that this version does not know. Throws RigError 'damaged'. */
export function parseEvent(words: readonly string[]): BoardEvent | null {
  const [name = ''] = words
  if (!Object.hasOwn(EVENTS, name)) return null
  const event = EVENTS[name as EventName]
  const places = event.words.map((place, index) => [place, words[index + 1] ?? ''])
  const fields = { ...fieldsOf(words.slice(1 + places.length)), ...Object.fromEntries(places) }
  const result = event.fields.safeParse(fields)
  if (!result.success) throw lie(words.join(' '))
  return { ...result.data, name } as BoardEvent
}

/** CRC-16/XMODEM, as the lines and the symbols have it. */
export function crcOf(text: string): number {
  return crc16xmodem(Buffer.from(text, 'latin1'))
}

/** A line as it may be told: the protocol's are printable ASCII, and what is not is escaped. */
export function printable(line: string): string {
  return line.replace(
    /[^ -~]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

/** The hex digits that end a line. */
export function checksumOf(text: string): string {
  return crcOf(text).toString(16).padStart(4, '0')
}

function fieldsOf(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words.map((word) => word.split('=', 2)).filter((pair) => pair.length === 2)
  return Object.fromEntries(pairs)
}

function foreign({
  name = '',
  protocol = 'unknown',
  clock = '',
}: Readonly<Record<string, string>>): RigError {
  const found =
    name === NAME && protocol === PROTOCOL_VERSION
      ? `has a clock of ${quotable(clock)} Hz, not ${CLOCK_HZ}: use an Uno or a Nano, or flash its firmware`
      : `runs ${quotable(name)} with protocol ${quotable(protocol)}, not ${NAME} with ${PROTOCOL_VERSION}: flash its firmware`
  return new RigError('foreign', `the board ${found}`, { remedy: 'flash' })
}

const MOST_QUOTED = 60

/** What is whole by its checksum, and which nevertheless no board with this firmware says. */
const lie = (said: string): RigError => impossible(`says "${quotable(said)}"`)

/** What the board has said, as errors may show it: a part of it and, as the light is as secret as the password in it, no symbols. */
export function quotable(said: string, mostCharacters = MOST_QUOTED): string {
  const line = said.replace(/[012]{12,}/g, '…')
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line
}
