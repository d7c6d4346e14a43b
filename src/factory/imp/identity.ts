import { randomBytes } from 'node:crypto'
import type { DeviceIdentity } from '../api/host.js'
import { FactoryError } from '../errors.js'

/** The first four digits of a device ID, where they are published (docs/factory.md); those of other types are ours. */
const PREFIXES: Readonly<Record<string, string>> = {
  imp003: '3000',
  imp006: '600a',
  imp006a: '600a',
  imp006b: '600b',
}
const OTHER_PREFIX = '5000'

/** Of a MAC address that no manufacturer gives: administered locally (IEEE 802). */
const LOCAL = '02'

/**
 * Who a stand-in of an imp is.
 *
 * @param deviceId 16 hex digits; default one by chance
 * @throws FactoryError 'wrong-argument'
 */
export function identityOf({
  deviceId,
  impType = 'imp004m',
  impOs = 42,
}: {
  readonly deviceId?: string | undefined
  readonly impType?: string | undefined
  readonly impOs?: number | undefined
} = {}): DeviceIdentity {
  const id = (deviceId ?? chanceId(impType)).toLowerCase()
  if (!/^[\da-f]{16}$/.test(id)) {
    throw new FactoryError('wrong-argument', 'give a device ID of 16 hex digits')
  }
  return { deviceId: id, macAddress: id.slice(4), impType, impOs }
}

const chanceId = (impType: string): string =>
  (PREFIXES[impType] ?? OTHER_PREFIX) + LOCAL + randomBytes(5).toString('hex')
