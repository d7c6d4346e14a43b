import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ended } from './blinkup.js'

/** The URLs of all scripts that a Node.js has loaded, as its coverage tells. It must end well. */
export async function scriptsOf(
  run: (env: NodeJS.ProcessEnv) => Promise<Ended>,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'blinkup-'))
  try {
    const { exitCode, stderr } = await run({ ...process.env, NODE_V8_COVERAGE: folder })
    if (exitCode !== 0) throw new Error(stderr)
    const texts = (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8'))
    const reports: { result: { url: string }[] }[] = (await Promise.all(texts)).map((text) =>
      JSON.parse(text),
    )
    return reports.flatMap(({ result }) => result.map(({ url }) => url))
  } finally {
    await rm(folder, { recursive: true })
  }
}
