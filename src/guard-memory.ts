import { writeFileSync, writeSync } from 'node:fs'

/**
 * Keeps what this process remembers, secrets among it, from other users of the computer. Import it before anything else, and call
 * `endIfOverheard` before there is a secret.
 */

// With a listener Node.js does not open its debugger, whose port any user may connect to.
process.on('SIGUSR1', () => {})

// A core dump, of this process and of what it starts, holds none of its memory (core(5)).
try {
  writeFileSync('/proc/self/coredump_filter', '0')
} catch {} // another system

/** A signal that came before there was a listener may take so long to open the debugger on a busy machine. */
const OPENING_MS = [0, 20, 50, 100, 200, 500, 1000, 2000]

/**
 * Ends the process where secrets would not stay in it: by NODE_DEBUG Node.js prints what is read and what programs are started with; and a
 * signal may have opened its debugger before there was a listener. A debugger that the user has asked for (`--inspect`) is none
 * of our business.
 */
export function endIfOverheard(): void {
  if (process.env.NODE_DEBUG) {
    end(USAGE, 'NODE_DEBUG makes Node.js print what it reads, secrets as well: unset it')
  }
  const options = [...process.execArgv, process.env.NODE_OPTIONS].join(' ')
  if (options.includes('--inspect')) return
  endIfDebugged()
  for (const ms of OPENING_MS) setTimeout(endIfDebugged, ms).unref()
}

function endIfDebugged(): void {
  // A build may be without an inspector.
  if (process.getBuiltinModule('node:inspector')?.url() === undefined) return
  end(OS_ERROR, "the signal SIGUSR1 has opened Node.js's debugger: start again without it")
}

/** Node.js would keep for later what a full pipe does not take, and there is no later. */
function end(exitCode: number, sentence: string): void {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      writeSync(2, `blinkup: ${sentence}\n`)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') break
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
  process.exit(exitCode)
}

/** EX_USAGE and EX_OSERR of sysexits.h. */
const USAGE = 64
const OS_ERROR = 71
