import { addEncode } from './encode.js'
import { run } from './run.js'

/** What needs no rig. The build makes one file of this and all that it imports, which starts faster than many. */
await run([addEncode])
