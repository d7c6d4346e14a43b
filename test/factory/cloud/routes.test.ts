import { expect, test } from 'vitest'
import { routed } from '../../../src/factory/cloud/routes.js'

test('a route has the values of its path, decoded', async () => {
  const route = routed([
    ['GET /a/:one/b', (_, values) => ({ status: 200, body: values })],
    ['POST /a/:one/b', () => ({ status: 201 })],
  ])
  const ask = (method: string, path: string) =>
    route({ method, path, query: new URLSearchParams(), headers: {}, body: Buffer.alloc(0) })
  expect(await ask('GET', '/a/x%2Fy/b')).toEqual({ status: 200, body: { one: 'x/y' } })
  expect(await ask('POST', '/a/x/b/')).toEqual({ status: 201 })
  await expect(ask('PUT', '/a/x/b')).rejects.toMatchObject({
    status: 405,
    headers: { allow: 'GET, POST' },
  })
  for (const path of ['/a//b', '/a/b', '/a/x/b/c', 'a/x/b', '']) {
    await expect(ask('GET', path)).rejects.toMatchObject({ status: 404 })
  }
  await expect(ask('GET', '/a/%zz/b')).rejects.toMatchObject({ status: 400 })
})
