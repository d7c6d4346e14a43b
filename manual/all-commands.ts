import type { Command, Option } from 'commander'

/** A command as its users see it. */
export interface SeenCommand {
  /** What to type for it, such as `blinkup firmware flash`. */
  readonly path: string
  readonly command: Command
  readonly options: readonly Option[]
  readonly subcommands: readonly Command[]
}

/** A program, then each of its commands with the commands of its own; without what is hidden and commander's `help`. */
export function allCommands(command: Command, above = ''): SeenCommand[] {
  const path = `${above}${command.name()}`
  const help = command.createHelp()
  const subcommands = help.visibleCommands(command).filter((sub) => sub.name() !== 'help')
  return [
    { path, command, options: help.visibleOptions(command), subcommands },
    ...subcommands.flatMap((sub) => allCommands(sub, `${path} `)),
  ]
}
