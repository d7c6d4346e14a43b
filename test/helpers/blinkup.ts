import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'
import { asksForDocument, printsLines } from '../../src/cli/document.js'
import { shown } from '../../src/cli/terminal.js'
import { DOCUMENTS, type DocumentName, LINES, type LineName } from '../../src/report/documents.js'

/** The command as it is installed; `npm test` has built it. */
export const BLINKUP = fileURLToPath(new URL('../../bin/blinkup', import.meta.url))

export interface RunOptions {
  readonly input?: string | Uint8Array
  /** More may be written to standard input, which does not end by itself. */
  readonly inputGoesOn?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** Standard input, instead of what is written to it. */
  readonly stdin?: number
  /** Where standard output and standard error go; default to the test. */
  readonly stdout?: number
  readonly stderr?: number
}

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<Run>()
afterAll(() => {
  for (const run of running) run.process.kill('SIGKILL')
})

/** A program that runs, and what it has said so far. */
export class Run {
  stdout = ''
  stderr = ''
  readonly process: ChildProcess
  /** A death by a signal counts as in a shell: 128 and its number. */
  readonly ended: Promise<Ended>
  /** Resolves when it has ended, though what it said may not have been read. */
  readonly exited: Promise<unknown>
  #heard: () => void = () => {}

  constructor(program: string, args: readonly string[], options: SpawnOptions) {
    this.process = spawn(program, args, options)
    this.process.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text
      this.#heard()
    })
    this.process.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text
      this.#heard()
    })
    this.process.stdin?.on('error', () => {}) // a program may end before it has read its input
    running.add(this)
    this.exited = once(this.process, 'exit')
    const at = args.findIndex((arg) => arg.endsWith('bin/blinkup'))
    const given = args.slice(at + 1)
    const isDocument =
      at >= 0 && asksForDocument(given) && this.process.stdout && this.process.stderr
    const check = printsLines(given) ? checkLines : checkDocument
    this.ended = new Promise((resolve, reject) => {
      this.process.once('error', reject)
      this.process.once('close', (code, signal) => {
        running.delete(this)
        this.#heard()
        const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0)
        const ended = { exitCode, stdout: this.stdout, stderr: this.stderr }
        try {
          if (isDocument && code !== null) check(ended) // else nobody was left to print it
          resolve(ended)
        } catch (error) {
          reject(error)
        }
      })
    })
    this.ended.catch(() => {}) // who awaits it is told
  }

  /** Resolves when the program has said something that matches. */
  async says(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<void> {
    while (!pattern.test(this[stream])) {
      if (!running.has(this)) throw new Error(`it ended without ${pattern}: ${this[stream]}`)
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }
}

/** What was printed must be one document of its schema, that tells of the warnings and of the failure there was. */
function checkDocument({ exitCode, stdout, stderr }: Ended): void {
  const parsed = JSON.parse(stdout)
  expect(Object.keys(DOCUMENTS)).toContain(parsed.schema)
  const { error, warnings } = DOCUMENTS[parsed.schema as DocumentName].parse(parsed)
  expect(error?.exitCode ?? 0).toBe(exitCode)
  const warned = Array.from(stderr.matchAll(/^blinkup: warning: (.*)$/gm), ([, text]) => text)
  expect(warned).toEqual(warnings.map(shown))
}

/** What was printed must be lines, each a document of its schema; and where the command failed, the last one tells why. */
function checkLines({ exitCode, stdout, stderr }: Ended): void {
  const lines = stdout.split('\n').slice(0, -1)
  const last = exitCode === 0 ? '' : (lines.pop() ?? '')
  if (last) checkDocument({ exitCode, stdout: last, stderr })
  for (const line of lines.map((text) => JSON.parse(text))) {
    expect(Object.keys(LINES)).toContain(line.schema)
    LINES[line.schema as LineName].parse(line)
  }
  expect(exitCode === 0 || last !== '').toBe(true)
}

/** The variables of the machine without those that change what blinkup does. */
function environment(env: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env
  return { PATH, HOME, TMPDIR, ...env }
}

/** Starts the command. */
export function start(args: readonly string[], options: RunOptions = {}): Run {
  const { input, inputGoesOn, env, stdout = 'pipe', stderr = 'pipe' } = options
  const { stdin = input === undefined ? 'ignore' : 'pipe' } = options
  const run = new Run(process.execPath, [BLINKUP, ...args], {
    env: environment(env),
    stdio: [stdin, stdout, stderr],
  })
  if (inputGoesOn) run.process.stdin?.write(input)
  else run.process.stdin?.end(input)
  return run
}

/** A module for Node.js's --import that does so half a second after the command has begun to see to what nothing else catches. */
export function faultAtWork(fault: string): string {
  const begin = `{ clearInterval(look); setTimeout(() => { ${fault} }, 500) }`
  const look = `if (process.listenerCount('uncaughtException') > 0) ${begin}`
  return `data:text/javascript,const look = setInterval(() => { ${look} }, 20)`
}

/** Runs the command to its end. */
export function blinkup(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(args, options).ended
}

/** Starts a shell command on a pseudo terminal, whose output is stdout. Needs util-linux's `script`. */
export function startOnTerminal(command: string, env: RunOptions['env'] = {}): Run {
  return new Run('script', ['-qec', command, '/dev/null'], {
    env: environment({ SHELL: '/bin/sh', TERM: 'xterm', ...env }),
  })
}

/** Resolves when the capture that a run writes has so many samples; rejects when that ends before. */
export async function untilCaptured(run: Run, file: string, samples: number): Promise<void> {
  while ((await readFile(file, 'utf8')).split('\n').length < samples + 2) {
    const { exitCode, signalCode } = run.process
    if (exitCode !== null || signalCode !== null) {
      throw new Error(`it has ended (${exitCode ?? signalCode}) before: ${run.stderr}`)
    }
    await sleep(20)
  }
}
