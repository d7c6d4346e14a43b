import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Dice } from '../receiver/dice.js'
import { progress, type Row, round, type Tables } from '../report.js'
import { COMMANDS, Command, EmulatedBoard, MESSAGE_MS } from './command.js'

/** From the start of a command until a little after its end, when nothing strikes. */
const WITHIN_MS = 4500
const PATIENCE_MS = 10_000
/** The board's keep-alive of 1 s, and what it takes to notice. */
const DARK_WITHIN_MS = 1100
/** A message is never dark for so long. */
const DARK_MS = 100
/** Of its light, for a message that has come whole. */
const WHOLE = 0.95

interface Struck {
  readonly command: Command
  readonly board: EmulatedBoard
  readonly dice: Dice
}

/** Something that strikes a board or a command; gives the codes with which the command may end. */
interface Strike {
  readonly name: string
  /** The command itself is killed, and can say nothing. */
  readonly kills?: true
  /** The board is of no more use after it. */
  readonly breaksBoard?: true
  readonly boardHangs?: true
  readonly strike: (struck: Struck) => Promise<void> | void
  readonly exitCodes: RegExp
}

/** What has no part in it: the command had ended before, or says that something was wrong. */
const OTHERWISE = '0|69|74'

const STOPS: readonly Strike[] = [
  {
    name: 'the board hangs (SIGSTOP)',
    breaksBoard: true,
    boardHangs: true,
    strike: ({ board }) => board.hang(),
    exitCodes: new RegExp(`^(${OTHERWISE})$`),
  },
  {
    name: 'the board loses its supply (SIGKILL)',
    breaksBoard: true,
    strike: ({ board }) => board.kill(),
    exitCodes: new RegExp(`^(${OTHERWISE})$`),
  },
  {
    name: 'the cable is pulled',
    breaksBoard: true,
    strike: ({ board }) => board.unplug(),
    exitCodes: new RegExp(`^(${OTHERWISE})$`),
  },
  {
    name: 'the command is killed (SIGKILL)',
    kills: true,
    strike: ({ command }) => void command.process.kill('SIGKILL'),
    exitCodes: /^(0|137)$/,
  },
  {
    name: 'the command is stopped, and killed later',
    kills: true,
    strike: async ({ command, dice }) => {
      command.process.kill('SIGSTOP')
      await sleep(dice.between(0, 3000))
      command.process.kill('SIGKILL')
    },
    exitCodes: /^(0|137)$/,
  },
]

const SIGNALS: readonly Strike[] = (
  [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const
).flatMap(([signal, exitCode]) => {
  const exitCodes = new RegExp(`^(0|${exitCode})$`)
  return [
    {
      name: `${signal} once`,
      strike: ({ command }) => void command.process.kill(signal),
      exitCodes,
    },
    {
      name: `${signal} twice`,
      strike: async ({ command, dice }) => {
        command.process.kill(signal)
        await sleep(dice.between(0, 600)) // within 250 ms it is the same signal
        command.process.kill(signal)
      },
      exitCodes,
    },
  ] satisfies Strike[]
})

interface Tally {
  readonly exitCodes: Map<number, number>
  runs: number
  hangs: number
  bugs: number
  /** Ended with a code that is neither of the strike nor of an undisturbed run. */
  otherCodes: number
  falsePasses: number
  falselyDark: number
  litTooLong: number
  longestMs: number
  longestLitMs: number
}

/** Commands at an emulated board, struck at random moments. `lanes` of them run at the same time. */
async function struck(
  title: string,
  strikes: readonly Strike[],
  { count, seed, folder, lanes }: StrikeOptions,
): Promise<Tables> {
  const tallies = new Map<string, Tally>()
  const wrongs: Row[] = []
  let next = 0
  const lane = async (number: number): Promise<void> => {
    let board: EmulatedBoard | undefined
    while (next < count) {
      const run = seed + next++
      progress(`${title} ${run - seed}`)
      const dice = new Dice(run)
      const strike = strikes[run % strikes.length] as Strike
      const name = dice.oneOf(Object.keys(COMMANDS)) as keyof typeof COMMANDS
      board ??= await EmulatedBoard.start(join(folder, `board-${number}-${run}`))
      board.forgetLight()
      const args = COMMANDS[name](join(folder, `capture-${number}.csv`))
      const command = new Command([...args, '--port', board.path])
      const afterMs = dice.between(0, WITHIN_MS)
      await Promise.race([sleep(afterMs), command.ended])
      const struckMs = Date.now()
      const litBeforeMs = struckMs - board.lastLitMs
      await strike.strike({ command, board, dice })
      const exitCode = await Promise.race([command.ended, sleep(2 * PATIENCE_MS)])
      if (exitCode === undefined) command.process.kill('SIGKILL')

      const endMs = command.endMs ?? Date.now()
      const saysDark = !/may be lit/.test(command.stderr)
      const couldBeLit = litBeforeMs < DARK_MS
      const hangs = strike.boardHangs ?? false
      if (hangs) board.goOn()
      await sleep(DARK_WITHIN_MS + 2 * DARK_MS)
      const litMs = Math.max(0, board.lastLitMs - endMs)
      const tally = tallies.get(strike.name) ?? newTally()
      tallies.set(strike.name, tally)
      tally.runs++
      tally.exitCodes.set(exitCode ?? -1, (tally.exitCodes.get(exitCode ?? -1) ?? 0) + 1)
      tally.longestMs = Math.max(tally.longestMs, endMs - struckMs)
      tally.longestLitMs = Math.max(tally.longestLitMs, litMs)
      const faults = {
        hangs: exitCode === undefined || endMs - struckMs > PATIENCE_MS,
        bugs: exitCode === 70,
        otherCodes: exitCode !== undefined && !strike.exitCodes.test(String(exitCode)),
        falsePasses: /^PASS/m.test(command.stdout) && board.litForMs < WHOLE * MESSAGE_MS,
        falselyDark:
          !strike.kills && saysDark && (hangs ? couldBeLit && exitCode !== 0 : litMs > DARK_MS),
        litTooLong: litMs > DARK_WITHIN_MS && !hangs,
      }
      for (const [fault, is] of Object.entries(faults)) {
        if (!is) continue
        tally[fault as keyof typeof faults]++
        wrongs.push({
          fault,
          run,
          strike: strike.name,
          command: name,
          afterMs: round(afterMs, 0),
          exitCode: exitCode ?? 'none',
          said: command.stderr.trimEnd().split('\n').at(-1) ?? '',
        })
      }
      if (strike.breaksBoard) {
        await board.end()
        board = undefined
      }
    }
    await board?.end()
  }
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
  return {
    [title]: [...tallies].map(([strike, { exitCodes, longestMs, longestLitMs, ...counts }]) => ({
      strike,
      ...counts,
      longestS: round(longestMs / 1000, 1),
      longestLitS: round(longestLitMs / 1000, 2),
      exitCodes: [...exitCodes]
        .sort(([a], [b]) => a - b)
        .map(([code, times]) => `${code}: ${times}`)
        .join(', '),
    })),
    [`${title}: what must never come of them`]: wrongs,
  }
}

export interface StrikeOptions {
  readonly count: number
  readonly seed: number
  readonly folder: string
  readonly lanes: number
}

const newTally = (): Tally => ({
  exitCodes: new Map(),
  runs: 0,
  hangs: 0,
  bugs: 0,
  otherCodes: 0,
  falsePasses: 0,
  falselyDark: 0,
  litTooLong: 0,
  longestMs: 0,
  longestLitMs: 0,
})

export const stops = (options: StrikeOptions): Promise<Tables> =>
  struck('Stops of the board, the cable and the command', STOPS, options)

export const signals = (options: StrikeOptions): Promise<Tables> =>
  struck('Signals to the command', SIGNALS, options)
