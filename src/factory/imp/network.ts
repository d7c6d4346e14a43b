import type { StoredSettings } from '../api/host.js'

/** How far a device is on its way to the server. */
export type Stage =
  | 'searching'
  | 'joining'
  | 'getting-address'
  | 'reaching-proxy'
  | 'reaching-server'

/** A Wi-Fi network within reach of the device. */
export interface WifiNetwork {
  readonly ssid: string
  /** Empty or left out for an open network. */
  readonly password?: string | undefined
  /** 1 to 13; default 6. */
  readonly channel?: number | undefined
  /** Whether it gives addresses; default true. */
  readonly dhcp?: boolean | undefined
  /** The proxies that it can reach; left out for whichever is asked for. */
  readonly proxies?: readonly WifiProxy[] | undefined
}

export interface WifiProxy {
  readonly server: string
  readonly port: number
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** The network around a device, which is simulated: no radio is used. */
export interface NetworkOptions {
  /** A cable needs no SSID. Default 'wifi'. */
  readonly medium?: 'wifi' | 'ethernet' | undefined
  /** Within reach; default is whichever the device looks for, with its password. */
  readonly networks?: readonly WifiNetwork[] | undefined
  /** How long each stage takes, in seconds; default 0.2. */
  readonly stageS?: number | undefined
  /** How long the update of impOS after the first joining takes, in seconds, after which the device restarts; 0 for none, the default. */
  readonly updateS?: number | undefined
}

export const DEFAULT_STAGE_S = 0.2
const DEFAULT_CHANNEL = 6

/** Of `imp.setcountry`, for the United States: of imp001 to imp004m (with Canada), and of imp005. */
const UNITED_STATES = [0x00005355, 0x00115858]
const LAST_CHANNEL_THERE = 11

/** What becomes of joining: each stage on the way, and in the last one why it goes no further. */
export interface Joining {
  readonly stages: readonly Stage[]
  /** One sentence; null when the network is joined. */
  readonly failure: string | null
}

/** Whether a device can try to connect: it has a network, and is enrolled. Over a cable one that somebody has assigned needs neither. */
export function hasCredentials(
  settings: StoredSettings,
  { medium = 'wifi' }: NetworkOptions,
): boolean {
  return medium === 'ethernet' || (settings.ssid !== undefined && settings.token !== undefined)
}

/** Joins the network by what a device has stored. */
export function join(settings: StoredSettings, options: NetworkOptions): Joining {
  const stages: Stage[] = []
  const failedAt = (stage: Stage, failure: string): Joining => ({
    stages: [...stages, stage],
    failure,
  })
  const network = options.medium === 'ethernet' ? {} : found(settings, options)
  if (typeof network === 'string') return failedAt('searching', network)
  if (options.medium !== 'ethernet') {
    stages.push('searching')
    if ((network.password ?? '') !== (settings.password ?? '')) {
      return failedAt('joining', `the password is not that of ${JSON.stringify(settings.ssid)}`)
    }
    stages.push('joining')
  }
  if (network.dhcp === false && !settings.staticAddress) {
    return failedAt('getting-address', 'nothing on the network gives an address (DHCP)')
  }
  stages.push('getting-address')
  if (settings.proxy) {
    const failure = proxyFailure(settings.proxy, network.proxies)
    if (failure) return failedAt('reaching-proxy', failure)
  }
  return { stages, failure: null }
}

/** The network that a device looks for, or why it does not find it. */
function found(
  settings: StoredSettings,
  { networks }: NetworkOptions,
): Partial<WifiNetwork> | string {
  const { ssid, password, country } = settings
  if (ssid === undefined) return 'no network is stored'
  if (!networks) return { ssid, password }
  const network = networks.find((network) => network.ssid === ssid)
  if (!network) return `no network is called ${JSON.stringify(ssid)} here`
  const { channel = DEFAULT_CHANNEL } = network
  if (channel > LAST_CHANNEL_THERE && country !== undefined && UNITED_STATES.includes(country)) {
    return `${JSON.stringify(ssid)} is on channel ${channel}, which a device set to the United States does not use: set its country, or use a channel up to ${LAST_CHANNEL_THERE}`
  }
  return network
}

function proxyFailure(
  wanted: NonNullable<StoredSettings['proxy']>,
  proxies: readonly WifiProxy[] | undefined,
): string | null {
  if (!proxies) return null
  const at = proxies.find(({ server, port }) => server === wanted.server && port === wanted.port)
  if (!at) return `no proxy is at ${wanted.server}, port ${wanted.port}`
  const isRight =
    (at.username ?? '') === (wanted.username ?? '') &&
    (at.password ?? '') === (wanted.password ?? '')
  return isRight ? null : 'the proxy refuses the user name or password'
}
