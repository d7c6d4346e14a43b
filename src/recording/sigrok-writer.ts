import { strToU8, zipSync } from 'fflate'
import type { BadPacket, ReceivedMessage } from '../receiver/index.js'
import { type Light, SHORTEST_STEP_S } from './recent-light.js'
import { type SeenMessage, SYMBOL_LINES, seenMessage } from './seen-message.js'

const SAMPLE_RATE_HZ = Math.round(1 / SHORTEST_STEP_S)
/** A level lasts until the next one, but not across a gap. */
const LONGEST_HELD_S = 0.1
/** As many as libsigrok 0.5.2 takes at once. */
const CHUNK_SAMPLES = 2 ** 20

/**
 * A message, good or with a whole packet that is wrong, and its light as a sigrok session (`.sr`, version 2), which PulseView and
 * sigrok-cli open: the logic channels `white`, `grey` and `packet` as in `receptionToVcd`, and the analog channel `light` in
 * the unit of its recording. A session has no annotations; PulseView's SPI decoder makes them of the logic channels (clock `grey`, MOSI
 * `white`, CS# `packet`, active high).
 *
 * A session has one rate for all channels, here 20 kHz: each level is held until the next one; it is NaN where there is none, and
 * from 0.1 s after the last one before a gap. A session has no times either: it begins where the light or the message does.
 */
export function receptionToSigrok(
  reception: ReceivedMessage | BadPacket,
  light: Light,
): Uint8Array {
  const seen = seenMessage(reception)
  const endS = seen.startS + seen.lines.length / seen.symbolRateHz
  const startS = Math.min(seen.startS, light.timesS[0] ?? seen.startS)
  const lastS = Math.max(endS, light.timesS.at(-1) ?? endS)
  const samples = Math.ceil((lastS - startS) * SAMPLE_RATE_HZ) + 1
  const logic = logicSamples(seen, startS, samples)
  const analog = heldLevels(light, startS, samples)
  const files: Record<string, Uint8Array> = { version: strToU8('2'), metadata: METADATA }
  for (let at = 0, chunk = 1; at < samples; at += CHUNK_SAMPLES, chunk++) {
    files[`logic-1-${chunk}`] = logic.subarray(at, at + CHUNK_SAMPLES)
    files[`analog-1-${ANALOG_CHANNEL}-${chunk}`] = floats(analog.subarray(at, at + CHUNK_SAMPLES))
  }
  return zipSync(files)
}

/** Analog channels are numbered after the logic ones. */
const ANALOG_CHANNEL = SYMBOL_LINES.length + 1

// As libsigrok 0.5.2 writes it (srzip); without a name for each channel PulseView 0.4.2 shows none.
const METADATA = strToU8(`[global]
sigrok version=0.5.2

[device 1]
capturefile=logic-1
total probes=${SYMBOL_LINES.length}
samplerate=${SAMPLE_RATE_HZ} Hz
total analog=1
${SYMBOL_LINES.map((name, bit) => `probe${bit + 1}=${name}`).join('\n')}
analog${ANALOG_CHANNEL}=light
unitsize=1
`)

/** One byte a sample, bit n of which is line n. */
function logicSamples(
  { lines, startS, symbolRateHz }: SeenMessage,
  firstS: number,
  count: number,
): Uint8Array {
  const samples = new Uint8Array(count)
  const sampleOf = (symbol: number): number =>
    Math.round((startS - firstS + symbol / symbolRateHz) * SAMPLE_RATE_HZ)
  for (const [symbol, value] of lines.entries()) {
    samples.fill(value, sampleOf(symbol), sampleOf(symbol + 1))
  }
  return samples
}

function heldLevels({ timesS, levels }: Light, firstS: number, count: number): Float32Array {
  const held = new Float32Array(count).fill(Number.NaN)
  const sampleOf = (timeS: number): number => Math.round((timeS - firstS) * SAMPLE_RATE_HZ)
  for (const [i, timeS] of timesS.entries()) {
    const untilS = Math.min(timesS[i + 1] ?? Infinity, timeS + LONGEST_HELD_S)
    held.fill(levels[i] as number, sampleOf(timeS), sampleOf(untilS))
  }
  return held
}

/** 32-bit floats, low byte first. */
function floats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of values.entries()) view.setFloat32(4 * i, value, true)
  return bytes
}
