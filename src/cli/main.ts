import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { endIfOverheard } from '../guard-memory.js'
import { addAim } from './aim.js'
import { addCapture } from './capture.js'
import { addDecode } from './decode.js'
import { addDoctor } from './doctor.js'
import { addEmulate } from './emulate.js'
import { addEncode } from './encode.js'
import { EXIT, explain, Interrupted } from './errors.js'
import { addFirmware } from './firmware.js'
import { addOff } from './off.js'
import { hideSecretVariables } from './secret-variables.js'
import { addClear, addSend } from './send.js'
import { flushOutput, neverWaitInWrites, shownLines, tell } from './terminal.js'
import { addVerify } from './verify.js'

hideSecretVariables()
endIfOverheard()
neverWaitInWrites()

const fail = (error: unknown): void => {
  const { exitCode, message } = explain(error)
  tell(message)
  process.exitCode = exitCode
}

// Nothing of ours ends as a failed check does, with 1, or with a code of Node.js's own.
process.on('uncaughtException', (error) => {
  tell('the LED may still be lit: blinkup off turns it dark')
  fail(error)
  process.exit()
})
process.on('exit', () => {
  if (process.exitCode !== UNSETTLED) return
  tell(explain(new Error('a command did not come to its end')).message)
  process.exitCode = EXIT.bug
})
/** What Node.js ends with when nothing is left that could settle what is awaited. */
const UNSETTLED = 13

// Without a listener a broken pipe would end the process at once, with the LED still lit.
process.stdout.on('error', () => {
  process.exitCode = EXIT.inputOutput
})
process.stderr.on('error', () => {}) // nobody is left to tell

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
  .addHelpText(
    'after',
    `
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
blinkup has lit is dark, unless the message says that it may be lit.`,
  )

for (const add of [
  addEncode,
  addDecode,
  addSend,
  addVerify,
  addAim,
  addCapture,
  addClear,
  addOff,
  addDoctor,
  addEmulate,
  addFirmware,
]) {
  add(program)
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage
  } else fail(error)
  if (error instanceof Interrupted) process.exit() // not even for a reader who takes nothing
}
await flushOutput().catch(fail)
process.exit() // whoever still has the other end of an input or an output
