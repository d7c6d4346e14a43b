import { execFileSync } from 'node:child_process'

/** What sigrok-cli prints of a file; `-I` names the format of one that does not tell it. */
function sigrokCli(file: string, format: 'vcd' | null, ...args: string[]): string {
  const input = format ? ['-I', format] : []
  return execFileSync('sigrok-cli', ['-i', file, ...input, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
}

/** The channels of a file, such as `light: analog`, and its samples. */
export function readSession(
  file: string,
  format: 'vcd' | null = null,
): { channels: string[]; sampleRateHz: number; samples: number } {
  const shown = sigrokCli(file, format, '--show')
  return {
    channels: Array.from(shown.matchAll(/^- (.*)$/gm), ([, channel]) => channel as string),
    sampleRateHz: Number(/^Samplerate: (\d+)$/m.exec(shown)?.[1]),
    samples: Number(/^Logic sample count: (\d+)$/m.exec(shown)?.[1]),
  }
}

/** The bytes that sigrok's SPI decoder reads: clock `grey`, data `white`, select `packet`. */
export function spiBytes(file: string, format: 'vcd' | null = null): Uint8Array {
  const decoder = 'spi:clk=grey:mosi=white:cs=packet:cs_polarity=active-high'
  const shown = sigrokCli(file, format, '-P', decoder, '-A', 'spi=mosi-data')
  return Uint8Array.from(shown.matchAll(/^spi-1: (.*)$/gm), ([, byte]) =>
    Number.parseInt(byte as string, 16),
  )
}

/** The samples of one channel, as sigrok-cli writes them as CSV. */
export function samplesOf(file: string, channel: string): number[] {
  const csv = sigrokCli(file, null, '-C', channel, '-O', 'csv:header=false:label=off')
  return csv.trimEnd().split('\n').map(Number)
}
