/** Runs the command that the arguments ask for, and ends the process. Rejects when a file of it cannot be loaded. */
export async function main(args: readonly string[]): Promise<never> {
  // What needs no rig is in a file of its own, with all that it needs: it starts in less time.
  const isQuick = ['encode', '--version', '-V'].includes(args[0] ?? '')
  const { start } = await (isQuick ? import('./quick.js') : import('./full.js'))
  return start(args)
}
