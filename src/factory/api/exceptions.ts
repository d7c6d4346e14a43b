import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

/** This package's own code: the place of an exception of ours is the firmware's line that called it. */
const OURS = fileURLToPath(new URL('../../', import.meta.url))
const NOT_FIRMWARE = [OURS, 'node:', 'node_modules']
const PLACE = /(?:at |\(|^\s*)([^()\s][^()]*):(\d+):\d+\)?$/

/** An exception in one line, with the place in the firmware that it comes from, where it tells one. */
export function describeException(error: unknown): string {
  if (!(error instanceof Error)) return textOf(error)
  const [sentence = '', ...lines] = error.message.trim().split('\n')
  const place = placeIn(lines) ?? placeIn((error.stack ?? '').split('\n'))
  const name = ['Error', 'FactoryError'].includes(error.name) ? '' : `${error.name}: `
  return `${name}${sentence.trim().replace(/\.$/, '')}${place ? ` (${place})` : ''}`
}

/** Anything as a line of a log. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof Error
    ? `${value.name}: ${value.message}`
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY })
}

/** Such as "fixture.ts:12". */
function placeIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const [, path = '', number] = line.match(PLACE) ?? []
    const file = path.startsWith('file:') ? fileURLToPath(path) : path
    if (number && !NOT_FIRMWARE.some((part) => file.includes(part))) {
      return `${basename(file)}:${number}`
    }
  }
  return undefined
}
