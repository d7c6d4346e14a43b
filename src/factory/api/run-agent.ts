import type { AgentApi, DeviceLink } from './agent-api.js'
import { AgentHttp } from './agent-http.js'
import { requireFunction, requireString, serialised } from './arguments.js'
import { AGENT_CONSTANTS, Environment } from './constants.js'
import { date, time } from './date.js'
import { describeException, textOf } from './exceptions.js'
import type { AgentFirmware, RunningAgent } from './firmware.js'
import type { AgentHost } from './host.js'
import { cancelWakeup, Program } from './program.js'

/**
 * Starts an agent's firmware on its host. What it throws, an async function too, is told as an error and restarts it; who waits
 * for its response then has one of ours.
 */
export function runAgent(firmware: AgentFirmware, host: AgentHost): RunningAgent {
  const program = new Program(host.timebase, (error) => {
    const text = describeException(error)
    host.say({ kind: 'error', text })
    host.restart(text)
  })
  const http = new AgentHttp(program, host)
  const handlers = new Map<string, (data: unknown) => unknown>()
  let onConnect: (() => unknown) | undefined
  let onDisconnect: (() => unknown) | undefined

  const device: DeviceLink = {
    on(name, callback) {
      requireString('device.on', 'name', name)
      requireFunction('device.on', callback)
      handlers.set(name, callback as (data: unknown) => unknown)
    },
    send(name, data) {
      requireString('device.send', 'name', name)
      const sent = host.send(name, serialised('device.send', data))
      return program.living(sent.then((isThere) => (isThere ? 0 : 1)))
    },
    isconnected: () => host.isDeviceConnected,
    onconnect(callback) {
      requireFunction('device.onconnect', callback)
      onConnect = callback
    },
    ondisconnect(callback) {
      requireFunction('device.ondisconnect', callback)
      onDisconnect = callback
    },
  }
  const say = (kind: 'log' | 'error') => (message: unknown) =>
    host.say({ kind, text: textOf(message) })

  const api: AgentApi = {
    ...AGENT_CONSTANTS,
    imp: program.guard({
      get configparams() {
        return Object.freeze({ ...host.configparams })
      },
      wakeup(seconds: number, callback: () => unknown) {
        requireFunction('imp.wakeup', callback)
        return program.wakeup(seconds, callback)
      },
      cancelwakeup: cancelWakeup,
      environment: () => Environment.ENVIRONMENT_AGENT,
    }),
    server: program.guard({ log: say('log'), error: say('error') }),
    device: program.guard(device),
    http: program.guard(http.calls),
    time,
    date,
  }
  program.enqueue(() => firmware(api))

  return {
    request: (request) => http.answer(request),
    deliver: (name, data) =>
      program.enqueue(() => {
        const handler = handlers.get(name)
        if (handler) return handler(data)
        host.say({
          kind: 'hint',
          text: `no handler for "${name}", which its device has sent: device.on has not been called with that name`,
        })
      }),
    setDeviceConnected: (isConnected) =>
      program.enqueue(() => (isConnected ? onConnect : onDisconnect)?.()),
    stop: () => program.end(),
  }
}
