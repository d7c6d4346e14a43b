import type { SampleBlock } from '../light/samples.js'
import { packetLengthBytes } from '../modulation/index.js'
import type { BadPacket, ReceivedMessage } from '../receiver/index.js'
import type { Decoded } from '../recording/file-decoder.js'
import { type Light, RecentLight } from '../recording/recent-light.js'
import { receptionToSigrok } from '../recording/sigrok-writer.js'
import { receptionToVcd } from '../recording/vcd.js'
import type { Failure } from '../report/documents.js'
import { CommandError, EXIT, explain } from './errors.js'
import { placeOf } from './reception.js'
import { createSecretFile } from './secret-file.js'
import { tell } from './terminal.js'

export interface KeptFiles {
  readonly vcd?: string
  readonly sr?: string
  readonly force?: true
}

/**
 * Writes the files of the first good message, as soon as it has come, or where none is good, at the end, of the first
 * failed one with a whole packet. Tells of a fault, and does not throw it: the messages are still to be told.
 */
export class KeptMessage {
  readonly #light: RecentLight | null
  #isPending: boolean
  #failed: { readonly reception: BadPacket; readonly light: Light } | null = null

  constructor(private readonly files: KeptFiles) {
    this.#isPending = pathsOf(files).length > 0
    this.#light = this.#isPending ? new RecentLight() : null
  }

  /** Takes the light before what is found in it. */
  push(block: SampleBlock): void {
    if (this.#isPending) this.#light?.push(block)
  }

  /** @returns why a file could not be written */
  async take(reception: Decoded): Promise<Failure | null> {
    if (!this.#isPending || !this.#light) return null
    if (reception.kind === 'message') return this.#write(reception, this.#light.around(reception))
    if (reception.kind === 'bad-packet' && isWhole(reception)) {
      this.#failed ??= { reception, light: this.#light.around(reception) }
    }
    return null
  }

  /**
   * @param error of the command so far
   * @returns that of the command: a file that could not be written comes first, and last that there was nothing to write
   */
  async end(error: Failure | null): Promise<Failure | null> {
    if (!this.#isPending) return error
    if (this.#failed) {
      const { reception, light } = this.#failed
      tell(
        `there is no good message: keeping the one that failed${placeOf(reception)} (${reception.reason})`,
      )
      return (await this.#write(reception, light)) ?? error
    }
    const paths = pathsOf(this.files)
    const fault = `there is no good message from a capture to keep: ${paths.join(' and ')} ${paths.length > 1 ? 'were' : 'was'} not written`
    tell(fault)
    return error ?? explain(new CommandError(EXIT.badData, fault, { code: 'nothing-to-keep' }))
  }

  async #write(reception: ReceivedMessage | BadPacket, light: Light): Promise<Failure | null> {
    this.#isPending = false
    const { vcd, sr, force } = this.files
    const ofVcd = vcd ? await written(vcd, force, () => receptionToVcd(reception, light)) : null
    const ofSr = sr ? await written(sr, force, () => receptionToSigrok(reception, light)) : null
    return ofVcd ?? ofSr
  }
}

const pathsOf = ({ vcd, sr }: KeptFiles): string[] => [vcd, sr].filter((path) => path !== undefined)

/** Whether all bytes of a packet came, right or wrong: its length, as many, and the CRC. */
const isWhole = ({ packet }: BadPacket): boolean =>
  packet[0] !== undefined && packetLengthBytes(packet[0]) === packet.length

async function written(
  path: string,
  force: true | undefined,
  content: () => string | Uint8Array,
): Promise<Failure | null> {
  try {
    const output = await createSecretFile(path, force)
    try {
      await output.write(content())
    } finally {
      await output.close()
    }
    return null
  } catch (error) {
    const failure = explain(error)
    tell(failure.message)
    return failure
  }
}
