import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { newGroup } from './founding.js'
import { addToGroup, newDevice, purposeOf, removeFromGroup } from './groups.js'
import { type Answer, type Exchange, type Handler, type Route, readAs } from './http.js'
import { isSame } from './ids.js'
import type { LogStream } from './log-stream.js'
import { type Change, type Device, type DeviceGroup, GROUP_TYPES, type Product } from './records.js'
import { badRequest, notFound, Refused } from './refused.js'
import type { Services } from './services.js'
import { checkAccess } from './v5-auth.js'
import {
  accountDocument,
  deviceDocument,
  filtered,
  groupDocument,
  logDocument,
  page,
  productDocument,
  webhookDocument,
} from './v5-documents.js'

const name = z.string().min(1).max(200)
const description = z.string().max(2000)
const webUrl = z.url({ protocol: /^https?$/ })
const contentType = z.enum(['application/json', 'application/x-www-form-urlencoded'])
const Reference = z.object({ type: z.string(), id: z.string() })
/** Bare, or in JSON:API's `data`. */
const reference = z.union([Reference, z.object({ data: Reference }).transform(({ data }) => data)])
const targets = { production_target: reference.optional(), dut_target: reference.optional() }
const groupAttributes = {
  description: description.optional(),
  env_vars: z.record(z.string(), z.json()).optional(),
}

const body = <T extends z.ZodRawShape>(data: T) => z.object({ data: z.object(data) })

const NewProduct = body({
  attributes: z.object({ name, description: description.optional() }),
})
const ChangedProduct = body({
  attributes: z.object({ name: name.optional(), description: description.optional() }),
})
const NewGroup = body({
  type: z.enum(GROUP_TYPES),
  attributes: z.object({ name, region: z.string().max(100).optional(), ...groupAttributes }),
  relationships: z.object({ product: reference, ...targets }),
})
const ChangedGroup = body({
  attributes: z
    .object({
      name: name.optional(),
      load_code_after_blessing: z.boolean().optional(),
      ...groupAttributes,
    })
    .optional(),
  relationships: z.object(targets).optional(),
})
const ChangedDevice = body({ attributes: z.object({ name: z.string().max(200).nullable() }) })
const Devices = z.object({ data: z.array(z.object({ id: z.string() })).max(1000) })
const NewWebhook = body({
  attributes: z.object({
    url: webUrl,
    event: z.enum(['blessing', 'blinkup', 'deployment']),
    content_type: contentType,
  }),
  relationships: z.object({ devicegroup: reference }),
})
const ChangedWebhook = body({
  attributes: z.object({ url: webUrl.optional(), content_type: contentType.optional() }),
})

/** The slice of impCentral's API that a factory uses. Who asks must have logged in. */
export function v5Routes(services: Services, logStream: LogStream): Route[] {
  const { world, commit, connections, logs, tell } = services

  const product = (id: string): Product => world.products.get(id) ?? missing('product')
  const group = (id: string): DeviceGroup => world.groups.get(id) ?? missing('device group')
  const device = (id: string): Device => world.findDevice(id) ?? missing('device')
  const webhook = (id: string) => world.webhooks.get(id) ?? missing('webhook')
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
      return isNew ? newDevice(world.account.secret, id.toLowerCase()) : device(id)
    })

  const restart: Handler = (_, { id = '' }) => {
    services.restartDevice(device(id))
    return NOTHING
  }
  const restartGroup: Handler = (_, { id = '' }) => {
    for (const device of devicesOf(group(id).id)) services.restartDevice(device)
    return NOTHING
  }

  const routes: Route[] = [
    ['GET /v5/accounts', (e) => ok(page(e, [accountDocument(services)], (document) => document))],
    [
      'GET /v5/accounts/:id',
      (_, { id = '' }) =>
        id === 'me' || id === world.account.id
          ? ok({ data: accountDocument(services) })
          : missing('account'),
    ],

    [
      'GET /v5/products',
      (e) => {
        const products = filtered(e, world.products.values(), {
          'owner.id': () => world.account.id,
        })
        return ok(page(e, products, (product) => productDocument(services, product)))
      },
    ],
    [
      'POST /v5/products',
      (e) => {
        const { name, description = '' } = readAs(NewProduct, e).data.attributes
        const record = { id: randomUUID(), name, description }
        commit([{ put: 'product', record }])
        return created(productDocument(services, record))
      },
    ],
    ['GET /v5/products/:id', (_, { id = '' }) => one(productDocument(services, product(id)))],
    [
      'PATCH /v5/products/:id',
      (e, { id = '' }) => {
        const record = { ...product(id), ...given(readAs(ChangedProduct, e).data.attributes) }
        commit([{ put: 'product', record }])
        return one(productDocument(services, record))
      },
    ],
    [
      'DELETE /v5/products/:id',
      (_, { id = '' }) => {
        const isUsed = Array.from(world.groups.values()).some((group) => group.productId === id)
        if (isUsed) throw inUse('product has device groups')
        commit([{ drop: 'product', id: product(id).id }])
        return NOTHING
      },
    ],

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
        const made = newGroup(type, name, product(relationships.product.id).id)
        const record = withTargets({ ...made, description, region, envVars }, relationships)
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
        const record = withTargets(changed, relationships)
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

    [
      'GET /v5/devices',
      (e) => {
        const devices = filtered(e, world.devices.values(), {
          'owner.id': () => world.account.id,
          'product.id': (device) => world.groupOf(device)?.productId,
          'devicegroup.id': (device) => device.groupId,
          'devicegroup.owner.id': (device) => device.groupId && world.account.id,
          'devicegroup.type': (device) => world.groupOf(device)?.type,
        })
        return ok(page(e, devices, (device) => deviceDocument(services, device)))
      },
    ],
    ['GET /v5/devices/:id', (_, { id = '' }) => one(deviceDocument(services, device(id)))],
    [
      'PATCH /v5/devices/:id',
      (e, { id = '' }) => {
        const record = { ...device(id), name: readAs(ChangedDevice, e).data.attributes.name }
        commit([{ put: 'device', record }])
        return one(deviceDocument(services, record))
      },
    ],
    [
      'DELETE /v5/devices/:id',
      (_, { id = '' }) => {
        const { id: deviceId, groupId } = device(id)
        if (groupId !== null) throw inUse('device is in a device group')
        connections.end(deviceId)
        const tokens = Array.from(world.tokens.values()).filter((t) => t.claimedBy === deviceId)
        commit([
          ...tokens.map(({ id }): Change => ({ drop: 'token', id })),
          { drop: 'device', id: deviceId },
        ])
        return NOTHING
      },
    ],
    ['POST /v5/devices/:id/restart', restart],
    ['POST /v5/devices/:id/conditional_restart', restart],
    [
      'GET /v5/devices/:id/logs',
      (e, { id = '' }) => ok(page(e, logs.of(device(id).id), logDocument)),
    ],

    [
      'GET /v5/webhooks',
      (e) => {
        const webhooks = filtered(e, world.webhooks.values(), {
          'devicegroup.id': (webhook) => webhook.groupId,
        })
        return ok(page(e, webhooks, (webhook) => webhookDocument(services, webhook)))
      },
    ],
    [
      'POST /v5/webhooks',
      (e) => {
        const { attributes, relationships } = readAs(NewWebhook, e).data
        const { url, event, content_type } = attributes
        const { id: groupId, type } = group(relationships.devicegroup.id)
        if (event !== 'deployment' && purposeOf(type) !== 'production') {
          throw badRequest(`only production groups have a webhook for ${event}`)
        }
        const record = { id: randomUUID(), groupId, event, url, contentType: content_type }
        commit([{ put: 'webhook', record }])
        return created(webhookDocument(services, record))
      },
    ],
    ['GET /v5/webhooks/:id', (_, { id = '' }) => one(webhookDocument(services, webhook(id)))],
    [
      'PATCH /v5/webhooks/:id',
      (e, { id = '' }) => {
        const { url, content_type } = readAs(ChangedWebhook, e).data.attributes
        const older = webhook(id)
        const record = {
          ...older,
          url: url ?? older.url,
          contentType: content_type ?? older.contentType,
        }
        commit([{ put: 'webhook', record }])
        return one(webhookDocument(services, record))
      },
    ],
    [
      'DELETE /v5/webhooks/:id',
      (_, { id = '' }) => {
        commit([{ drop: 'webhook', id: webhook(id).id }])
        return NOTHING
      },
    ],

    ['POST /v5/logstream', () => created({ type: 'logstream', id: logStream.create() })],
    [
      'PUT /v5/logstream/:stream/:id',
      (_, { stream = '', id = '' }) => {
        logStream.addDevice(stream, device(id).id)
        return NOTHING
      },
    ],
    [
      'DELETE /v5/logstream/:stream/:id',
      (_, { stream = '', id = '' }) => {
        logStream.removeDevice(stream, device(id).id)
        return NOTHING
      },
    ],
  ]

  function withTargets(
    group: DeviceGroup,
    {
      production_target,
      dut_target,
    }: {
      [K in keyof typeof targets]?: { id: string } | undefined
    },
  ): DeviceGroup {
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

  return routes.map(([pattern, handler]) => [
    pattern,
    (exchange, values) => {
      checkAccess(services, exchange)
      return handler(exchange, values)
    },
  ])
}

/** Reading a log stream: its id is enough, as the published client sends nothing else. */
export const logStreamRoutes = (logStream: LogStream): Route[] => [
  [
    'GET /v5/logstream/:stream',
    ({ query }, { stream = '' }) => {
      const format = query.get('format') ?? 'text'
      if (format === 'text' || format === 'json') return logStream.read(stream, format)
      throw badRequest('format is text or json')
    },
  ],
]

const NOTHING: Answer = { status: 204 }
const ok = (body: unknown): Answer => ({ status: 200, body })
const one = (data: unknown): Answer => ok({ data })
const created = (data: unknown): Answer => ({ status: 201, body: { data } })
const isFixtures = ({ type }: DeviceGroup): boolean => purposeOf(type) === 'factoryfixture'

function missing(what: string): never {
  throw notFound(what)
}

const inUse = (fault: string): Refused => new Refused(409, 'conflict', `the ${fault}`)

/** Without what was not given. */
const given = <T extends object>(attributes: T): { [K in keyof T]-?: Exclude<T[K], undefined> } =>
  JSON.parse(JSON.stringify(attributes))
