import { answer, type BoardState, isStop, type Span } from './model.js'

/** A line as the board has read it, and when its end had arrived. */
export interface Asked {
  readonly asked: string
  readonly from: number
}

/** A reply, when it was there, and the next one to a stop from then on, if any. */
interface Said {
  readonly line: string
  readonly cycle: number
  readonly stopped: string
}

/**
 * What the board may say to each of the lines that wait for a reply, and what follows from that. A stop behind the line that is
 * answered may have made it dark before.
 *
 * @param isFirst whether nothing has been answered since the line was quiet
 */
export function possibleAnswers(
  state: BoardState,
  open: readonly Asked[],
  isFirst: boolean,
  { line, cycle, stopped }: Said,
  clockZero: number,
) {
  const darks: (undefined | { readonly state: BoardState; readonly span: Span })[] = [undefined]
  const stop = open.slice(1).find(({ asked, from }) => isStop(asked) && from < cycle)
  if (stop && state.light) {
    const span = { from: stop.from, to: cycle }
    darks.push({ state: answer(state, 'dark', stopped, span, clockZero).state, span })
  }
  return darks.flatMap((dark) =>
    open.flatMap(({ asked, from }, place) => {
      const span = { from, to: cycle }
      const mayBeEarly = isStop(asked) && !(isFirst && place === 0)
      // The reply to a stop that has come too early has no tag.
      return (mayBeEarly ? [asked, 'stop'] : [asked]).map((order) => ({
        ...answer(dark?.state ?? state, order, line, span, clockZero),
        ...{ asked, place, span, dark },
      }))
    }),
  )
}
