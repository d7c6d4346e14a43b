import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { readAs } from './exchange.js'
import { purposeOf } from './groups.js'
import type { Webhook } from './records.js'
import { badRequest } from './refused.js'
import type { Route } from './routes.js'
import type { Services } from './services.js'
import { body, created, missing, NOTHING, ok, one, reference } from './v5-answers.js'
import { filtered, page, webhookDocument } from './v5-documents.js'

const webUrl = z.url({ protocol: /^https?$/ })
const contentType = z.enum(['application/json', 'application/x-www-form-urlencoded'])
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

/** Whom to tell of what. */
export function webhookRoutes(services: Services): Route[] {
  const { world, commit } = services
  const webhook = (id: string): Webhook => world.webhooks.get(id) ?? missing('webhook')

  return [
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
        const { id: groupId, type } =
          world.groups.get(relationships.devicegroup.id) ?? missing('device group')
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
  ]
}
