import { type AddressInfo, isIPv6, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'

/** The base URL of a server. Of what listens everywhere, the first address that others may reach. */
export function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo
  const isAny = address === '0.0.0.0' || address === '::'
  const others = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses)
  const reached = others.find(({ internal, family }) => !internal && family === 'IPv4')?.address
  const host = isAny ? (reached ?? '127.0.0.1') : address
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`
}
