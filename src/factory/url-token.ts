import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const TOKEN_BYTES = 24
/** 128 bits in base64url. */
const TOKEN = /^[\w-]{22,}$/

/** A secret that lets in whoever has it in a URL: 192 bits, in letters that no URL changes. */
export const newUrlToken = (): string => randomBytes(TOKEN_BYTES).toString('base64url')

/**
 * Tells a token from all others, in a time that does not tell where they differ.
 *
 * @throws RangeError for one that is too short to be a secret, or cannot stand in a URL
 */
export function urlTokenCheck(token: string): (other: string) => boolean {
  if (!TOKEN.test(token)) {
    throw new RangeError('a token in a URL has 22 or more of the letters A-Z, a-z, 0-9, - and _')
  }
  const expected = digest(token)
  return (other) => timingSafeEqual(digest(other), expected)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
