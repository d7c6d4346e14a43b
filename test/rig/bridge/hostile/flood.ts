import { randomLcg } from 'd3-random'
import type { FloodKind } from './lies.js'
import { hex, withCrc } from './lines.js'

/** More than the tags that a host has had when it is flooded. */
const TAGS = 200

/** Gives the next bytes of a flood, at least so many at a time. */
export function floodOf(kind: FloodKind, bytes: number): () => Uint8Array {
  if (kind === 's') {
    let line = 0
    return () => lines(bytes, () => `s ${hex(32 * line++)} ${'123'.repeat(32)}`)
  }
  const always = unchanging(kind, bytes) // at once, so that the board still has time for what it should do
  return () => always
}

function unchanging(kind: Exclude<FloodKind, 's'>, bytes: number): Uint8Array {
  switch (kind) {
    case 'ready':
      return lines(bytes, () => 'ready name=blinkup-bridge reset=power-on')
    case 'ok':
      return lines(
        bytes,
        (line) =>
          `ok hello name=blinkup-bridge firmware=1.3.1 protocol=1 clock=16000000 symbols=4800 line=120 now=1 serial=- #${line % TAGS}`,
      )
    case 'error':
      return lines(bytes, () => 'error lost wait for the reply')
    case 'newlines':
      return new Uint8Array(bytes).fill(0x0a)
    case 'no-newline':
      return new Uint8Array(bytes).fill(0x78)
    case 'zeros':
      return endingALine(new Uint8Array(bytes))
    case 'garbage': {
      const random = randomLcg(1)
      return endingALine(Uint8Array.from({ length: bytes }, () => 256 * random()))
    }
  }
}

function lines(bytes: number, text: (line: number) => string): Uint8Array {
  const made: Buffer[] = []
  for (let size = 0; size < bytes; size += made.at(-1)?.length ?? 0) {
    made.push(withCrc(text(made.length)))
  }
  return Buffer.concat(made)
}

/** So that what an honest board says in between is heard, and the flood goes on. */
function endingALine(bytes: Uint8Array): Uint8Array {
  bytes.fill(0x0a, -1)
  return bytes
}
