import type { LogStream } from './log-stream.js'
import type { Route } from './routes.js'
import type { Services } from './services.js'
import { authRoutes, checkAccess } from './v5-auth.js'
import { deviceRoutes } from './v5-devices.js'
import { groupRoutes } from './v5-groups.js'
import { logStreamRoutes, readLogRoutes } from './v5-log-stream.js'
import { productRoutes } from './v5-products.js'
import { webhookRoutes } from './v5-webhooks.js'

/** The slice of impCentral's API that a factory uses. Who asks must have logged in. */
export function v5Routes(services: Services, logStream: LogStream): Route[] {
  const guarded = [
    ...productRoutes(services),
    ...groupRoutes(services),
    ...deviceRoutes(services),
    ...webhookRoutes(services),
    ...logStreamRoutes(services, logStream),
  ].map(
    ([pattern, handler]): Route => [
      pattern,
      (exchange, values) => {
        checkAccess(services, exchange)
        return handler(exchange, values)
      },
    ],
  )
  return [...authRoutes(services), ...readLogRoutes(logStream), ...guarded]
}
