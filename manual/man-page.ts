import type { Command } from 'commander'
import { HELP } from '../src/cli/program.js'
import { allCommands, type SeenCommand } from './all-commands.js'

/** A program's page for man(1), in the macros of man(7). */
export function manPage(program: Command): string {
  const name = program.name()
  const [, ...commands] = allCommands(program)
  const [examples = '', exitCodes = ''] = HELP.trim().split('\n\n')
  return `${[
    `.\\" Made from the program's own commands and options by \`npm run manual\`.`,
    `.TH ${name.toUpperCase()} 1 "" "${name} ${program.version()}" "User Commands"`,
    '.SH NAME',
    `${name} \\- ${roff(program.description())}`,
    '.SH SYNOPSIS',
    `.B ${name}`,
    roff('COMMAND [options]'),
    '.SH COMMANDS',
    ...commands.map(section),
    '.SH EXAMPLES',
    verbatim(examples.replace(/^.*\n/, '')),
    '.SH EXIT STATUS',
    roff(exitCodes.replace(/^Exit codes: /, '').replace(/\n/g, ' ')),
  ].join('\n')}\n`
}

function section({ path, command, options }: SeenCommand): string {
  const help = command.createHelp()
  return [
    `.SS ${roff(`${path} ${command.usage()}`.trim())}`,
    roff(help.commandDescription(command)),
    ...help
      .visibleArguments(command)
      .map((argument) => entry(help.argumentTerm(argument), help.argumentDescription(argument))),
    ...options.map((option) => entry(help.optionTerm(option), help.optionDescription(option))),
    ...remarks(command),
  ].join('\n')
}

const entry = (term: string, description: string): string =>
  `.TP\n.B ${roff(term)}\n${roff(description)}`

/** What the help says after the options. */
function remarks(command: Command): string[] {
  let shown = ''
  const output = command.configureOutput()
  command.configureOutput({ ...output, writeOut: (text) => (shown += text) }).outputHelp()
  command.configureOutput(output)
  const text = shown.slice(command.helpInformation().length).trim()
  return text === '' ? [] : ['.PP', roff(text.replace(/\n/g, ' '))]
}

/** Text as it stands; hyphens are those of options, and no line is taken for a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
}

const verbatim = (text: string): string => `.nf\n${roff(text)}\n.fi`
