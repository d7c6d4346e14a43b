import { z } from 'zod'
import { type Answer, type Exchange, readAs } from './exchange.js'
import { newGroup } from './founding.js'
import { addToGroup, newDevice, purposeOf, removeFromGroup } from './groups.js'
import { isSame } from './ids.js'
import { type Change, type Device, type DeviceGroup, GROUP_TYPES } from './records.js'
import { badRequest, Refused } from './refused.js'
import type { Handler, Route } from './routes.js'
import type { Services } from './services.js'
import {
  body,
  created,
  description,
  given,
  inUse,
  missing,
  NOTHING,
  name,
  ok,
  one,
  reference,
} from './v5-answers.js'
import { filtered, groupDocument, page } from './v5-documents.js'

const Targets = z.object({
  production_target: reference.optional(),
  dut_target: reference.optional(),
})
const groupAttributes = {
  description: description.optional(),
  env_vars: z.record(z.string(), z.json()).optional(),
}
const NewGroup = body({
  type: z.enum(GROUP_TYPES),
  attributes: z.object({ name, region: z.string().max(100).optional(), ...groupAttributes }),
  relationships: Targets.extend({ product: reference }),
})
const ChangedGroup = body({
  attributes: z
    .object({
      name: name.optional(),
      load_code_after_blessing: z.boolean().optional(),
      ...groupAttributes,
    })
    .optional(),
  relationships: Targets.optional(),
})
const Devices = z.object({ data: z.array(z.object({ id: z.string() })).max(1000) })

/** Device groups, and who is in them. */
export function groupRoutes(services: Services): Route[] {
  const { world, commit, tell } = services
  const group = (id: string): DeviceGroup => world.groups.get(id) ?? missing('device group')
  const devicesOf = (groupId: string): Device[] =>
    Array.from(world.devices.values()).filter((device) => device.groupId === groupId)

  const moved = (changes: readonly Change[], groupName: string): Answer => {
    commit(changes)
    for (const change of changes) {
      if (!('put' in change) || change.put !== 'device') continue
      tell('group', change.record.id, `now in ${groupName}`)
      services.restartDevice(change.record)
    }
    return NOTHING
  }

  /** Devices that a request names; those that nobody has seen may be added by their device IDs. */
  const named = (exchange: Exchange, mayBeNew: boolean): Device[] =>
    readAs(Devices, exchange).data.map(({ id }) => {
      const isNew = mayBeNew && /^[\da-f]{16}$/i.test(id) && !world.findDevice(id)
      return isNew
        ? newDevice(world.account.secret, id.toLowerCase())
        : (world.findDevice(id) ?? missing('device'))
    })

  const restartGroup: Handler = (_, { id = '' }) => {
    for (const device of devicesOf(group(id).id)) services.restartDevice(device)
    return NOTHING
  }

  const withTargets = (
    group: DeviceGroup,
    { production_target, dut_target }: z.infer<typeof Targets>,
  ): DeviceGroup => {
    if ((production_target || dut_target) && !isFixtures(group)) {
      throw badRequest('only groups of fixtures have targets')
    }
    const target = (purpose: string, id: string): string => {
      const type = world.groups.get(id)?.type
      if (type && purposeOf(type) === purpose) return id
      throw badRequest(`the ${purpose} target is no such device group`)
    }
    return {
      ...group,
      ...(production_target && { productionTargetId: target('production', production_target.id) }),
      ...(dut_target && { dutTargetId: target('dut', dut_target.id) }),
    }
  }

  /** What is published of names and regions. */
  const checked = (record: DeviceGroup): DeviceGroup => {
    const isTaken = Array.from(world.groups.values()).some(
      ({ id, productId, name }) =>
        id !== record.id && productId === record.productId && name === record.name,
    )
    if (isTaken) throw new Refused(409, 'conflict', 'the product has a device group of this name')
    if (record.region !== null && purposeOf(record.type) !== 'production') {
      throw badRequest('only production groups have a region')
    }
    return record
  }

  return [
    [
      'GET /v5/devicegroups',
      (e) => {
        const groups = filtered(e, world.groups.values(), {
          'owner.id': () => world.account.id,
          'product.id': (group) => group.productId,
          type: (group) => group.type,
        })
        return ok(page(e, groups, (group) => groupDocument(services, group)))
      },
    ],
    [
      'POST /v5/devicegroups',
      (e) => {
        const { type, attributes, relationships } = readAs(NewGroup, e).data
        const { name, description = '', region = null, env_vars: envVars = {} } = attributes
        const product = world.products.get(relationships.product.id) ?? missing('product')
        const made = newGroup(type, name, product.id)
        const record = checked(
          withTargets({ ...made, description, region, envVars }, relationships),
        )
        if (isFixtures(record) && !(record.productionTargetId && record.dutTargetId)) {
          throw badRequest('a group of fixtures needs a production_target and a dut_target')
        }
        commit([{ put: 'group', record }])
        return created(groupDocument(services, record))
      },
    ],
    ['GET /v5/devicegroups/:id', (_, { id = '' }) => one(groupDocument(services, group(id)))],
    [
      'PATCH /v5/devicegroups/:id',
      (e, { id = '' }) => {
        const { attributes = {}, relationships = {} } = readAs(ChangedGroup, e).data
        const { env_vars, load_code_after_blessing, ...rest } = attributes
        const older = group(id)
        if (load_code_after_blessing !== undefined && purposeOf(older.type) !== 'production') {
          throw badRequest('only production groups have load_code_after_blessing')
        }
        const changed = {
          ...older,
          ...given(rest),
          envVars: env_vars ?? older.envVars,
          loadCodeAfterBlessing: load_code_after_blessing ?? older.loadCodeAfterBlessing,
        }
        const record = checked(withTargets(changed, relationships))
        commit([{ put: 'group', record }])
        return one(groupDocument(services, record))
      },
    ],
    [
      'DELETE /v5/devicegroups/:id',
      (_, { id = '' }) => {
        const { id: groupId } = group(id)
        if (devicesOf(groupId).length > 0) throw inUse('device group has devices')
        const isTarget = Array.from(world.groups.values()).some(
          ({ productionTargetId, dutTargetId }) =>
            productionTargetId === groupId || dutTargetId === groupId,
        )
        if (isTarget) throw inUse('device group is the target of another one')
        const hooks = Array.from(world.webhooks.values()).filter((w) => w.groupId === groupId)
        commit([
          ...hooks.map(({ id }): Change => ({ drop: 'webhook', id })),
          { drop: 'group', id: groupId },
        ])
        return NOTHING
      },
    ],
    ['POST /v5/devicegroups/:id/restart', restartGroup],
    ['POST /v5/devicegroups/:id/conditional_restart', restartGroup],
    [
      'POST /v5/devicegroups/:id/relationships/devices',
      (e, { id = '' }) => moved(addToGroup(world, id, named(e, true)), group(id).name),
    ],
    [
      'DELETE /v5/devicegroups/:id/relationships/devices',
      (e, { id = '' }) => {
        const key = e.headers['x-electricimp-key']
        const hasKey = typeof key === 'string' && isSame(key, world.account.unblessingKey)
        return moved(removeFromGroup(world, id, named(e, false), hasKey), 'no group')
      },
    ],
  ]
}

const isFixtures = ({ type }: DeviceGroup): boolean => purposeOf(type) === 'factoryfixture'
