import type { TransformCallback } from 'node:stream'
import { ReadlineParser } from '@serialport/parser-readline'

/** More than any line of the protocol has. */
const MAX_LINE_LENGTH = 256

/**
 * Lines out of bytes, in constant memory: what grows longer than any line of the protocol is given as
 * a line before its end has come, and is found damaged by its CRC.
 */
export class CappedReadlineParser extends ReadlineParser {
  override _transform(chunk: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    super._transform(chunk, encoding, (error) => {
      if (this.buffer.length > MAX_LINE_LENGTH) {
        this.push(this.buffer)
        this.buffer = Buffer.alloc(0)
      }
      done(error)
    })
  }
}
