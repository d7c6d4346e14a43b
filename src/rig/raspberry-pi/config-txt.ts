/** The settings of the Raspberry Pi's firmware. */
export const CONFIG_FILE = '/boot/firmware/config.txt'

/** Sections for models, by their names in the device tree (documentation of config.txt, "Model filters"). */
const MODELS: Readonly<Record<string, RegExp>> = {
  pi0: /^Raspberry Pi Zero/,
  pi0w: /^Raspberry Pi Zero [W2]/,
  pi02: /^Raspberry Pi Zero 2/,
  pi1: /^Raspberry Pi (Model|Compute Module Rev)/,
  pi2: /^Raspberry Pi 2 /,
  pi3: /^Raspberry Pi (Compute Module )?3 /,
  'pi3+': /^Raspberry Pi 3 Model \w Plus/,
  pi4: /^Raspberry Pi (Compute Module 4|4 |400 )/,
  pi400: /^Raspberry Pi 400 /,
  pi5: /^Raspberry Pi (Compute Module 5|5 |500 )/,
  pi500: /^Raspberry Pi 500 /,
  cm1: /^Raspberry Pi Compute Module Rev/,
  cm3: /^Raspberry Pi Compute Module 3 /,
  'cm3+': /^Raspberry Pi Compute Module 3 Plus/,
  cm4: /^Raspberry Pi Compute Module 4 /,
  cm4s: /^Raspberry Pi Compute Module 4S/,
  cm5: /^Raspberry Pi Compute Module 5/,
}

/** The pins of the overlays pwm and pwm-2chan, with their defaults (README of the Raspberry Pi firmware's overlays). */
const DEFAULT_PINS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  pwm: { pin: 18 },
  'pwm-2chan': { pin: 18, pin2: 19 },
}

/** The pins of the header to which config.txt gives the PWM on a model, such as "Raspberry Pi 4 Model B Rev 1.4". */
export function pwmPinsOf(config: string, model: string): number[] {
  const overlays: Record<string, number>[] = []
  let newest: Record<string, number> | undefined
  for (const line of linesFor(model, config)) {
    // "dtoverlay=pwm,pin=12", "dtoverlay=pwm:pin=12", or parameters of the overlay above as "dtparam=pin=12".
    const [, setting, value = ''] = /^\s*(dtoverlay|dtparam)\s*=\s*(.*)/.exec(line) ?? []
    if (setting === undefined) continue
    const words = value.split(/[,:\s]+/)
    if (setting === 'dtoverlay') {
      newest = { ...DEFAULT_PINS[words[0] as string] }
      overlays.push(newest)
    }
    for (const word of words) {
      const [, name = '', pin] = /^(\w+)=(\d+)$/.exec(word) ?? []
      if (newest && Object.hasOwn(newest, name)) newest[name] = Number(pin)
    }
  }
  return overlays.flatMap((pins) => Object.values(pins))
}

/** The lines of config.txt that a model reads. Sections that ask for something else, such as a monitor, are left out. */
function linesFor(model: string, config: string): string[] {
  let isForModel = true
  let isForAny = true
  return config.split('\n').filter((line) => {
    const [, section] = /^\s*\[(.+)\]/.exec(line)?.map((text) => text.toLowerCase()) ?? []
    if (section === undefined) return isForModel && isForAny
    // Sections of one kind replace each other, those of two hold together, and [all] ends both.
    if (Object.hasOwn(MODELS, section)) isForModel = MODELS[section]?.test(model) ?? false
    else isForAny = section === 'all'
    if (section === 'all') isForModel = true
    return false
  })
}
