import type { Imp, ImpOptions } from '../factory/imp/imp.js'
import { Lamp, type LampLeds } from '../factory/imp/lamp.js'
import type { ImpLineName } from '../report/documents.js'
import { LONGEST_TIMER_MS, machineTimebase } from '../rig/timebase.js'
import { printLine } from './document.js'
import { eventDocument, eventText } from './imp-events.js'
import type { ImpFlags } from './imp-options.js'
import { print } from './terminal.js'

interface RunOptions extends Pick<ImpFlags, 'seconds' | 'json' | 'showSecrets'> {
  readonly schema: ImpLineName
  /** Whether it gets its power, or wakes up. */
  readonly isCold: boolean
  readonly signal: AbortSignal
  /** LEDs that show the status LED. */
  readonly leds?: LampLeds
}

/**
 * Runs an imp, and prints what happens, until its power is taken away: after the time, by the signal, whose reason it throws, or as
 * it cannot go on, or cannot print.
 */
export async function runImp(
  makeImp: (onEvent: NonNullable<ImpOptions['onEvent']>) => Imp,
  { schema, isCold, seconds, json, showSecrets, signal, leds = {} }: RunOptions,
): Promise<void> {
  let printed = Promise.resolve()
  const broken = new AbortController()
  using lamp = new Lamp(leds, { onFailure: (error) => broken.abort(error) })
  const imp = makeImp((event, timeS) => {
    if (event.event === 'led') lamp.show(event.led)
    const shown =
      event.event === 'settings' && showSecrets ? { ...event, settings: imp.settings } : event
    const line = json
      ? () => printLine(eventDocument(schema, shown, timeS))
      : () => print(`${timeS.toFixed(3).padStart(8)} s  ${eventText(shown)}\n`)
    printed = printed.then(line)
    printed.catch((error) => broken.abort(error))
  })
  const failed = AbortSignal.any([signal, imp.lost, broken.signal])
  imp.powerOn({ isCold })
  const ms = seconds === undefined ? LONGEST_TIMER_MS : 1000 * seconds
  await machineTimebase.sleep(Math.min(ms, LONGEST_TIMER_MS), failed).catch(() => {})
  await imp.powerOff()
  await printed
  failed.throwIfAborted()
}
