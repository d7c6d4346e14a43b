import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync } from 'node:fs'
import { chmod, mkdir, symlink } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Folder } from './folder.js'

const SERVER_BIN = '/usr/lib/cups'
/** Where a printer would be: what is printed goes to a file, and its mode says what else happens. */
const PRINTER = `#!/bin/sh
[ $# -eq 0 ] && exit 0
place=\${DEVICE_URI#printer://}
case \${place#*\\?} in
  jam) echo "ERROR: paper jam" >&2; exit 1 ;;
  empty) echo "ERROR: out of labels" >&2; exit 4 ;;
  hang) exec sleep 60 ;;
esac
[ $# -ge 6 ] && exec <"$6"
cat >"\${place%%\\?*}.new" && mv "\${place%%\\?*}.new" "\${place%%\\?*}"
`
/** Root's cupsd runs printers as another user. */
const isRoot = process.getuid?.() === 0
const { username } = userInfo()

/** A real server of CUPS, for this test alone, whose printers write files. */
export class Cups implements AsyncDisposable {
  private constructor(
    private readonly folder: Folder,
    private readonly process: ChildProcess,
  ) {}

  /** What programs need to find it. */
  get env(): { readonly CUPS_SERVER: string } {
    return { CUPS_SERVER: this.folder.at('cups/cups.sock') }
  }

  static async open(folder: Folder): Promise<Cups> {
    const at = (name: string): string => folder.at(`cups/${name}`)
    for (const name of ['', 'tmp', 'etc', 'bin', 'bin/backend', 'out']) await mkdir(at(name))
    await chmod(folder.path, 0o755)
    for (const name of ['daemon', 'filter', 'notifier'])
      await symlink(`${SERVER_BIN}/${name}`, at(`bin/${name}`))
    await folder.file('cups/bin/backend/printer', PRINTER, 0o755)
    if (isRoot) for (const name of ['', 'tmp', 'out']) own(at(name))
    const anybody = 'Order allow,deny\nAllow all\n'
    const config = await folder.file(
      'cups/etc/cupsd.conf',
      `Listen ${at('cups.sock')}\nBrowsing No\nDefaultAuthType None\n<Location />\n${anybody}</Location>\n<Policy default>\n<Limit All>\n${anybody}</Limit>\n</Policy>\n`,
    )
    const files = await folder.file(
      'cups/etc/cups-files.conf',
      `ServerBin ${at('bin')}\nServerRoot ${at('etc')}\nRequestRoot ${at('')}\nTempDir ${at('tmp')}\nCacheDir ${at('cache')}\nStateDir ${at('state')}\n` +
        `AccessLog ${at('access')}\nErrorLog ${at('error')}\nPageLog ${at('page')}\nUser ${isRoot ? 'lp' : username}\nGroup ${isRoot ? 'lp' : group()}\n`,
    )
    const process = spawn('/usr/sbin/cupsd', ['-f', '-c', config, '-s', files], { stdio: 'ignore' })
    const cups = new Cups(folder, process)
    while (!existsSync(at('cups.sock'))) {
      if (process.exitCode !== null) throw new Error('cupsd has ended')
      await sleep(20)
    }
    return cups
  }

  /** Adds a printer. Returns the file in which the last page that it has printed is. */
  add(queue: string, mode: 'prints' | 'jam' | 'empty' | 'hang' = 'prints'): string {
    const printed = this.folder.at(`cups/out/${queue}.pdf`)
    const uri = `printer://${printed}?${mode}`
    // A queue without a driver: what is printed is what comes in.
    this.run(
      'lpadmin',
      '-p',
      queue,
      '-E',
      '-v',
      uri,
      '-m',
      'raw',
      '-o',
      'printer-error-policy=abort-job',
    )
    return printed
  }

  /** Runs a program of CUPS. */
  run(program: string, ...args: string[]): string {
    const env = { ...process.env, ...this.env, LC_ALL: 'C' }
    return execFileSync(program, args, {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill()
    if (this.process.exitCode === null) await once(this.process, 'exit')
  }
}

function own(path: string): void {
  const id = (what: string): number => Number(execFileSync('id', [what, 'lp']))
  chownSync(path, id('-u'), id('-g'))
}

const group = (): string => execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()
