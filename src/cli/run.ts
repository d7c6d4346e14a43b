import { Console } from 'node:console'
import { CommanderError } from 'commander'
import { endIfOverheard } from '../guard-memory.js'
import type { Failure } from '../report/documents.js'
import { asksForDocument, expectDocument, printFailure } from './document.js'
import { EXIT, explain, Interrupted } from './errors.js'
import { endOnSignals } from './interrupt.js'
import { type Add, createProgram, usageError } from './program.js'
import { hideSecretVariables } from './secret-variables.js'
import { flushOutput, neverWaitInWrites, tell, warn } from './terminal.js'

/** What Node.js ends with when nothing is left that could settle what is awaited. */
const UNSETTLED = 13

/** Who interrupts a command waits for no reader who takes nothing. */
const INTERRUPTED_PATIENCE_MS = 500

/** Runs the command line with these commands, and ends the process. */
export async function run(commands: readonly Add[]): Promise<never> {
  hideSecretVariables()
  endIfOverheard()
  neverWaitInWrites()
  // A firmware's: what it prints is none of our data.
  globalThis.console = new Console(process.stderr)

  const isDocumentAsked = asksForDocument(process.argv.slice(2))
  expectDocument(isDocumentAsked)
  if (isDocumentAsked) {
    endOnSignals((reason) => {
      fail(reason)
      process.exit()
    })
  }

  // Nothing of ours ends as a failed check does, with 1, or with a code of Node.js's own.
  process.on('uncaughtException', (error) => {
    warn('the LED may still be lit: blinkup off turns it dark')
    fail(error)
    process.exit()
  })
  process.on('exit', () => {
    if (process.exitCode !== UNSETTLED) return
    fail(new Error('a command did not finish'))
  })

  // Without a listener a broken pipe would end the process at once, with the LED still lit.
  process.stdout.on('error', () => {
    process.exitCode ||= EXIT.inputOutput
  })
  process.stderr.on('error', () => {}) // nobody is left to tell

  const program = createProgram(commands).hook('preAction', (_, command) => {
    const { json, format } = command.opts()
    expectDocument(json === true || format === 'json')
  })
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0) await end(usageFailure(error))
    } else {
      const told = fail(error)
      if (error instanceof Interrupted) {
        setTimeout(() => process.exit(), INTERRUPTED_PATIENCE_MS)
        await told
        process.exit()
      }
      await told
    }
  }
  await flushOutput().catch(fail)
  return process.exit() // whoever still has the other end of an input or an output
}

/** Says what is wrong, where a document is expected in one. */
function fail(error: unknown): Promise<void> {
  const failure = explain(error)
  tell(failure.message)
  return end(failure)
}

/** Resolves when whoever expects a document has it, or does not read it. */
function end(failure: Failure): Promise<void> {
  process.exitCode = failure.exitCode
  return printFailure(failure).catch(() => {})
}

/** Commander has told it. */
const usageFailure = ({ message }: CommanderError): Failure => ({
  code: 'usage',
  exitCode: EXIT.usage,
  message: usageError(message).replaceAll('\n', ' '),
})
