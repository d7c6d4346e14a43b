import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { shownLines } from './terminal.js'

export const HELP = `
Examples:
  blinkup verify --rig emulated --dummy       the whole way once round, without any hardware
  blinkup send --port /dev/ttyACM0 --config device.json
  blinkup encode --ssid net --open            the message as digits: 0 black, 1 grey, 2 white
  blinkup aim                                 hold the LED, and see live what the sensor sees
  blinkup tune                                the same and more on a web page
  blinkup capture --send --dummy | blinkup decode -
                                              record a message while it plays, and read it
  blinkup emulate --link /tmp/board           an emulated board as a serial port

Exit codes: 0 done and, where asked, verified; 1 the check failed; 64 wrong usage; 65 bad data or
credentials; 66 no such input; 69 device missing or not answering; 74 unplugged or output failed;
75 another program has the device; 78 bad fixture file; 124 no device came in time; 129, 130 and 143
on signals; 70 a bug or a damaged file of ours; 71 the system has no memory or files left. On every
one of them an LED that blinkup has lit is dark, unless the message says that it may be lit.`

/** Adds a command to the command line. */
export type Add = (program: Command) => void

/** What is said of wrong usage. An unknown option is quoted back with its value, which may be a secret: -pSECRET, --pass=SECRET. */
export const usageError = (text: string): string =>
  text.replace(/^error: /, '').replace(/(unknown option '(--[^=']*|-.)).*'/su, "$1'")

/** The command line with these commands. */
export function createProgram(commands: readonly Add[]): Command {
  const { version, description } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  const program = new Command('blinkup')
    .description(description)
    .version(version)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`blinkup: ${shownLines(usageError(text))}`),
    })
    .showHelpAfterError('(blinkup --help shows all commands, blinkup COMMAND --help their options)')
    .addHelpText('after', HELP)
  for (const add of commands) add(program)
  return program
}
