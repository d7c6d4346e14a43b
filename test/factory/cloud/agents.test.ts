import { describe, expect } from 'vitest'
import type { AgentFirmware } from '../../../src/factory/api/firmware.js'
import { fixtureOf, litBy, test } from './cloud-test.js'
import { DUT_ID, FIXTURE_ID } from './link-client.js'

/** Answers with what it was asked and knows; passes messages on, back and forth. */
const telling: AgentFirmware = ({ http, imp, device, server }) => {
  http.onrequest((request, response) => {
    if (request.path === '/fail') throw new Error('as the test wants it')
    if (request.path === '/bad-header') response.header('x', 'a\nb')
    if (request.path === '/length') response.header('Content-Length', '1')
    response.header('x-own', 'yes')
    const { method, path, query, body } = request
    response.send(
      200,
      JSON.stringify({ method, path, query, body, configparams: imp.configparams }),
    )
  })
  device.on('ask', (data) => {
    device.send('answer', data)
  })
  device.onconnect(() => server.log('it has come'))
  device.ondisconnect(() => server.log('it has gone'))
}
const firmwares = { fixture: telling, dut: telling, application: telling }

describe('an agent', () => {
  test('takes requests at its URL and below', async ({ serve }) => {
    const { cloud } = await serve({ agents: firmwares })
    const { answer } = await fixtureOf(cloud)
    const url = answer?.agentUrl ?? ''
    const asked = await fetch(`${url}/a/b?c=1&d=%20`, { method: 'PUT', body: 'text' })
    expect(asked.headers.get('x-own')).toBe('yes')
    expect(await asked.json()).toMatchObject({
      method: 'PUT',
      path: '/a/b',
      query: { c: '1', d: ' ' },
      body: 'text',
    })
    expect(await (await fetch(url)).json()).toMatchObject({ path: '' })
  })

  test('knows whose it is, in both generations of keys', async ({ serve }) => {
    const { cloud } = await serve({ agents: firmwares })
    const fixture = await fixtureOf(cloud)
    const dut = await litBy(fixture, DUT_ID)
    const configparams = async (url = '') =>
      ((await (await fetch(url)).json()) as { configparams: object }).configparams
    const ofFixture = {
      factory_imp_device_id: FIXTURE_ID,
      factoryfirmware: true,
      factory_imp: FIXTURE_ID.slice(4),
    }
    expect(await configparams(fixture.answer?.agentUrl)).toEqual({
      ...ofFixture,
      deviceid: FIXTURE_ID,
      is_factory_fixture: true,
    })
    expect(await configparams(dut.answer?.agentUrl)).toEqual({
      ...ofFixture,
      deviceid: DUT_ID,
      factory_fixture_url: fixture.answer?.agentUrl,
    })
    await dut.bless(true)
    // The agent is another one only when the device comes with its application firmware.
    expect(await configparams(dut.answer?.agentUrl)).toHaveProperty('factory_fixture_url')
    await dut.connect()
    expect(await configparams(dut.answer?.agentUrl)).toEqual({ deviceid: DUT_ID })
  })

  test('hears its device, answers it, and knows when it comes and goes', async ({ serve }) => {
    const { cloud, tells } = await serve({ agents: firmwares })
    const fixture = await fixtureOf(cloud)
    await fixture.goOnline()
    await tells('agent-log', /it has come/)
    await fixture.post('message', { name: 'ask', data: { deep: [1, null, 'x'] } })
    expect(await fixture.hears('message')).toEqual({
      event: 'message',
      name: 'answer',
      data: { deep: [1, null, 'x'] },
    })
    fixture.vanish()
    await tells('agent-log', /it has gone/)
  })

  test('sends its device no more than the device could send it', async ({ serve }) => {
    const sending: AgentFirmware = ({ device, http }) =>
      http.onrequest(async (_, response) => {
        response.send(200, String(await device.send('large', 'x'.repeat(300_000))))
      })
    const { cloud, events } = await serve({ agents: { fixture: sending } })
    const { answer } = await fixtureOf(cloud)
    await fetch(answer?.agentUrl ?? '')
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'agent-error',
        text: '"large" is not sent to the device: a message has at most 262144 bytes',
      }),
    )
  })

  test('that throws is told of and starts again, and no other one notices', async ({ serve }) => {
    const { cloud, tells } = await serve({ agents: firmwares })
    const fixture = await fixtureOf(cloud)
    const dut = await litBy(fixture, DUT_ID)
    expect((await fetch(`${fixture.answer?.agentUrl}/fail`)).status).toBeGreaterThanOrEqual(500)
    await tells('agent-error', /as the test wants it/)
    for (const { answer } of [fixture, dut]) {
      expect((await fetch(answer?.agentUrl ?? '')).status).toBe(200)
    }
  })

  test('whose headers are none, or of the connection, harms nobody', async ({ serve }) => {
    const { cloud, tells } = await serve({ agents: firmwares })
    const { answer } = await fixtureOf(cloud)
    await expect(fetch(`${answer?.agentUrl}/bad-header`)).rejects.toThrow()
    await tells('failure')
    expect(await (await fetch(`${answer?.agentUrl}/length`)).json()).toBeDefined()
  })

  test('without a program loses what its device sends, which is told', async ({ serve }) => {
    const { cloud, tells } = await serve()
    await (await fixtureOf(cloud)).post('message', { name: 'result', data: null })
    await tells('hint', /"result" is lost/)
  })

  test('is not to be found at the URL of another, nor where there is no program', async ({
    serve,
  }) => {
    const { cloud } = await serve({ agents: { fixture: telling } })
    const fixture = await fixtureOf(cloud)
    const dut = await litBy(fixture, DUT_ID)
    for (const url of [
      `${cloud.url}/agent/`,
      `${cloud.url}/agent/${FIXTURE_ID}`,
      `${cloud.url}/agent/..%2flink`,
      `${fixture.answer?.agentUrl}x`,
      dut.answer?.agentUrl ?? '',
    ]) {
      expect((await fetch(url)).status).toBe(404)
    }
  })
})
