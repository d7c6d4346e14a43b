import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Folder } from './folder.js'

/**
 * Makes a CA, which is left in the folder as ca.pem, and certificates that it has signed, for 127.0.0.1 and for a stranger's name;
 * and another CA.
 */
export async function certificates(folder: Folder) {
  const make = async (name: string, ...more: string[]) => {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, ...more],
      ],
      { cwd: folder.path, stdio: 'pipe' },
    )
    const read = (file: string) => readFile(folder.at(file), 'utf8')
    return { key: await read(`${name}.key`), cert: await read(`${name}.pem`) }
  }
  const ca = await make('ca')
  const signed = (name: string, host: string) =>
    make(name, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', `subjectAltName=${host}`)
  return {
    ca: ca.cert,
    other: (await make('other')).cert,
    server: await signed('server', 'IP:127.0.0.1'),
    stranger: await signed('stranger', 'DNS:cloud.example'),
  }
}
