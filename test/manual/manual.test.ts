import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { MANUAL } from '../../manual/files.js'
import { test as testInFolder } from '../helpers/folder.js'

test.each([...MANUAL])('%s is what the program makes: npm run manual', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})

describe('the completion for bash', () => {
  const script = [...MANUAL.keys()].find((path) => basename(path) === 'blinkup.bash') as string

  /** What bash offers for the last word of a line, whose words are split as bash splits them. */
  function offered(words: readonly string[], cwd = '.'): string[] {
    const complete = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _blinkup'
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is of bash
    const print = '[ ${#COMPREPLY[@]} = 0 ] || printf "%s\\n" "${COMPREPLY[@]}"'
    const args = ['--norc', '-c', `${complete}; ${print}`, 'bash', script, 'blinkup', ...words]
    return execFileSync('bash', args, { cwd, encoding: 'utf8' }).split('\n').slice(0, -1)
  }

  it.each([
    ['commands', ['ver'], ['verify']],
    ['commands of a command', ['firmware', 'fl'], ['flash']],
    ['options', ['verify', '--sh'], ['--show-secrets']],
    ['options of a command of a command', ['firmware', 'flash', '--b'], ['--board']],
    [
      'options after others, and after what these are given',
      ['send', '--rig', 'pwm', '--pi'],
      ['--pin'],
    ],
    ['kinds of rigs', ['send', '--rig', ''], ['emulated', 'bridge', 'gpio', 'pwm']],
    ['kinds after =', ['send', '--rig', '=', 'em'], ['emulated']],
    ['kinds right after =', ['send', '--photodiode', '='], ['bridge', 'adc']],
    ['dialects', ['encode', '--dialect', 'sdk-2'], ['sdk-2015']],
    ['choices', ['encode', '--format', 'c'], ['csv']],
    ['nothing for a number', ['send', '--rate', ''], []],
    ['nothing for an unknown command', ['nonsense'], []],
    ['no option that another command has', ['off', '--ssi'], []],
    ['no option that is hidden', ['send', '--passw'], []],
  ])('offers %s', (_, words, expected) => {
    expect(offered(words)).toEqual(expected)
  })

  testInFolder.for([
    ['decode', []],
    ['send', ['--config']],
    ['send', ['--config', '=']],
    ['send', ['--port']],
  ] as const)('offers files after %s %j', async ([command, before], { folder }) => {
    await folder.file('a name with spaces.csv', '')
    expect(offered([command, ...before, 'a n'], folder.at('.'))).toEqual(['a name with spaces.csv'])
  })
})
