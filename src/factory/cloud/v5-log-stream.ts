import type { LogStream } from './log-stream.js'
import { badRequest } from './refused.js'
import type { Route } from './routes.js'
import type { Services } from './services.js'
import { created, missing, NOTHING } from './v5-answers.js'

/** Making a log stream, and choosing its devices. */
export function logStreamRoutes({ world }: Services, logStream: LogStream): Route[] {
  const idOf = (name: string): string => (world.findDevice(name) ?? missing('device')).id

  return [
    ['POST /v5/logstream', () => created({ type: 'logstream', id: logStream.create() })],
    [
      'PUT /v5/logstream/:stream/:id',
      (_, { stream = '', id = '' }) => {
        logStream.addDevice(stream, idOf(id))
        return NOTHING
      },
    ],
    [
      'DELETE /v5/logstream/:stream/:id',
      (_, { stream = '', id = '' }) => {
        logStream.removeDevice(stream, idOf(id))
        return NOTHING
      },
    ],
  ]
}

/** Reading a log stream: its id is enough, as the published client sends nothing else. */
export const readLogRoutes = (logStream: LogStream): Route[] => [
  [
    'GET /v5/logstream/:stream',
    ({ query }, { stream = '' }) => {
      const format = query.get('format') ?? 'text'
      if (format === 'text' || format === 'json') return logStream.read(stream, format)
      throw badRequest('format is text or json')
    },
  ],
]
