import type { ConfigParams, ConnectAnswer } from '../link/messages.js'
import { agentIdOf } from './ids.js'
import type { Change, Device, GroupType } from './records.js'
import { badRequest, notFound, Refused } from './refused.js'
import type { World } from './world.js'

/** What the firmware of a device is for, if it has one. */
export type DeviceRole = ConnectAnswer['role']

/** What a group is for; its test twin is for the same. */
export type Purpose = 'development' | 'factoryfixture' | 'dut' | 'production'

export const purposeOf = (type: GroupType): Purpose =>
  type.replace(/^pre_|_devicegroup$/g, '') as Purpose

const purposeOfGroup = (world: World, device: Device): Purpose | undefined => {
  const type = world.groupOf(device)?.type
  return type && purposeOf(type)
}

/** What the firmware is for that a device gets. */
export function roleOf(world: World, device: Device): DeviceRole {
  if (device.awaitsBlinkUp) return 'none'
  switch (purposeOfGroup(world, device)) {
    case undefined:
      return 'none'
    case 'factoryfixture':
      return 'fixture'
    case 'dut':
      return 'dut'
    default:
      return 'application'
  }
}

/** Whether somebody has given it its group by hand: then it needs no token to connect. */
export const isAssigned = (world: World, device: Device): boolean =>
  ['development', 'factoryfixture'].includes(purposeOfGroup(world, device) ?? '')

export const isBlessed = (world: World, device: Device): boolean =>
  purposeOfGroup(world, device) === 'production'

/** `imp.configparams` of a device and of its agent, both generations of keys; keys that do not apply are absent. */
export function configparamsOf(
  world: World,
  device: Device,
  role: DeviceRole,
  agentUrl: (agentId: string) => string,
): { readonly device: ConfigParams; readonly agent: ConfigParams } {
  const own = { deviceid: device.id }
  const fixture = role === 'fixture' ? device : world.devices.get(device.fixtureId ?? '')
  if (!fixture || (role !== 'fixture' && role !== 'dut')) return { device: {}, agent: own }
  const factory = {
    factory_imp_device_id: fixture.id,
    factoryfirmware: true,
    factory_imp: fixture.macAddress,
    ...(role === 'fixture' && { is_factory_fixture: true }),
  }
  const url = role === 'dut' && { factory_fixture_url: agentUrl(fixture.agentId) }
  return { device: factory, agent: { ...factory, ...own, ...url } }
}

/** A device that nobody has seen yet. */
export const newDevice = (secret: string, id: string): Device => ({
  id,
  macAddress: id.slice(4),
  impType: '',
  swVersion: '',
  name: null,
  groupId: null,
  fixtureId: null,
  fixtureGroupId: null,
  planId: null,
  agentId: agentIdOf(secret, null, id),
  enrolledAtMs: null,
  awaitsBlinkUp: false,
})

/**
 * Adds devices to a group by hand. Devices come into a group of DUTs by light only, and into a production group by blessing, or from
 * another one.
 */
export function addToGroup(world: World, groupId: string, devices: readonly Device[]): Change[] {
  const group = world.groups.get(groupId)
  if (!group) throw notFound('device group')
  const purpose = purposeOf(group.type)
  if (purpose === 'dut') {
    throw new Refused(403, 'forbidden', 'devices come into this group by factory BlinkUp only')
  }
  return devices.map((device) => {
    if ((purpose === 'production') !== isBlessed(world, device)) {
      throw new Refused(
        403,
        'forbidden',
        purpose === 'production'
          ? 'devices come into a production group by blessing, or from another one'
          : 'a blessed device stays in production groups until it is unblessed',
      )
    }
    return { put: 'device', record: { ...device, groupId } }
  })
}

/** Takes devices out of their group; a blessed one only if the unblessing key was given. */
export function removeFromGroup(
  world: World,
  groupId: string,
  devices: readonly Device[],
  hasUnblessingKey: boolean,
): Change[] {
  if (!world.groups.has(groupId)) throw notFound('device group')
  return devices.map((device) => {
    if (device.groupId !== groupId) throw badRequest(`device ${device.id} is not in this group`)
    if (isBlessed(world, device) && !hasUnblessingKey) {
      throw new Refused(
        403,
        'forbidden',
        'a blessed device leaves its group only with the unblessing key (header X-Electricimp-Key)',
      )
    }
    return { put: 'device', record: { ...device, groupId: null, awaitsBlinkUp: false } }
  })
}
