import { Run } from './blinkup.js'

/** Prints each datagram that comes to a socket. */
const LISTEN = `
import json, socket, sys
name = sys.argv[1]
listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listening.bind("\\0" + name[1:] if name.startswith("@") else name)
print("bound", flush=True)
while True:
    print(json.dumps(listening.recv(4096).decode()), flush=True)
`

/** A program that hears what a service tells systemd at that address. Needs python3. */
export async function listen(name: string): Promise<Run> {
  const run = new Run('python3', ['-c', LISTEN, name], { stdio: ['ignore', 'pipe', 'pipe'] })
  await run.says('stdout', /bound/)
  return run
}

/** What it has heard so far. */
export const heard = ({ stdout }: Run): string[] =>
  stdout
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line))
