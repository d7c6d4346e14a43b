import { type Command, Option } from 'commander'
import { Aiming, type AimView } from '../bench/aiming.js'
import { holdLevel } from '../bench/hold-level.js'
import { BLACK, GREY, type SymbolLevel, WHITE } from '../modulation/index.js'
import type { SampleBlock } from '../receiver/index.js'
import type { Rig } from '../rig/rig.js'
import { LONGEST_TIMER_MS } from '../rig/timebase.js'
import { type AimDisplay, LineDisplay, LiveDisplay, NO_DISPLAY } from './aim-display.js'
import { aimFigures, aimLine, LEVEL_NAMES } from './aim-text.js'
import { printDocument } from './document.js'
import { interruptible } from './interrupt.js'
import { listenForKeys } from './keys.js'
import { readSeconds } from './numbers.js'
import { addRigOptions, loadLightSettings } from './rig-options.js'
import { print, tell, warn } from './terminal.js'
import { withRig } from './with-rig.js'

const LEVEL_OF_KEY: Readonly<Record<string, SymbolLevel>> = { b: BLACK, g: GREY, w: WHITE }

/** How long the dark is looked at before the LED is lit. */
const DARK_S = 0.5

export function addAim(program: Command): void {
  const command = program
    .command('aim')
    .description(
      'hold the LED at one level, show live what the sensor sees, and say what to change (keys: b black, g grey, w white, q end)',
    )
    .addOption(
      new Option('--level <name>', 'the level to begin with').choices(LEVEL_NAMES).default('white'),
    )
    .option('--seconds <s>', 'how long (default: until q or Ctrl-C)', readSeconds)
    .option('--json', 'print what was seen last as JSON')
  addRigOptions(command).action(async ({ level, seconds, json = false, ...options }) => {
    const { rig: config } = await loadLightSettings(options)
    const plan = {
      first: LEVEL_NAMES.indexOf(level) as SymbolLevel,
      seconds: seconds ?? Number.POSITIVE_INFINITY,
      display: process.stderr.isTTY ? new LiveDisplay() : json ? NO_DISPLAY : new LineDisplay(),
    }
    const { view, lostSamples } = await interruptible((signal) =>
      withRig(config, signal, (rig) => aim(rig, plan, signal)),
    )
    if (lostSamples > 0) warn(`${lostSamples} samples were lost`)
    if (json) {
      const { kind: rig } = config
      const figures = aimFigures(view)
      await printDocument({ schema: 'blinkup.aim/1', rig, ...figures, lostSamples, error: null })
    } else if (view.now) await print(aimLine(view))
  })
}

interface Plan {
  readonly first: SymbolLevel
  readonly seconds: number
  readonly display: AimDisplay
}

/** Holds one level after another, as keys want it, and tells what was seen at the end. */
async function aim(
  rig: Rig,
  { first, seconds, display }: Plan,
  signal: AbortSignal,
): Promise<{ view: AimView; lostSamples: number }> {
  const aiming = new Aiming()
  const quit = new AbortController()
  let change = new AbortController()
  let held: SymbolLevel = rig.photodiode ? BLACK : first
  let next = first
  let startS: number | undefined
  let lostSamples = 0

  const onSamples = async (block: SampleBlock): Promise<void> => {
    aiming.push(block)
    lostSamples += block.gap?.samples ?? 0
    const newestS = block.timesS.at(-1)
    startS ??= block.timesS[0]
    if (newestS === undefined || startS === undefined) return
    await display.show(aiming.view, newestS)
    if (next !== held && newestS - startS >= DARK_S) change.abort()
    if (newestS - startS >= seconds) quit.abort()
  }
  const stopListening = listenForKeys((key) => {
    if (key === 'q') quit.abort()
    const level = LEVEL_OF_KEY[key]
    if (level === undefined) return
    next = level
    change.abort()
  })
  let timer: NodeJS.Timeout | undefined
  const onHeld = (): void => {
    // Without samples this computer's clock tells when it is over.
    if (rig.photodiode || seconds === Number.POSITIVE_INFINITY) return
    timer ??= setTimeout(() => quit.abort(), Math.min(1000 * seconds, LONGEST_TIMER_MS))
  }
  if (process.stdin.isTTY) tell('keys: b black, g grey, w white, q end')
  try {
    while (!quit.signal.aborted) {
      aiming.hold(held)
      if (!rig.photodiode) tell(`the LED is ${LEVEL_NAMES[held]}; there is no photodiode to see it`)
      const enough = AbortSignal.any([quit.signal, change.signal])
      await holdLevel(rig, held, { signal, enough, onHeld, onSamples })
      held = next
      change = new AbortController()
    }
    return { view: aiming.view, lostSamples }
  } finally {
    clearTimeout(timer)
    stopListening()
    display.end()
  }
}
