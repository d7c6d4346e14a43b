import type { StoredSettings } from '../factory/api/host.js'
import type { ImpEvent } from '../factory/imp/events.js'
import type { Stage } from '../factory/imp/network.js'
import { STATUS_LED } from '../factory/imp/status-led.js'
import type { ImpLineName, LineOf } from '../report/documents.js'

const STAGES: Readonly<Record<Stage, string>> = {
  searching: 'looking for the network',
  joining: 'joining the network',
  'getting-address': 'getting an address',
  'reaching-proxy': 'reaching the proxy',
  'reaching-server': 'connecting to the server',
}

/** An event as a document. */
export function eventDocument(
  schema: ImpLineName,
  event: ImpEvent,
  timeS: number,
): LineOf<ImpLineName> {
  const line = { schema, timeS: Math.round(1e6 * timeS) / 1e6, text: eventText(event) }
  if (event.event !== 'led') return { ...line, ...event }
  const { colours, stepMs } = STATUS_LED[event.led]
  const stepS = stepMs === null ? null : stepMs / 1000
  return { ...line, event: 'led', led: { state: event.led, colours, stepS } }
}

/** An event in words. */
export function eventText(event: ImpEvent): string {
  switch (event.event) {
    case 'started':
      return event.isCold ? 'the power comes' : 'a warm start'
    case 'led':
      return `status LED ${ledText(event.led)}`
    case 'blinkup':
      return `BlinkUp is ${event.isOpen ? 'on' : 'off'}`
    case 'received':
      return 'a message was received well'
    case 'not-received':
      return `a message could not be read (${event.reason}): ${event.advice}`
    case 'settings':
      return `stored: ${settingsText(event.settings)}`
    case 'stage':
      return STAGES[event.stage]
    case 'stuck':
      return `${STAGES[event.stage]} failed: ${event.reason}`
    case 'updating':
      return `impOS is updated for ${event.seconds} s; then the device restarts`
    case 'connected':
      return connectedText(event)
    case 'disconnected':
      return `disconnected: ${event.reason}`
    case 'running':
      return `the ${event.role} firmware runs`
    case 'said':
      return `${event.kind}: ${event.text}`
    case 'pin':
      return `${event.pin} is ${event.level}`
    case 'blessed':
      return event.success ? 'blessed' : 'not blessed'
    case 'handed-over':
      return 'handed over to the application firmware'
    case 'restarted':
      return `restarting: ${event.reason}`
    case 'asleep':
      return `asleep for ${event.seconds} s`
    case 'off':
      return 'the power is off'
  }
}

function connectedText({
  role,
  deviceGroupId,
  agentUrl,
}: ImpEvent & { event: 'connected' }): string {
  const place = deviceGroupId === '' ? 'in no device group' : `in device group ${deviceGroupId}`
  return `connected, role ${role}, ${place}; its agent is at ${agentUrl}`
}

function ledText(state: keyof typeof STATUS_LED): string {
  const { meaning, colours, stepMs } = STATUS_LED[state]
  if (!colours) return `(its colours are not public): ${meaning}`
  const shown = colours.join('/')
  return `${shown}${stepMs === null ? '' : `, ${stepMs} ms each`}: ${meaning}`
}

function settingsText(settings: StoredSettings): string {
  const members = Object.entries(settings).map(
    ([name, value]) => `${name} ${JSON.stringify(value)}`,
  )
  return members.length > 0 ? members.join(', ') : 'nothing'
}
