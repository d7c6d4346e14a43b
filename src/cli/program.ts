import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { shownLines } from './terminal.js'

const HELP = `
Examples:
  blinkup verify --rig emulated --dummy       the whole way once round, without any hardware
  blinkup send --port /dev/ttyACM0 --config device.json
  blinkup encode --ssid net --open            the message as digits: 0 black, 1 grey, 2 white
  blinkup aim                                 hold the LED, and see live what the sensor sees
  blinkup capture --send --dummy | blinkup decode -
                                              record a message while it plays, and read it
  blinkup emulate --link /tmp/board           an emulated board as a serial port

Exit codes: 0 done and, where asked, verified; 1 the check failed; 64 wrong usage; 65 bad data or
credentials; 66 no such input; 69 device missing or not answering; 74 unplugged or output failed;
75 another program has the device; 78 bad fixture file; 129, 130 and 143 on signals; 70 a bug or a
damaged file of ours; 71 the system has no memory or files left. On every one of them an LED that
blinkup has lit is dark, unless the message says that it may be lit.`

/** Adds a command to the command line. */
type Add = (program: Command) => void

/** The commands, each loaded only when it is wanted. */
const COMMANDS = {
  encode: async () => (await import('./encode.js')).addEncode,
  decode: async () => (await import('./decode.js')).addDecode,
  send: async () => (await import('./send.js')).addSend,
  verify: async () => (await import('./verify.js')).addVerify,
  aim: async () => (await import('./aim.js')).addAim,
  capture: async () => (await import('./capture.js')).addCapture,
  clear: async () => (await import('./send.js')).addClear,
  off: async () => (await import('./off.js')).addOff,
  doctor: async () => (await import('./doctor.js')).addDoctor,
  emulate: async () => (await import('./emulate.js')).addEmulate,
  firmware: async () => (await import('./firmware.js')).addFirmware,
} satisfies Record<string, () => Promise<Add>>

export type CommandName = keyof typeof COMMANDS
export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[]

/** The commands that these arguments need: the one that they begin with, none for the version, and else all. */
export function commandsFor([first = '']: readonly string[]): readonly CommandName[] {
  if (first === '--version' || first === '-V') return []
  const only = COMMAND_NAMES.filter((name) => name === first)
  return only.length > 0 ? only : COMMAND_NAMES
}

/** The command line with these commands, by default with all. Rejects when a file of theirs cannot be loaded. */
export async function createProgram(
  names: readonly CommandName[] = COMMAND_NAMES,
): Promise<Command> {
  const { version, description } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  const program = new Command('blinkup')
    .description(description)
    .version(version)
    .exitOverride()
    .configureOutput({
      // An unknown option is quoted back with its value, which may be a secret: -pSECRET, --pass=SECRET.
      outputError: (text, write) =>
        write(
          `blinkup: ${shownLines(text.replace(/^error: /, '').replace(/(unknown option '(-\w|--[^=']*)).*'/s, "$1'"))}`,
        ),
    })
    .showHelpAfterError('(blinkup --help shows all commands, blinkup COMMAND --help their options)')
    .addHelpText('after', HELP)
  for (const name of names) {
    const add = await COMMANDS[name]()
    add(program)
  }
  return program
}
