import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

/** Operations and tags of IPP (RFC 8011), of which only these are used. */
const OPERATIONS = { job: 0x0009, printer: 0x000b } as const
const TAG = { operation: 0x01, end: 0x03, charset: 0x47, language: 0x48, uri: 0x45, keyword: 0x44 }
const FIRST_VALUE_TAG = 0x10
const NUMBERS = [0x21, 0x22, 0x23] // integer, boolean, enum
const SUCCESS_BELOW = 0x0100
const NOT_FOUND = 0x0406

/** What a server of IPP says of a job or a printer, by names; of several values the first. */
export type IppAnswer = ReadonlyMap<string, string | number>

/** Where a server is, as CUPS writes it: the path of a socket, or HOST:PORT. */
export type IppPlace = string

/**
 * Asks for attributes of a job or a printer. Null where there is none of that URI.
 *
 * @throws Error of the system, or for an answer that is none
 */
export async function askIpp(
  place: IppPlace,
  what: keyof typeof OPERATIONS,
  uri: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<IppAnswer | null> {
  const answer = await post(place, requestBytes(what, uri, names), signal)
  const status = answer.readUInt16BE(2)
  if (status === NOT_FOUND) return null
  if (status >= SUCCESS_BELOW) throw new Error(`IPP status 0x${status.toString(16)}`)
  return attributesIn(answer)
}

function requestBytes(
  what: keyof typeof OPERATIONS,
  uri: string,
  names: readonly string[],
): Buffer {
  const header = Buffer.from([2, 0, 0, OPERATIONS[what], 0, 0, 0, 1, TAG.operation])
  return Buffer.concat([
    header,
    attribute(TAG.charset, 'attributes-charset', 'utf-8'),
    attribute(TAG.language, 'attributes-natural-language', 'en'),
    attribute(TAG.uri, `${what}-uri`, uri),
    // More values of one attribute have no name.
    ...names.map((name, n) => attribute(TAG.keyword, n === 0 ? 'requested-attributes' : '', name)),
    Buffer.from([TAG.end]),
  ])
}

function attribute(tag: number, name: string, value: string): Buffer {
  const text = (of: string): Buffer => {
    const bytes = Buffer.from(of)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  return Buffer.concat([Buffer.from([tag]), text(name), text(value)])
}

/** @throws RangeError for an answer that is cut off */
function attributesIn(answer: Buffer): IppAnswer {
  const found = new Map<string, string | number>()
  let at = 8
  const take = (): Buffer => {
    const length = answer.readUInt16BE(at)
    at += 2 + length
    return answer.subarray(at - length, at)
  }
  for (;;) {
    const tag = answer.readUInt8(at++)
    if (tag === TAG.end) return found
    if (tag < FIRST_VALUE_TAG) continue // a group begins
    const name = take().toString()
    const value = take()
    if (name === '') continue
    const isNumber = NUMBERS.includes(tag)
    found.set(name, isNumber ? value.readIntBE(0, value.length) : value.toString())
  }
}

/** More than any answer has. */
const MOST_BYTES = 65_536

async function post(place: IppPlace, body: Buffer, signal: AbortSignal): Promise<Buffer> {
  const { hostname, port } = new URL(place.startsWith('/') ? 'http://localhost' : `http://${place}`)
  const to = place.startsWith('/') ? { socketPath: place } : { hostname, port: port || 631 }
  const headers = { 'content-type': 'application/ipp', 'content-length': body.length }
  const asked = request({ ...to, method: 'POST', path: '/', headers, signal })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`HTTP status ${response.statusCode}`)
  const parts: Buffer[] = []
  let length = 0
  for await (const part of response) {
    length += part.length
    if (length > MOST_BYTES) throw new Error('an answer without an end')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
