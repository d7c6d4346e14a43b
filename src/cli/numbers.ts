import { InvalidArgumentError } from 'commander'

/** The number that an option gives. */
export function readNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || Number.isNaN(number)) throw new InvalidArgumentError('Give a number.')
  return number
}

/** A year and more. A time without end is a mistake. */
const MOST_SECONDS = 1e8

/** The number of seconds that an option gives. */
export function readSeconds(text: string): number {
  const seconds = Number(text)
  if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
    throw new InvalidArgumentError(`Give a number of seconds above 0, ${MOST_SECONDS} at most.`)
  }
  return seconds
}

/** The whole number from 1 on that an option gives. */
export function readCount(text: string): number {
  const count = Number(text)
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new InvalidArgumentError('Give a whole number from 1 on.')
  }
  return count
}

/** The port of this computer that an option gives. */
export function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text)
  throw new InvalidArgumentError('Give a number from 0 to 65535.')
}
