import type { Timebase } from '../../rig/timebase.js'
import type { AgentFirmware, AgentRequest, AgentResponse, RunningAgent } from '../api/firmware.js'
import type { Said } from '../api/host.js'
import { runAgent } from '../api/run-agent.js'
import type { ConfigParams, Role } from '../link/messages.js'
import type { DeviceRole } from './groups.js'
import { MOST_BODY_BYTES } from './http.js'
import type { Device } from './records.js'
import { notFound } from './refused.js'

/** The programs of agents, by what their devices are for. */
export type AgentFirmwares = Readonly<Partial<Record<Role, AgentFirmware>>>

export interface AgentsHost {
  readonly firmwares: AgentFirmwares
  readonly timebase: Timebase
  deviceOfAgent(agentId: string): Device | undefined
  roleOf(device: Device): DeviceRole
  configparamsOf(device: Device): ConfigParams
  urlOf(agentId: string): string
  isOnline(deviceId: string): boolean
  sendToDevice(deviceId: string, name: string, data: unknown): boolean
  say(deviceId: string, said: Said): void
}

/** An agent that fails at once when it starts must not fill the log. */
const RESTART_MS = 1000

interface Running {
  readonly role: DeviceRole
  readonly agentId: string
  readonly agent: RunningAgent
}

/** The agents of all devices. One runs from its device's first connection, or the first request to it, on. */
export class Agents {
  readonly #running = new Map<string, Running>()
  readonly #stop = new AbortController()

  constructor(private readonly host: AgentsHost) {}

  /** @throws Refused 404 */
  async request(agentId: string, request: AgentRequest): Promise<AgentResponse> {
    const device = this.host.deviceOfAgent(agentId)
    const agent = device && this.#of(device)
    if (!agent) throw notFound('agent')
    return agent.request(request)
  }

  /** A device is connected: its agent is that of what it is for now. */
  start(device: Device): void {
    const running = this.#running.get(device.id)
    const isOther = running?.role !== this.host.roleOf(device) || running.agentId !== device.agentId
    if (isOther) this.#end(device.id)
    this.#of(device)
  }

  deliver(device: Device, name: string, data: unknown): void {
    const agent = this.#of(device)
    if (agent) agent.deliver(name, data)
    else {
      const text = `"${name}" is lost, which the device has sent: its agent has no program`
      this.host.say(device.id, { kind: 'hint', text })
    }
  }

  setDeviceConnected(deviceId: string, isConnected: boolean): void {
    const running = this.#running.get(deviceId)
    running?.agent.setDeviceConnected(isConnected)
    // A blessed device that is gone comes back with another agent: on a line nobody asks this one any more.
    const device = running && this.host.deviceOfAgent(running.agentId)
    if (!isConnected && device && this.host.roleOf(device) !== running.role) this.#end(deviceId)
  }

  isRunning(deviceId: string): boolean {
    return this.#running.has(deviceId)
  }

  stop(): void {
    this.#stop.abort()
    for (const deviceId of Array.from(this.#running.keys())) this.#end(deviceId)
  }

  #end(deviceId: string): void {
    this.#running.get(deviceId)?.agent.stop()
    this.#running.delete(deviceId)
  }

  #of(device: Device): RunningAgent | undefined {
    const running = this.#running.get(device.id)
    if (running) return running.agent
    const role = this.host.roleOf(device)
    const firmware = role === 'none' ? undefined : this.host.firmwares[role]
    if (!firmware || this.#stop.signal.aborted) return undefined
    const { host } = this
    let isOver = false
    const agent = runAgent(firmware, {
      agentUrl: host.urlOf(device.agentId),
      configparams: host.configparamsOf(device),
      timebase: host.timebase,
      say: (said) => host.say(device.id, said),
      send: async (name, data) => {
        // As much as a device may send it.
        if (JSON.stringify({ name, data }).length <= MOST_BODY_BYTES) {
          return host.sendToDevice(device.id, name, data)
        }
        const text = `"${name}" is not sent to the device: a message has at most ${MOST_BODY_BYTES} bytes`
        host.say(device.id, { kind: 'error', text })
        return false
      },
      get isDeviceConnected() {
        return host.isOnline(device.id)
      },
      restart: (reason) => {
        isOver = true
        this.#restart(device, reason)
      },
    })
    if (isOver) {
      agent.stop()
      return undefined
    }
    this.#running.set(device.id, { role, agentId: device.agentId, agent })
    return agent
  }

  #restart(device: Device, reason: string): void {
    this.host.say(device.id, { kind: 'hint', text: `the agent starts again: ${reason}` })
    this.#end(device.id)
    this.host.timebase.sleep(RESTART_MS, this.#stop.signal).then(
      () => {
        const now = this.host.deviceOfAgent(device.agentId)
        if (now) this.#of(now)
      },
      () => {}, // it has been stopped
    )
  }
}
