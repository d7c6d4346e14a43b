import {
  requireConstant,
  requireFunction,
  requireNumber,
  requireString,
  serialised,
} from './arguments.js'
import { ConnectResult, DEVICE_CONSTANTS, SendErrorPolicy, SendWait } from './constants.js'
import { date, time } from './date.js'
import type { AgentLink, DeviceApi, DeviceServer } from './device-api.js'
import { deepSleepFor, deviceImp } from './device-imp.js'
import { describeException, textOf } from './exceptions.js'
import { factoryCalls } from './factory-calls.js'
import type { DeviceFirmware } from './firmware.js'
import { hardwareOf } from './hardware.js'
import type { DeviceHost } from './host.js'
import { CONNECT_S, Outbox } from './outbox.js'
import { Program } from './program.js'

/**
 * Starts a device's firmware on its host. What it throws, an async function too, is told as an error and restarts it.
 *
 * @returns what stops it: none of its callbacks begins afterwards, its light ends, and what it still calls has no effect
 */
export function runDevice(firmware: DeviceFirmware, host: DeviceHost): { stop(): void } {
  const program = new Program(host.timebase, (error) => {
    const text = describeException(error)
    host.say({ kind: 'error', text })
    host.server.log({ kind: 'error', text })
    host.restart(text)
  })
  const outbox = new Outbox(program, host.server, host.timebase)
  const { hardware, pinName } = hardwareOf(program, host)
  const { clearconfiguration, setcountry, ...calls } = factoryCalls(program, host, pinName)
  const api: DeviceApi = {
    ...DEVICE_CONSTANTS,
    imp: program.guard(deviceImp(program, host, { clearconfiguration, setcountry })),
    server: program.guard({ ...deviceServer(program, host, outbox), ...calls }),
    hardware,
    agent: program.guard(agentLink(program, host, outbox)),
    time,
    date,
  }
  program.enqueue(() => firmware(api))
  return { stop: () => program.end() }
}

function deviceServer(
  program: Program,
  host: DeviceHost,
  outbox: Outbox,
): Omit<DeviceServer, 'factoryblinkup' | 'bless'> {
  const { server } = host
  const say = (kind: 'log' | 'error') => (message: unknown) => {
    const text = textOf(message)
    host.say({ kind, text })
    return outbox.send(() => {
      server.log({ kind, text })
      return true
    })
  }
  const connect = async (timeoutS: number): Promise<ConnectResult> =>
    (await server.connect(timeoutS)) ? ConnectResult.SERVER_CONNECTED : ConnectResult.NO_SERVER
  return {
    log: say('log'),
    error: say('error'),
    isconnected: () => server.isConnected,
    connect: ((callback, timeoutS = CONNECT_S) => {
      requireNumber('server.connect', 'time in seconds', timeoutS, 0)
      if (!callback) return program.blocking(connect(timeoutS))
      requireFunction('server.connect', callback)
      void connect(timeoutS).then((result) => program.enqueue(() => callback(result)))
    }) as DeviceServer['connect'],
    disconnect: () => program.blocking(server.disconnect()),
    sleepfor: (seconds) => deepSleepFor(program, host, 'server.sleepfor', seconds),
    setsendtimeoutpolicy(onError, waitFor, timeoutS) {
      const call = 'server.setsendtimeoutpolicy'
      requireConstant(call, SendErrorPolicy, onError)
      requireConstant(call, SendWait, waitFor)
      requireNumber(call, 'time in seconds', timeoutS, 0)
      outbox.policy = onError
    },
  }
}

function agentLink(program: Program, host: DeviceHost, outbox: Outbox): AgentLink {
  const handlers = new Map<string, (data: unknown) => unknown>()
  host.server.onMessage = (name, data) =>
    program.enqueue(() => {
      const handler = handlers.get(name)
      if (handler) return handler(data)
      host.say({
        kind: 'hint',
        text: `no handler for "${name}", which its agent has sent: agent.on has not been called with that name`,
      })
    })
  program.atEnd(() => {
    host.server.onMessage = () => {}
  })
  return {
    on(name, callback) {
      requireString('agent.on', 'name', name)
      requireFunction('agent.on', callback)
      handlers.set(name, callback as (data: unknown) => unknown)
    },
    send(name, data) {
      requireString('agent.send', 'name', name)
      const sent = serialised('agent.send', data)
      return outbox.send(() => host.server.send(name, sent))
    },
  }
}
