import { CommanderError } from 'commander'
import { endIfOverheard } from '../guard-memory.js'
import { EXIT, explain, Interrupted } from './errors.js'
import { type Add, createProgram } from './program.js'
import { hideSecretVariables } from './secret-variables.js'
import { flushOutput, neverWaitInWrites, tell } from './terminal.js'

/** What Node.js ends with when nothing is left that could settle what is awaited. */
const UNSETTLED = 13

/** Runs the command line with these commands, and ends the process. */
export async function run(commands: readonly Add[]): Promise<never> {
  hideSecretVariables()
  endIfOverheard()
  neverWaitInWrites()

  // Nothing of ours ends as a failed check does, with 1, or with a code of Node.js's own.
  process.on('uncaughtException', (error) => {
    tell('the LED may still be lit: blinkup off turns it dark')
    fail(error)
    process.exit()
  })
  process.on('exit', () => {
    if (process.exitCode !== UNSETTLED) return
    tell(explain(new Error('a command did not finish')).message)
    process.exitCode = EXIT.bug
  })

  // Without a listener a broken pipe would end the process at once, with the LED still lit.
  process.stdout.on('error', () => {
    process.exitCode = EXIT.inputOutput
  })
  process.stderr.on('error', () => {}) // nobody is left to tell

  const program = createProgram(commands)
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage
    } else fail(error)
    if (error instanceof Interrupted) process.exit() // not even for a reader who takes nothing
  }
  await flushOutput().catch(fail)
  return process.exit() // whoever still has the other end of an input or an output
}

function fail(error: unknown): void {
  const { exitCode, message } = explain(error)
  tell(message)
  process.exitCode = exitCode
}
