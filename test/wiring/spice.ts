import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const folder = new URL('.', import.meta.url)

/** Parameters of a netlist by name, as its `.param` lines have them: SI units. */
export type Parameters = Readonly<Record<string, number>>

const SCALES: Readonly<Record<string, number>> = { k: 1e3, m: 1e-3, u: 1e-6, n: 1e-9, p: 1e-12 }

/** The parameters that stand in a netlist as plain numbers, such as `r1=1k`. */
export function parametersOf(netlist: string): Parameters {
  const lines = readNetlist(netlist).match(/^\.param .*$/gm) ?? []
  const found = lines.join(' ').matchAll(/(\w+)=([\d.]+)([kmunp]?)(?=\s|$)/g)
  return Object.fromEntries(
    [...found].map(([, name, digits, scale = '']) => [name, Number(digits) * (SCALES[scale] ?? 1)]),
  )
}

/**
 * Runs a netlist of this folder in ngspice, once for each set of parameters; those that a set leaves out
 * are as in the netlist.
 *
 * @returns its measurements by name, one record for each set
 * @throws Error with ngspice's output, when it complains or a measurement is missing
 */
export function simulate(netlist: string, sets: readonly Parameters[] = [{}]): Parameters[] {
  const text = readNetlist(netlist)
  const known = parametersOf(netlist)
  const runs = sets.flatMap((set) => [
    ...Object.entries({ ...known, ...set }).map(([name, value]) => `alterparam ${name} = ${value}`),
    'reset',
    'echo SET',
    'run',
  ])
  const input = text.replace(/^\.end$/m, ['.control', ...runs, 'quit', '.endc', '.end'].join('\n'))
  const { stdout, stderr, error } = spawnSync('ngspice', ['-b'], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (error) throw error
  const fault = /.*(error|failed|warning|aborted).*/i.exec(stdout + stderr)
  if (fault) throw new Error(`ngspice: ${fault[0]}`)
  const wanted = text.match(/^\.meas /gm)?.length
  const results = stdout.split(/^SET$/m).slice(1).map(measurements)
  if (results.length !== sets.length || results.some((r) => Object.keys(r).length !== wanted)) {
    throw new Error(`ngspice: measurements are missing\n${stdout}\n${stderr}`)
  }
  return results
}

function readNetlist(netlist: string): string {
  return readFileSync(new URL(netlist, folder), 'utf8')
}

function measurements(output: string): Parameters {
  return Object.fromEntries(
    [...output.matchAll(/^(\w+) *= +([-+.\de]+)/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]),
  )
}
