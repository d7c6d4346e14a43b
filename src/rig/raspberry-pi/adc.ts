import { existsSync } from 'node:fs'
import { RigError } from '../errors.js'
import { openBuffer } from './adc-buffer.js'
import { PolledAdc } from './adc-polling.js'
import { type Adc, findAdc, findTrigger, type IioDevice, triggerAdvice } from './iio-device.js'

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
const ADC_CONFIG_LINES = ['dtparam=spi=on', 'dtoverlay=mcp3008,spi0-0-present']

/**
 * Opens an ADC as a photodiode: by its buffer, with the kernel's time stamps, where it has one and a
 * trigger for it; otherwise by reading its value over and over, each with its own time. Times are of
 * CLOCK_MONOTONIC.
 *
 * @param channel the ADC's input, 0 for the first
 * @throws RigError 'missing', 'foreign', 'forbidden' or 'locked'
 */
export async function openAdc(channel: number, sampleRateHz: number): Promise<Adc> {
  const adc = findAdc(channel)
  if (!adc) {
    throw new RigError(
      'missing',
      `no ADC has a voltage input ${channel}: for an MCP3008 add ${ADC_CONFIG_LINES.map((line) => `"${line}"`).join(' and ')} to /boot/firmware/config.txt and restart`,
    )
  }
  const trigger = findTrigger(adc)
  if (trigger) return openBuffer(adc, trigger, sampleRateHz)
  return new PolledAdc(adc, 2 ** bitsOf(adc) - 1, sampleRateHz)
}

function bitsOf({ name, folder }: IioDevice): number {
  const bits = BITS_BY_NAME[name]
  if (bits !== undefined) return bits
  throw new RigError(
    'foreign',
    existsSync(`${folder}/buffer`)
      ? `the ADC ${name} can only be read by its buffer, which has no trigger: ${triggerAdvice(folder)}`
      : `the resolution of the ADC ${name} is not known: use one of ${Object.keys(BITS_BY_NAME).join(', ')}, or one with a buffer and a trigger`,
  )
}
