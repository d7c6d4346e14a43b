import type { Exchange } from './exchange.js'
import { logLine } from './log-stream.js'
import type { CloudEvent } from './logs.js'
import type { Device, DeviceGroup, Product, Webhook } from './records.js'
import { badRequest } from './refused.js'
import type { Services } from './services.js'

/** Records as documents of impCentral: JSON:API, with the published names of attributes and relationships. */

const ref = (type: string, id: string) => ({ type, id })

export const accountDocument = ({ world }: Services) => {
  const { id, login } = world.account
  return { type: 'account', id, attributes: { username: login, email: login } }
}

export const productDocument = ({ world }: Services, { id, name, description }: Product) => ({
  type: 'product',
  id,
  attributes: { name, description },
  relationships: { owner: ref('account', world.account.id) },
})

export const groupDocument = ({ world }: Services, group: DeviceGroup) => {
  const { id, type, name, description, region, envVars, loadCodeAfterBlessing } = group
  const target = (name: string, targetId: string | null) => {
    const type = world.groups.get(targetId ?? '')?.type
    return targetId !== null && type && { [name]: ref(type, targetId) }
  }
  return {
    type,
    id,
    attributes: {
      name,
      description,
      region,
      env_vars: envVars,
      ...(type.endsWith('production_devicegroup') && {
        load_code_after_blessing: loadCodeAfterBlessing,
      }),
    },
    relationships: {
      owner: ref('account', world.account.id),
      product: ref('product', group.productId),
      ...target('production_target', group.productionTargetId),
      ...target('dut_target', group.dutTargetId),
    },
  }
}

export const deviceDocument = (services: Services, device: Device) => {
  const { world, connections, agents } = services
  const group = world.groupOf(device)
  const { id, name, agentId, macAddress, impType, swVersion, planId, enrolledAtMs } = device
  return {
    type: 'device',
    id,
    attributes: {
      name,
      agent_id: agentId,
      agent_url: services.agentUrl(agentId),
      agent_running: agents.isRunning(id),
      device_online: connections.isOnline(id),
      last_enrolled_at: enrolledAtMs === null ? null : new Date(enrolledAtMs).toISOString(),
      imp_type: impType,
      mac_address: macAddress.replace(/..(?=.)/g, '$&:'),
      swversion: swVersion,
      plan_id: planId,
      // Nobody tells this server.
      device_state_changed_at: null,
      agent_state_changed_at: null,
      ip_address: null,
      free_memory: null,
      rssi: null,
    },
    relationships: {
      owner: ref('account', world.account.id),
      ...(group && {
        devicegroup: ref(group.type, group.id),
        product: ref('product', group.productId),
      }),
    },
  }
}

export const webhookDocument = ({ world }: Services, webhook: Webhook) => {
  const { id, event, url, contentType, groupId } = webhook
  return {
    type: 'webhook',
    id,
    attributes: { event, url, content_type: contentType },
    relationships: { devicegroup: ref(world.groups.get(groupId)?.type ?? 'devicegroup', groupId) },
  }
}

export const logDocument = (event: CloudEvent) => logLine(event)

const PAGE_SIZE = 20
const MOST_PAGE_SIZE = 100

/** One page of documents, with the ways to the others. */
export function page<T>(
  { path, query }: Exchange,
  records: readonly T[],
  document: (record: T) => unknown,
) {
  const number = count(query, 'page[number]', 1, Number.MAX_SAFE_INTEGER)
  const size = count(query, 'page[size]', PAGE_SIZE, MOST_PAGE_SIZE)
  const last = Math.max(1, Math.ceil(records.length / size))
  const link = (n: number): string => {
    const other = new URLSearchParams(query)
    other.set('page[number]', String(n))
    other.set('page[size]', String(size))
    return `${path}?${other}`
  }
  return {
    data: records.slice((number - 1) * size, number * size).map(document),
    links: {
      self: link(number),
      first: link(1),
      last: link(last),
      ...(number > 1 && { prev: link(number - 1) }),
      ...(number < last && { next: link(number + 1) }),
    },
  }
}

function count(query: URLSearchParams, name: string, otherwise: number, most: number): number {
  const text = query.get(name)
  if (text === null) return otherwise
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw badRequest(
    `${name} is a whole number from 1${most === MOST_PAGE_SIZE ? ` to ${most}` : ''}`,
  )
}

/** Those that a request's filters leave. A filter that is not known is refused, as it would leave too many. */
export function filtered<T>(
  { query }: Exchange,
  records: Iterable<T>,
  valuesOf: Readonly<Record<string, (record: T) => string | null | undefined>>,
): T[] {
  const wanted = Array.from(query).flatMap(([key, value]) => {
    const name = /^filter\[(.*)\]$/.exec(key)?.[1]
    if (name === undefined) return []
    const read = valuesOf[name]
    if (!read) throw badRequest(`${key} is no filter here`)
    return [{ read, value: value === 'null' || value === '' ? null : value }]
  })
  return Array.from(records).filter((record) =>
    wanted.every(({ read, value }) => (read(record) ?? null) === value),
  )
}
