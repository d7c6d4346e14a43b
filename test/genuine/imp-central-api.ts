import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { DUT_ID, FIXTURE_ID, TestDevice } from '../factory/cloud/link-client.js'

// The folder where the genuine client is installed is the argument. Run by imp-central-api.sh.
const [folder = ''] = process.argv.slice(2)
const ImpCentralApi = createRequire(join(folder, 'package.json'))('imp-central-api')
const { DeviceGroups, Devices, Webhooks } = ImpCentralApi

const BLINKUP = fileURLToPath(new URL('../../bin/blinkup', import.meta.url))
const args = [BLINKUP, 'cloud', '--show-secrets', '--fixture-id', FIXTURE_ID]
const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
try {
  let told = ''
  for await (const line of createInterface(server.stderr)) {
    told += `${line}\n`
    if (line.includes('unblessing key')) break
  }
  const word = (pattern: RegExp): string => pattern.exec(told)?.[1] ?? assert.fail(told)
  await use({
    url: word(/the server is at (\S+);/),
    login: word(/login (\S+),/),
    password: word(/password (\S+),/),
    loginKey: word(/login key (\S+)/),
    unblessingKey: word(/unblessing key (\S+)/),
  })
  console.log('the genuine client works with the stand-in')
} finally {
  server.kill('SIGINT')
  await once(server, 'exit')
}
process.exit() // the client keeps its connections

interface Told {
  readonly url: string
  readonly login: string
  readonly password: string
  readonly loginKey: string
  readonly unblessingKey: string
}

async function use({ url, login, password, loginKey, unblessingKey }: Told): Promise<void> {
  const api = new ImpCentralApi(`${url}/v5`)

  await assert.rejects(api.auth.login(login, 'wrong'), /Unauthorized: login or password is wrong/)
  const tokens = await api.auth.login(login, password)
  await api.auth.refreshAccessToken(tokens.refresh_token)
  await api.auth.getAccessToken(loginKey)

  const fixture = new TestDevice(url, FIXTURE_ID)
  await fixture.connect()
  const dut = new TestDevice(url, DUT_ID, await fixture.factoryToken())
  await dut.connect()
  await dut.goOnline()

  const [account] = (await api.accounts.list()).data
  assert.equal((await api.accounts.get('me')).data.id, account.id)
  const [product] = (await api.products.list({ 'filter[owner.id]': account.id })).data

  const groups = (await api.deviceGroups.list({ 'filter[product.id]': product.id })).data
  const groupOf = (type: string) => groups.find((group: { type: string }) => group.type === type)
  const production = groupOf(DeviceGroups.TYPE_PRODUCTION)
  const duts = groupOf(DeviceGroups.TYPE_DUT)
  const made = await api.deviceGroups.create(
    product.id,
    DeviceGroups.TYPE_FACTORY_FIXTURE,
    { name: 'Line 2' },
    { type: production.type, id: production.id },
    { type: duts.type, id: duts.id },
  )
  await api.deviceGroups.addDevices(made.data.id, FIXTURE_ID)
  const inGroup = await api.devices.list({ [Devices.FILTER_DEVICE_GROUP_ID]: made.data.id }, 1, 50)
  assert.deepEqual(
    inGroup.data.map(({ id }: { id: string }) => id),
    [FIXTURE_ID],
  )
  await api.deviceGroups.update(production.id, production.type, { load_code_after_blessing: true })

  const filter = { [Devices.FILTER_DEVICE_GROUP_TYPE]: DeviceGroups.TYPE_DUT }
  const [device] = (await api.devices.list(filter)).data
  assert.equal(device.attributes.device_online, true)
  assert.equal((await api.devices.get(device.attributes.mac_address)).data.id, DUT_ID)
  assert.equal((await api.devices.get(device.attributes.agent_id)).data.id, DUT_ID)
  await api.devices.update(DUT_ID, { name: 'Unit 1' })
  await api.devices.restart(DUT_ID)
  await dut.hears('restart')
  await assert.rejects(api.devices.get('0000000000000000'), { statusCode: 404 })

  let seen = (_: string): void => {}
  const message = new Promise<string>((resolve) => {
    seen = resolve
  })
  const states: string[] = []
  const stream = await api.logStreams.create(seen, (state: string) => states.push(state))
  await api.logStreams.addDevice(stream.data.id, DUT_ID)
  await dut.post('log', { kind: 'log', text: 'tested' })
  assert.match(await message, /server\.log: tested$/)
  await api.logStreams.removeDevice(stream.data.id, DUT_ID)
  await api.logStreams.close(stream.data.id)
  assert.ok(states.length >= 2)
  assert.equal((await api.devices.getLogs(DUT_ID, 1, 1)).data[0].msg, 'tested')

  const webhook = await api.webhooks.create(production.id, production.type, {
    url: 'http://127.0.0.1:1/',
    event: Webhooks.EVENT_BLESSING,
    content_type: Webhooks.CONTENT_TYPE_JSON,
  })
  assert.equal((await api.webhooks.list()).data.length, 1)
  await api.webhooks.delete(webhook.data.id)

  await dut.bless(true)
  await assert.rejects(api.deviceGroups.removeDevices(production.id, null, DUT_ID), {
    statusCode: 403,
  })
  await api.deviceGroups.removeDevices(production.id, unblessingKey, DUT_ID)
  await api.devices.delete(DUT_ID)
}
