import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A program that stands beside a module, as a file for Node.js: built like the module, or its source where the module runs from
 * its own, and then with the loader that reads TypeScript.
 *
 * @param moduleUrl the module's `import.meta.url`
 * @param name the file's name without its extension
 */
export function programBeside(
  moduleUrl: string,
  name: string,
): { readonly file: string; readonly execArgv: readonly string[] } {
  const extension = extname(moduleUrl)
  return {
    file: fileURLToPath(new URL(`${name}${extension}`, moduleUrl)),
    execArgv: extension === '.ts' ? ['--import', import.meta.resolve('tsx')] : [],
  }
}
