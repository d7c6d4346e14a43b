import { z } from 'zod'
import { bearerToken, type Exchange, readAs } from './exchange.js'
import { isSame, isSigned, signToken } from './ids.js'
import { Refused } from './refused.js'
import type { Route } from './routes.js'
import type { Services } from './services.js'

const ACCESS_LIFETIME_S = 3600

const Login = z.union([
  z.object({ id: z.string(), password: z.string() }),
  z.object({ login_token: z.string() }), // with a one-time password in a header
])
const Renewal = z.union([z.object({ token: z.string() }), z.object({ key: z.string() })])

/** @throws Refused 401 */
export function checkAccess({ world, nowMs }: Services, { headers }: Exchange): void {
  const token = bearerToken(headers.authorization)
  if (token && isSigned(world.account.secret, 'access', token, nowMs())) return
  throw unauthorized('the access token is missing, over, or none of this server: log in')
}

const unauthorized = (message: string): Refused => new Refused(401, 'unauthorized', message)

/** How programs log in to impCentral. */
export function authRoutes({ world, nowMs }: Services): Route[] {
  const tokens = () => {
    const { secret } = world.account
    const expiresAtMs = nowMs() + 1000 * ACCESS_LIFETIME_S
    return {
      status: 200,
      body: {
        access_token: signToken(secret, 'access', expiresAtMs),
        refresh_token: signToken(secret, 'refresh', null),
        expires_in: ACCESS_LIFETIME_S,
        expires_at: new Date(expiresAtMs).toISOString(),
      },
    }
  }
  return [
    [
      'POST /v5/auth',
      (exchange) => {
        const login = readAs(Login, exchange)
        const { account } = world
        if ('login_token' in login) {
          throw unauthorized('this account has no one-time passwords: log in with a password')
        }
        if (login.id !== account.login || !isSame(login.password, account.password)) {
          throw unauthorized('login or password is wrong')
        }
        return tokens()
      },
    ],
    [
      'POST /v5/auth/token',
      (exchange) => {
        const { account } = world
        const renewal = readAs(Renewal, exchange)
        const isGood =
          'key' in renewal
            ? isSame(renewal.key, account.loginKey)
            : isSigned(account.secret, 'refresh', renewal.token, nowMs())
        if (!isGood) throw unauthorized('the refresh token or login key is none of this server')
        return tokens()
      },
    ],
  ]
}
