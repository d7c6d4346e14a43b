import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { readAs } from './exchange.js'
import type { Product } from './records.js'
import type { Route } from './routes.js'
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
} from './v5-answers.js'
import { accountDocument, filtered, page, productDocument } from './v5-documents.js'

const NewProduct = body({
  attributes: z.object({ name, description: description.optional() }),
})
const ChangedProduct = body({
  attributes: z.object({ name: name.optional(), description: description.optional() }),
})

/** The account, and its products. */
export function productRoutes(services: Services): Route[] {
  const { world, commit } = services
  const product = (id: string): Product => world.products.get(id) ?? missing('product')

  return [
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
  ]
}
