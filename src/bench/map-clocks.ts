import { ClockMap } from '../light/clock.js'
import type { Clock } from '../rig/rig.js'

/**
 * Tells the times of one clock by another, as both are known now.
 *
 * @throws RigError from a clock that cannot be read
 */
export async function mapClocks(from: Clock, to: Clock): Promise<ClockMap> {
  if (from.id === to.id) return ClockMap.identity(from.id)
  const [fromHost, toHost] = await Promise.all([from.toHost(), to.toHost()])
  return fromHost.through(toHost.inverse)
}
