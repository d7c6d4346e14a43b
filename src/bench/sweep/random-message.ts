import { seededRandom } from '../../channel/random.js'
import type { Settings } from '../../packet/index.js'

/** Length byte, type and length of SSID and password, and CRC. */
const FRAME_BYTES = 7
/** With type and length. */
const ENROLLMENT_BYTES = 18
const SSID_BYTES = [1, 32] as const
const PASSWORD_BYTES = [8, 63] as const

const LEAST_BYTES = FRAME_BYTES + SSID_BYTES[0] + PASSWORD_BYTES[0]

/** Lengths of packets that there are credentials for. */
export const MESSAGE_BYTES = [
  LEAST_BYTES,
  FRAME_BYTES + ENROLLMENT_BYTES + SSID_BYTES[1] + PASSWORD_BYTES[1],
] as const

/**
 * Credentials of nobody, whose packet has so many bytes: an SSID and a WPA2 password, and an enrollment where there is room for it.
 *
 * @param messageBytes of the packet with its length byte and CRC, a whole number within `MESSAGE_BYTES`
 * @param seed the same gives the same credentials
 */
export function randomSettings(messageBytes: number, seed: number): Settings {
  const random = seededRandom(seed)
  const below = (end: number): number => Math.floor(random() * end)
  const text = (length: number, letters: string): string =>
    Array.from({ length }, () => letters[below(letters.length)]).join('')
  const isEnrolled = messageBytes >= LEAST_BYTES + ENROLLMENT_BYTES
  const bytes = messageBytes - FRAME_BYTES - (isEnrolled ? ENROLLMENT_BYTES : 0)
  const least = Math.max(SSID_BYTES[0], bytes - PASSWORD_BYTES[1])
  const most = Math.min(SSID_BYTES[1], bytes - PASSWORD_BYTES[0])
  const ssidBytes = least + below(most - least + 1)
  return {
    ssid: text(ssidBytes, LETTERS),
    password: text(bytes - ssidBytes, LETTERS),
    ...(isEnrolled && { planId: text(16, HEX), token: text(16, HEX) }),
  }
}

const LETTERS = Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join('')
const HEX = '0123456789abcdef'
