import type { DeviceReport } from '../records/cycle-record.js'

/** What is answered to a body that tells nothing. */
export interface ReportRefusal {
  readonly status: 400
  readonly text: string
}

/** What the server's webhook tells when a device was blessed. */
export interface Blessing {
  readonly deviceId: string
  /** Null where it says none. */
  readonly impId: string | null
}

/** As one of the published fixtures answers. */
const NOT_READ = { status: 400, text: 'Could not process JSON' } as const
const NO_DEVICE = { status: 400, text: 'device_id must be 16 hex digits' } as const

/** Published bodies have a dozen values in two levels; what is beyond these bounds is left out, and "…" stands in its place. */
const MOST_VALUES = 500
const MOST_LEVELS = 6
const MOST_CHARACTERS = 2000
const LEFT_OUT = '…'

/**
 * Reads what a device or its agent has posted: any of the published bodies, as JSON or as a form. Senders do not repeat, so as much is taken as
 * can be: whatever is no ID, MAC or outcome stays among the values.
 */
export function readDeviceReport(
  body: Uint8Array,
  contentType: string | undefined,
): DeviceReport | ReportRefusal {
  const told = readFields(body, contentType)
  if (!told) return NOT_READ
  const take = <T>(read: (value: unknown) => T | null, ...keys: string[]): T | null => {
    for (const key of keys) {
      const value = read(told.get(key))
      if (value === null) continue
      told.delete(key)
      return value
    }
    return null
  }
  const deviceId = take(idOf, 'device_id') ?? takeNested(told) ?? take(idOf, 'id')
  const mac = take(macOf, 'mac')
  // Some tell both: a device has passed only if nothing says that it has not.
  const outcomes = [take(truthOf, 'success'), take(truthOf, 'passed')]
  const success = outcomes.includes(false) ? false : outcomes.includes(true) ? true : null
  return { deviceId, mac, success, values: boundedObject([...told], { left: MOST_VALUES }, 1) }
}

/** Reads what the server's webhook of a blessing posts, as JSON or as a form. */
export function readBlessing(
  body: Uint8Array,
  contentType: string | undefined,
): Blessing | ReportRefusal {
  const told = readFields(body, contentType)
  if (!told) return NOT_READ
  const deviceId = idOf(told.get('device_id'))
  return deviceId === null ? NO_DEVICE : { deviceId, impId: idOf(told.get('imp_id')) }
}

type Fields = Map<string, unknown>

/** Bytes that are no UTF-8, as a network's name may have, cost their characters only. */
const utf8 = new TextDecoder()

/** Null for what is neither a JSON object nor a form. */
function readFields(body: Uint8Array, contentType = ''): Fields | null {
  const text = utf8.decode(body)
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(contentType)
  // Programs that post JSON and say nothing of its type have it sent as a form.
  if (isForm && !/^\s*[{[]/.test(text)) {
    const fields = new Map<string, unknown>(new URLSearchParams(text))
    return fields.size > 0 ? fields : null
  }
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? new Map(Object.entries(value)) : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function takeNested(told: Fields): string | null {
  const info = told.get('deviceInfo')
  if (!isObject(info)) return null
  const { deviceId, ...others } = info
  const id = idOf(deviceId)
  if (id === null) return null
  if (Object.keys(others).length > 0) told.set('deviceInfo', others)
  else told.delete('deviceInfo')
  return id
}

const hexOf =
  (form: RegExp) =>
  (value: unknown): string | null =>
    typeof value === 'string' && form.test(value) ? value.replace(/[:-]/g, '').toLowerCase() : null
const idOf = hexOf(/^[\da-f]{16}$/i)
const macOf = hexOf(/^[\da-f]{2}([:-]?[\da-f]{2}){5}$/i)

/** Forms have texts, and programs for small devices have numbers. */
function truthOf(value: unknown): boolean | null {
  if (typeof value === 'object') return null
  const word = String(value).toLowerCase()
  return word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : null
}

function bounded(value: unknown, room: { left: number }, level: number): unknown {
  if (typeof value === 'string') return boundedText(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (level > MOST_LEVELS) return LEFT_OUT
  if (!Array.isArray(value)) return boundedObject(Object.entries(value), room, level)
  const items: unknown[] = []
  for (const item of value) {
    if (room.left-- <= 0) return [...items, LEFT_OUT]
    items.push(bounded(item, room, level + 1))
  }
  return items
}

function boundedObject(
  entries: readonly [string, unknown][],
  room: { left: number },
  level: number,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [key, value] of entries) {
    if (key in Object.prototype) continue
    if (room.left-- <= 0) return { ...kept, [LEFT_OUT]: LEFT_OUT }
    kept[boundedText(key)] = bounded(value, room, level + 1)
  }
  return kept
}

/** Only what every database takes in JSON: some refuse the character 0 and halves of a pair. */
function boundedText(text: string): string {
  const isLong = text.length > MOST_CHARACTERS
  const cut = isLong ? `${text.slice(0, MOST_CHARACTERS)}${LEFT_OUT}` : text
  return cut.replaceAll('\0', '\ufffd').toWellFormed()
}
