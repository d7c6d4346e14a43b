// Boards at pseudo terminals, in a process of their own; `boards-beside.ts` starts it:
//   boards-process.ts LINK...
import type { Light } from './board.js'
import { type HostileTerminal, serveHostileBoard } from './terminal.js'

const LOOK_INTERVAL_MS = 10

/** What it says to whoever has started it. */
export type BoardsMessage =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'light'
      /** Index of the board, whose light has ended. */
      readonly board: number
      readonly levels: string
      readonly symbolMs: number
      /** It was played to its end. */
      readonly isWhole: boolean
    }

const isWhole = ({ levels, startMs, symbolMs, endedMs = 0 }: Light): boolean =>
  endedMs > startMs + (levels.length - 0.5) * symbolMs

const say = (message: BoardsMessage): boolean => process.send?.(message) ?? false

const terminals: HostileTerminal[] = await Promise.all(
  process.argv.slice(2).map((path) => serveHostileBoard(path, [])),
)
/** The last one of each board. */
const told: Light[] = []
setInterval(() => {
  for (const [index, { board }] of terminals.entries()) {
    const { light } = board
    if (light?.endedMs === undefined || told[index] === light) continue
    told[index] = light
    const { levels, symbolMs } = light
    say({ kind: 'light', board: index, levels, symbolMs, isWhole: isWhole(light) })
  }
}, LOOK_INTERVAL_MS)
process.on('disconnect', async () => {
  await Promise.all(terminals.map((terminal) => terminal.end()))
  process.exit()
})
say({ kind: 'ready' })
