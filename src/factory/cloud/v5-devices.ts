import { z } from 'zod'
import { readAs } from './exchange.js'
import type { Change, Device } from './records.js'
import type { Handler, Route } from './routes.js'
import type { Services } from './services.js'
import { body, inUse, missing, NOTHING, ok, one } from './v5-answers.js'
import { deviceDocument, filtered, logDocument, page } from './v5-documents.js'

const ChangedDevice = body({ attributes: z.object({ name: z.string().max(200).nullable() }) })

/** Devices. */
export function deviceRoutes(services: Services): Route[] {
  const { world, commit, connections, logs } = services
  const device = (id: string): Device => world.findDevice(id) ?? missing('device')

  const restart: Handler = (_, { id = '' }) => {
    services.restartDevice(device(id))
    return NOTHING
  }
  return [
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
  ]
}
