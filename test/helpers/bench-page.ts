import { readFileSync } from 'node:fs'

const PAGE = readFileSync(new URL('../../docs/bench.md', import.meta.url), 'utf8')
/** The options and the advice of a table of the page, which follows a command. */
export function tableAfter(command: string): [options: string, advice: string][] {
  const [, rest = ''] = PAGE.split(`\`${command}\``)
  const [table = ''] = rest.slice(rest.indexOf('|---')).split('\n\n')
  return Array.from(table.matchAll(/^\| `(.+)` \| (.+) \|$/gm), ([, options = '', advice = '']) => [
    options,
    advice,
  ])
}

/** An ellipsis stands for any text. */
export const matching = (advice: string): RegExp =>
  new RegExp(
    `^${advice
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  )
