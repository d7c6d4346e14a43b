import { RigError } from '../errors.js'
import type { Photodiode } from '../rig.js'
import { BufferedAdc } from './adc-buffer.js'
import { PolledAdc } from './adc-polling.js'
import { findAdc, findTrigger } from './iio-device.js'

/** Bits of the ADCs of the kernel's mcp320x driver, which has no attribute for them (their datasheets). */
const BITS_BY_NAME: Readonly<Record<string, number>> = {
  mcp3001: 10,
  mcp3002: 10,
  mcp3004: 10,
  mcp3008: 10,
  mcp3201: 12,
  mcp3202: 12,
  mcp3204: 12,
  mcp3208: 12,
}

/** The lines of config.txt that bind the documented ADC to its driver (README of the Raspberry Pi firmware's overlays). */
export const ADC_CONFIG_LINES = ['dtparam=spi=on', 'dtoverlay=mcp3008,spi0-0-present'] as const

/**
 * Opens an ADC as a photodiode: by its buffer, with the kernel's time stamps, where it has one and a
 * trigger for it; otherwise by reading its value over and over, each with its own time. Times are of
 * CLOCK_MONOTONIC.
 *
 * @param channel the ADC's input, 0 for the first
 * @throws RigError 'missing', 'foreign' or 'forbidden'
 */
export function openAdc(channel: number, sampleRateHz: number): Photodiode {
  const device = findAdc(channel)
  if (!device) {
    throw new RigError(
      'missing',
      `no ADC has a voltage input ${channel}: for an MCP3008 add ${ADC_CONFIG_LINES.map((line) => `"${line}"`).join(' and ')} to /boot/firmware/config.txt and restart`,
    )
  }
  const trigger = findTrigger(device)
  if (trigger) return new BufferedAdc(device, trigger, channel, sampleRateHz)
  const bits = BITS_BY_NAME[device.name]
  if (bits === undefined) {
    throw new RigError(
      'foreign',
      `it is not known how many bits the ADC ${device.name} has: use one of ${Object.keys(BITS_BY_NAME).join(', ')}, or one with a buffer and a trigger`,
    )
  }
  return new PolledAdc(`${device.folder}/in_voltage${channel}_raw`, 2 ** bits - 1, sampleRateHz)
}
