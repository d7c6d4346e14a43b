import { addEncode } from './encode.js'
import { run } from './run.js'

/** Runs what needs no rig. The build makes one file of this and all that it imports, which starts faster than many. */
export const start = (): Promise<never> => run([addEncode])
