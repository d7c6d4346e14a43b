import { randomLcg } from 'd3-random'
import type { FloodKind } from './lies.js'
import { hex, withCrc } from './lines.js'

/** Gives the next bytes of a flood, about so many at a time. */
export function floodOf(kind: FloodKind, bytes: number): () => Uint8Array {
  let line = 0
  const lines = (text: () => string) => (): Uint8Array => {
    const made: Buffer[] = []
    for (let size = 0; size < bytes; line++) {
      const next = withCrc(text())
      size += next.length
      made.push(next)
    }
    return Buffer.concat(made)
  }
  switch (kind) {
    case 's':
      return lines(() => `s ${hex(32 * line)} ${'123'.repeat(32)}`)
    case 'ready':
      return lines(() => 'ready name=blinkup-bridge reset=power-on')
    case 'ok':
      return lines(
        () =>
          `ok hello name=blinkup-bridge firmware=1.2.0 protocol=1 clock=16000000 symbols=4800 line=120 now=1 serial=- #${line % 200}`,
      )
    case 'error':
      return lines(() => 'error lost wait for the reply')
    case 'garbage': {
      const random = randomLcg(1)
      return () => Uint8Array.from({ length: bytes }, () => 256 * random())
    }
    case 'newlines':
      return () => new Uint8Array(bytes).fill(0x0a)
    case 'no-newline':
      return () => new Uint8Array(bytes).fill(0x78)
    case 'zeros':
      return () => new Uint8Array(bytes)
  }
}
