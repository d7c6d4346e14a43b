// What a station stands: `npm run bench:station -- endpoint [its options]`, of which the named file tells.
const PARTS: Readonly<Record<string, () => Promise<unknown>>> = {
  endpoint: () => import('./station-endpoint.js'),
  overhead: () => import('./station-overhead.js'),
}

const run = PARTS[process.argv[2] ?? '']
if (!run) throw new Error(`give one of ${Object.keys(PARTS).join(', ')}`)
await run()
