import type { BlessAnswer, ConnectRequest } from '../link/messages.js'
import { isAssigned, isBlessed, newDevice, purposeOf, roleOf } from './groups.js'
import { agentIdOf, newHex16 } from './ids.js'
import type { Change, Device, DeviceGroup, EnrollmentToken } from './records.js'
import { Refused } from './refused.js'
import type { World } from './world.js'

/** A token that a fixture has asked for, or else an app. Without a plan ID it gets a new one. */
export function newToken(
  of: Pick<EnrollmentToken, 'kind' | 'expiresAtMs'> & Partial<EnrollmentToken>,
): EnrollmentToken {
  return {
    id: newHex16(),
    planId: newHex16(),
    fixtureId: null,
    fixtureGroupId: null,
    claimedBy: null,
    claimedAtMs: null,
    ...of,
  }
}

/** The group of a fixture. @throws Refused 403 */
export function fixtureGroupOf(world: World, device: Device): DeviceGroup {
  const group = world.groupOf(device)
  if (!group || roleOf(world, device) !== 'fixture') {
    throw new Refused(403, 'not-a-fixture', 'this device is in no group of factory fixtures')
  }
  return group
}

export interface Connected {
  readonly changes: readonly Change[]
  readonly device: Device
  /** What it has claimed just now. */
  readonly claimed: EnrollmentToken | null
}

/**
 * Lets a device in that was assigned by hand, or whose token nobody else has claimed, and claims that for it. A token that lights a
 * device moves it to the group that the fixture's group targets; one that is blessed, or was assigned to be a fixture, stays what
 * it is (what the real server does with those is not public).
 *
 * @throws Refused 401
 */
export function connect(world: World, request: ConnectRequest, nowMs: number): Connected {
  const { deviceId, macAddress, impType, swVersion, enrollment } = request
  const { secret } = world.account
  const known = world.devices.get(deviceId) ?? newDevice(secret, deviceId)
  const device: Device = { ...known, macAddress, impType, swVersion }
  const isNew = (['macAddress', 'impType', 'swVersion'] as const).some(
    (key) => device[key] !== world.devices.get(deviceId)?.[key],
  )
  const seen: Change[] = isNew ? [{ put: 'device', record: device }] : []

  const token = enrollment ? world.tokens.get(enrollment.token) : undefined
  const isOwn = token !== undefined && token.planId === enrollment?.planId
  if (!isOwn || token.claimedBy === deviceId) {
    if (!isOwn && !isAssigned(world, device)) throw unknownToken(enrollment !== null)
    return { changes: seen, device, claimed: null }
  }
  if (token.claimedBy !== null) throw claimedToken()
  if (nowMs > token.expiresAtMs) {
    throw new Refused(401, 'token-expired', 'the enrollment token is too old: get another one')
  }
  const claimed: EnrollmentToken = { ...token, claimedBy: deviceId, claimedAtMs: nowMs }
  const enrolled: Device = {
    ...device,
    ...(token.kind === 'factory' && lit(world, device, token)),
    planId: token.planId,
    agentId: agentIdOf(secret, token.planId, deviceId),
    enrolledAtMs: nowMs,
    awaitsBlinkUp: token.kind === 'factory' && device.awaitsBlinkUp,
  }
  return {
    changes: [
      { put: 'token', record: claimed },
      { put: 'device', record: enrolled },
    ],
    device: enrolled,
    claimed,
  }
}

const unknownToken = (isShown: boolean): Refused =>
  isShown
    ? new Refused(401, 'token-unknown', 'the enrollment token is none of this server')
    : new Refused(401, 'not-enrolled', 'the device has no token, and nobody has assigned it')

/** Also what a fault of ours says. */
export const claimedToken = (): Refused =>
  new Refused(401, 'token-claimed', 'another device has claimed the enrollment token')

/** What the light of a fixture makes of a device. */
function lit(
  world: World,
  device: Device,
  { fixtureId, fixtureGroupId }: EnrollmentToken,
): Partial<Device> {
  if (isBlessed(world, device) || roleOf(world, device) === 'fixture') return {}
  const groupId = world.groups.get(fixtureGroupId ?? '')?.dutTargetId ?? null
  return { groupId, fixtureId, fixtureGroupId }
}

export interface Blessed {
  readonly changes: readonly Change[]
  readonly answer: BlessAnswer
  /** Where it has come into just now. */
  readonly group: DeviceGroup | null
}

/**
 * Moves a device from the DUTs to the production group that its fixture's group targets. Of one that is there the answer is the same again.
 *
 * @throws Refused 403
 */
export function bless(world: World, device: Device): Blessed {
  const group = world.groupOf(device)
  if (group && isBlessed(world, device)) {
    return { changes: [], answer: blessedIn(group), group: null }
  }
  if (!group || purposeOf(group.type) !== 'dut') {
    throw new Refused(403, 'not-a-dut', 'this device is in no group of devices under test')
  }
  const fixtureGroup = world.groups.get(device.fixtureGroupId ?? '')
  const target = world.groups.get(fixtureGroup?.productionTargetId ?? '')
  if (!target) {
    const answer = { blessed: false, loadCodeAfterBlessing: false }
    return { changes: [], answer, group: null }
  }
  const record = { ...device, groupId: target.id, awaitsBlinkUp: !target.loadCodeAfterBlessing }
  return { changes: [{ put: 'device', record }], answer: blessedIn(target), group: target }
}

const blessedIn = ({ loadCodeAfterBlessing }: DeviceGroup): BlessAnswer => ({
  blessed: true,
  loadCodeAfterBlessing,
})
