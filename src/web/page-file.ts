import { readFile } from 'node:fs/promises'
import type { Route } from './page-server.js'

const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript' }

/** A file of a page, as the package has it. */
export function pageFile(name: `${string}.${keyof typeof TYPES}`): Route {
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1) as keyof typeof TYPES]
  return {
    kind: 'content',
    type: `${type}; charset=utf-8`,
    read: () => readFile(new URL(`./page/${name}`, import.meta.url)),
  }
}
