import { AgentMessage, BlessRequest, ConnectRequest, LogEntry } from '../link/messages.js'
import { bless, claimedToken, connect, fixtureGroupOf, newToken } from './enrolling.js'
import { bearerToken, type Exchange, readAs } from './exchange.js'
import { configparamsOf, isBlessed, roleOf } from './groups.js'
import { impIdOf } from './ids.js'
import type { Device, EnrollmentToken } from './records.js'
import { Refused } from './refused.js'
import type { Route } from './routes.js'
import type { Services } from './services.js'

const DONE = { status: 200, body: {} }
const TWICE =
  'it connects though it is online: its connection was lost, or two programs have the same device ID and end each other'

/** Our link with devices (link/messages.ts). */
export function linkRoutes(services: Services): Route[] {
  const { world, connections, agents, faults, tell, commit } = services

  const session = (exchange: Exchange): { session: string; device: Device } => {
    const session = bearerToken(exchange.headers.authorization) ?? ''
    const device = world.devices.get(connections.deviceOf(session) ?? '')
    if (device) return { session, device }
    throw new Refused(401, 'session-over', 'the session is over: connect again')
  }

  return [
    [
      'POST /link/connect',
      (exchange) => {
        const request = readAs(ConnectRequest, exchange)
        const { deviceId } = request
        try {
          if (request.enrollment && faults.takeClaimed()) throw claimedToken()
          const { changes, device, claimed } = connect(world, request, services.nowMs())
          commit(changes)
          if (claimed) afterClaim(services, device, claimed)
        } catch (error) {
          if (error instanceof Refused) tell('refused', deviceId, error.message)
          throw error
        }
        if (connections.isOnline(deviceId)) {
          tell('hint', deviceId, TWICE)
        }
        const device = world.devices.get(deviceId) as Device
        const role = roleOf(world, device)
        const answer = {
          session: connections.begin(deviceId),
          role,
          deviceGroupId: device.groupId ?? '',
          agentUrl: services.agentUrl(device.agentId),
          configparams: configparamsOf(world, device, role, services.agentUrl).device,
        }
        agents.start(device)
        return { status: 200, body: answer }
      },
    ],
    [
      'GET /link/events',
      (exchange) => {
        const opened = session(exchange)
        return {
          contentType: 'application/x-ndjson',
          stream: (stream) => connections.open(opened.session, stream),
        }
      },
    ],
    [
      'POST /link/log',
      (exchange) => {
        const { device } = session(exchange)
        const { kind, text } = readAs(LogEntry, exchange)
        tell(kind === 'log' ? 'device-log' : 'device-error', device.id, text)
        return DONE
      },
    ],
    [
      'POST /link/message',
      (exchange) => {
        const { device } = session(exchange)
        const { name, data } = readAs(AgentMessage, exchange)
        agents.deliver(device, name, data)
        return DONE
      },
    ],
    [
      'POST /link/bless',
      (exchange) => {
        const { device } = session(exchange)
        const { success } = readAs(BlessRequest, exchange)
        if (!success) {
          tell('bless-failed', device.id, 'the device says that it has failed its test')
          return { status: 200, body: { blessed: false, loadCodeAfterBlessing: false } }
        }
        const { changes, answer, group } = bless(world, device)
        commit(changes)
        if (group) {
          tell('blessed', device.id, `blessed, and now in ${group.name}`)
          const fields = { device_id: device.id, imp_id: impIdOf(device.macAddress) }
          services.fire('blessing', group.id, fields)
        } else if (!answer.blessed) {
          tell('hint', device.id, "not blessed: its fixture's group has no production target")
        }
        return { status: 200, body: answer }
      },
    ],
    [
      'POST /link/factory-token',
      (exchange) => {
        const { device } = session(exchange)
        const record = newToken({
          kind: 'factory',
          expiresAtMs: services.nowMs() + services.tokenLifetimeMs,
          fixtureId: device.id,
          fixtureGroupId: fixtureGroupOf(world, device).id,
        })
        commit([{ put: 'token', record }])
        tell('token', device.id, 'a factory token for one device')
        return { status: 200, body: { planId: record.planId, token: record.id } }
      },
    ],
    [
      'DELETE /link/session',
      (exchange) => {
        connections.end(session(exchange).device.id)
        return DONE
      },
    ],
  ]
}

function afterClaim(
  { world, tell, fire }: Services,
  device: Device,
  { kind, planId, id: token }: EnrollmentToken,
): void {
  const group = world.groupOf(device)
  tell('enrolled', device.id, `by a ${kind} token, in ${group?.name ?? 'no group'}`)
  if (kind === 'factory') {
    if (isBlessed(world, device)) {
      tell('hint', device.id, 'it is blessed, and stays in its production group until unblessed')
    } else if (roleOf(world, device) === 'fixture') {
      tell('hint', device.id, 'it is a fixture itself, and stays one')
    }
  } else if (kind === 'production' && group) {
    fire('blinkup', group.id, { device_id: device.id, plan_id: planId, token })
  }
}
