/** A time in its parts, as `date` of an imp gives it; months from 0, days of the week from Sunday. */
export interface DateTable {
  readonly sec: number
  readonly min: number
  readonly hour: number
  readonly day: number
  readonly month: number
  readonly year: number
  readonly wday: number
  /** From 0. */
  readonly yday: number
  readonly time: number
  readonly usec: number
}

export const time = (): number => Math.floor(Date.now() / 1000)

/** @param timeS since 1970, UTC; now, if it is left out */
export function date(timeS = Date.now() / 1000): DateTable {
  const wholeS = Math.floor(timeS)
  const at = new Date(wholeS * 1000)
  const year = at.getUTCFullYear()
  return {
    sec: at.getUTCSeconds(),
    min: at.getUTCMinutes(),
    hour: at.getUTCHours(),
    day: at.getUTCDate(),
    month: at.getUTCMonth(),
    year,
    wday: at.getUTCDay(),
    yday: Math.floor((wholeS - Date.UTC(year, 0) / 1000) / 86400),
    time: wholeS,
    usec: Math.floor((timeS - wholeS) * 1e6),
  }
}
