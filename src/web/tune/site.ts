import { CSV_HEADER, csvLines } from '../../recording/csv.js'
import { EventFeed } from '../event-feed.js'
import { pageFile } from '../page-file.js'
import { type Content, PageServer, Refusal, type Route } from '../page-server.js'
import { tuneReport } from './report.js'
import { KEPT_S, type TuneOptions, TuneSession } from './session.js'

export interface TuneSiteOptions extends Omit<TuneOptions, 'onEvent'> {
  /** Default 127.0.0.1, which other computers do not reach. */
  readonly host?: string | undefined
  /** Default any that is free. */
  readonly port?: number | undefined
  /** Of the server, which are never the page's fault. */
  readonly onFailure: (error: unknown) => void
}

/** A page that is loaded anew is back sooner. */
const AWAY_MS = 3000
/** Of a capture, which are made as they are read. */
const PIECE_SAMPLES = 4096

/** The page on which a rig is tuned, and its server. Disposing ends both, as that of `TuneSession` and `PageServer`. */
export class TuneSite implements AsyncDisposable {
  private constructor(
    private readonly session: TuneSession,
    private readonly server: PageServer,
  ) {}

  /** Resolves when the page can be opened. Errors: of the system, such as EADDRINUSE. */
  static async open({ host, port, onFailure, ...options }: TuneSiteOptions): Promise<TuneSite> {
    const feed: EventFeed = new EventFeed(
      () => session.greeting,
      () => {
        setTimeout(() => !feed.isRead && session.leave(), AWAY_MS).unref()
      },
    )
    const session = new TuneSession({ ...options, onEvent: (event) => feed.publish(event) })
    const routes: Record<string, Route> = {
      '': pageFile('tune.html'),
      'look.css': pageFile('look.css'),
      'tune.css': pageFile('tune.css'),
      'elements.js': pageFile('elements.js'),
      'scope.js': pageFile('scope.js'),
      'tune.js': pageFile('tune.js'),
      events: { kind: 'events', feed },
      do: { kind: 'action', act: (input) => session.act(input) },
      'capture.csv': {
        kind: 'content',
        type: 'text/csv; charset=utf-8',
        fileName: 'blinkup-capture.csv',
        read: (query) => capture(session, Number(query.get('seconds') ?? KEPT_S)),
      },
      'report.html': {
        kind: 'content',
        type: 'text/html; charset=utf-8',
        fileName: 'blinkup-tune.html',
        read: () => reportPage(session),
      },
    }
    try {
      return new TuneSite(session, await PageServer.open({ routes, host, port, onFailure }))
    } catch (error) {
      await session[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Of the page, with the secret that lets in. */
  get url(): string {
    return this.server.url
  }

  /** Rejects with what no other attempt to open the rig mends. */
  get failed(): Promise<never> {
    return this.session.failed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]().finally(() => this.server[Symbol.asyncDispose]())
  }
}

/** The light is in it, as secret as it is: the page says so. */
async function reportPage(session: TuneSession): Promise<string> {
  // What draws charts is loaded when it is needed.
  const { htmlPage } = await import('../../report/html/page.js')
  return htmlPage(tuneReport(session), { waveform: true })
}

/** The newest light, as a file that `decode` reads. */
function capture({ light }: TuneSession, seconds: number): Content {
  if (!(seconds > 0)) throw new Refusal(400, 'say how many seconds, above 0')
  const newestS = light?.kept.newestS ?? null
  if (!light || newestS === null) throw new Refusal(409, 'there is no light to be kept yet')
  return csvPieces(light.kept.between(newestS - seconds, newestS))
}

function* csvPieces({ timesS, levels }: { timesS: Float64Array; levels: Float64Array }) {
  yield CSV_HEADER
  for (let at = 0; at < timesS.length; at += PIECE_SAMPLES) {
    const end = at + PIECE_SAMPLES
    yield csvLines({ timesS: timesS.subarray(at, end), levels: levels.subarray(at, end) })
  }
}
