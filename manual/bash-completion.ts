import type { Command, Option } from 'commander'
import { DIALECTS, PHOTODIODE_KINDS, RIG_KINDS } from '../src/index.js'
import { allCommands, type SeenCommand } from './all-commands.js'

/** What options may be given, beside the choices that commander knows. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  '--rig': RIG_KINDS,
  '--photodiode': PHOTODIODE_KINDS,
  '--dialect': Object.keys(DIALECTS),
}

/** A port is a file, too, as a rule. */
const FILE = /^(--port )|[<[]?(file|path)[\]>]?$/

/** A bash script that completes a program's commands and options, what options may be given, and names of files. */
export function bashCompletion(program: Command): string {
  const name = program.name()
  const commands = allCommands(program)
  const paths = commands.slice(1).map(({ path }) => `'${path}'`)
  const options = commands.flatMap((command) => command.options.filter(({ required }) => required))
  const afterOption = new Map<string, Set<string>>()
  for (const option of options) {
    const does = doesAfter(option)
    afterOption.set(does, (afterOption.get(does) ?? new Set()).add(option.long ?? option.flags))
  }
  return `# Completes ${name} in bash. Made from the program's own commands and options by \`npm run manual\`.
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=${name} words= files= word
  # --option=value comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      ${paths.join(' | ')}) command="$command $word" ;;
    esac
  done
  case $prev in
${Array.from(afterOption, ([does, flags]) => `    ${[...flags].join(' | ')}) ${does} ;;`).join('\n')}
    *)
      case $command in
${commands.map(caseOfCommand).join('\n')}
      esac
      ;;
  esac
  if [[ $files && $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}
complete -F _${name} ${name}
`
}

/** What may follow an option that does not stand alone. */
function doesAfter({ flags, long, argChoices }: Option): string {
  const words = argChoices ?? WORDS[long ?? '']
  if (words) return `words='${words.join(' ')}'`
  return FILE.test(flags) ? 'files=yes' : ':'
}

/** What may follow a command, which is one of its own, an option or a file. */
function caseOfCommand({ path, command, options, subcommands }: SeenCommand): string {
  const flags = options.map(({ long, short }) => long ?? short)
  const words = [...subcommands.map((sub) => sub.name()), ...flags].join(' ')
  const takesFile = command.registeredArguments.some((argument) => FILE.test(argument.name()))
  return `        '${path}') words='${words}'${takesFile ? ' files=yes' : ''} ;;`
}
