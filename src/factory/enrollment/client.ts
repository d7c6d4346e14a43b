import { X509Certificate } from 'node:crypto'
import { machineTimebase, type Timebase } from '../../rig/timebase.js'
import { type EnrolledDevice, type Enrollment, readDevice, readToken } from './answers.js'
import { type Answer, ask, type Question } from './ask.js'
import { DEFAULT_ENROLLMENT_URL, type EnrollmentApi, type EnrollmentConfig } from './config.js'
import { EnrollmentError } from './errors.js'

const DEFAULT_REQUEST_TIMEOUT_S = 10
/** As long as the published SDKs wait. */
const DEFAULT_DEVICE_TIMEOUT_S = 60
const POLL_INTERVAL_S = 1

export interface AwaitDeviceOptions {
  /** For the device to come, default 60 s; the last poll may end one request's time-out later. */
  readonly timeoutS?: number | undefined
  /** Called after each poll by which the device has not come. */
  readonly onPoll?: (progress: PollProgress) => void
  readonly signal?: AbortSignal
}

export interface PollProgress {
  readonly waitedS: number
  readonly timeoutS: number
  /** Why the last poll was not answered as it should be, though another may be; null for one that was. */
  readonly trouble: EnrollmentError | null
}

/**
 * Gets enrollment tokens from the server, and asks it whether a device has come with one. A token belongs to one device, and is good
 * for a short time that is not public: take it when the light can begin. As long as no device has come with it, it can be sent again,
 * as after light that failed; it is never kept for later.
 */
export class EnrollmentClient {
  readonly #key: string
  readonly #base: URL
  readonly #api: EnrollmentApi
  readonly #ca: string | undefined
  readonly #requestTimeoutS: number
  readonly #timebase: Timebase
  /** Whether a colon follows the key before it is encoded: the documentation of v1 has one, other published clients have none. */
  #hasColon: boolean

  /** @throws EnrollmentError 'key-missing', 'bad-key', 'misconfigured' */
  constructor(config: EnrollmentConfig) {
    const { key, url = DEFAULT_ENROLLMENT_URL, api = 'v1', ca } = config
    if (key === '') throw new EnrollmentError('key-missing', 'the enrollment API key is missing')
    if (!/^[!-~]+$/.test(key)) {
      throw new EnrollmentError(
        'bad-key',
        'the enrollment API key has a space or another character that a key cannot have: copy it again',
      )
    }
    this.#base = readUrl(url)
    if (ca !== undefined) checkCa(ca, this.#base)
    this.#key = key
    this.#api = api
    this.#ca = ca
    this.#requestTimeoutS = config.requestTimeoutS ?? DEFAULT_REQUEST_TIMEOUT_S
    this.#timebase = config.timebase ?? machineTimebase
    this.#hasColon = api === 'v1'
  }

  /** Host and port of the server. */
  get host(): string {
    return this.#base.host
  }

  /**
   * Takes a new token: for a known end user by their plan ID, who then keeps the agent's URL; without it for a new one. It is asked for
   * once, and never again after an answer that was lost, as the server may have made a token: whoever calls again knows that, and
   * what is never used expires.
   *
   * @throws EnrollmentError, the signal's reason
   */
  async createToken(
    options: { readonly planId?: string | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<Enrollment> {
    const { planId, signal } = options
    if (planId !== undefined && !/^[\da-f]{16}$/i.test(planId)) {
      throw new EnrollmentError('misconfigured', 'give a plan ID of 16 hex digits')
    }
    // How the body of v1 is to be encoded is not public: JSON is our choice, as v5 takes it.
    const plan = planId === undefined ? {} : { plan_id: planId }
    const answer = await this.#ask(
      this.#api === 'v1'
        ? { path: 'v1/setup_tokens', method: 'POST', ...(planId !== undefined && { body: plan }) }
        : { path: 'v5/enroll', method: 'POST', body: { type: 'production_token', ...plan } },
      signal,
    )
    const enrollment = readToken(this.#checked(answer))
    if (!enrollment) throw this.#notUnderstood('its answer has no token and plan ID')
    return enrollment
  }

  /**
   * Waits for a device to come with a token, and asks for it each second. What may pass, such as a server that is not reached or
   * asks for patience, is asked again until the time is over.
   *
   * @throws EnrollmentError: 'no-device' where the server says to the end that none has come, else what the last answer was; at once
   * 'not-public' for v5, and what does not pass. The signal's reason
   */
  async awaitDevice(token: string, options: AwaitDeviceOptions = {}): Promise<EnrolledDevice> {
    const { timeoutS = DEFAULT_DEVICE_TIMEOUT_S, onPoll, signal } = options
    this.checkCanAwait()
    const startMs = this.#timebase.nowMs()
    for (;;) {
      const { device, trouble } = await this.#poll(token, signal)
      if (device) return device
      const waitedS = (this.#timebase.nowMs() - startMs) / 1000
      const leftS = timeoutS - waitedS
      const pauseS = Math.max(POLL_INTERVAL_S, trouble?.retryAfterS ?? 0)
      if (leftS <= 0 || (trouble?.retryAfterS ?? 0) > leftS) throw trouble ?? noDevice(timeoutS)
      onPoll?.({ waitedS, timeoutS, trouble })
      await this.#timebase.sleep(1000 * Math.min(pauseS, leftS), signal)
    }
  }

  /** @throws EnrollmentError 'not-public' where nobody knows how to ask whether a device has come */
  checkCanAwait(): void {
    if (this.#api === 'v1') return
    throw new EnrollmentError(
      'not-public',
      'how the v5 API is asked whether a device has come is not public: use v1, or look for the device in impCentral',
    )
  }

  async #poll(
    token: string,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly device?: EnrolledDevice; readonly trouble: EnrollmentError | null }> {
    try {
      const path = `v1/setup_tokens/${encodeURIComponent(token)}`
      const answer = await this.#ask({ path, method: 'GET' }, signal)
      if (answer.status === 404 || answer.status === 410) throw tokenUnknown(this.host)
      const device = readDevice(this.#checked(answer))
      if (!device) throw this.#notUnderstood('its answer is not the state of a token')
      return device === 'unclaimed' ? { trouble: null } : { device, trouble: null }
    } catch (error) {
      if (!(error instanceof EnrollmentError) || !PASSING.includes(error.code)) throw error
      return { trouble: error }
    }
  }

  /** A key that is refused in one of its two published forms is tried in the other: nothing has come of the first. */
  async #ask(
    { path, ...what }: Pick<Question, 'method' | 'body'> & { readonly path: string },
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const once = (hasColon: boolean): Promise<Answer> =>
      ask({
        ...what,
        url: new URL(path, this.#base),
        authorization: `Basic ${Buffer.from(hasColon ? `${this.#key}:` : this.#key).toString('base64')}`,
        ca: this.#ca,
        timeoutS: this.#requestTimeoutS,
        signal,
      })
    const answer = await once(this.#hasColon)
    if (answer.status !== 401) return answer
    const other = await once(!this.#hasColon)
    if (other.status !== 401) this.#hasColon = !this.#hasColon
    return other
  }

  /** The body of an answer that says yes. */
  #checked({ status, headers, body }: Answer): string {
    if (status === 200 || status === 201) return body
    const { host } = this
    if (status === 401) {
      throw new EnrollmentError(
        'bad-key',
        `${host} refuses the enrollment API key (HTTP 401): check the key, and that it is one of this server`,
      )
    }
    if (status === 403) {
      throw new EnrollmentError(
        'forbidden',
        `${host} does not allow this key to enroll devices (HTTP 403): ask the owner of the account`,
      )
    }
    if (status === 429) {
      const retryAfterS = readRetryAfter(headers['retry-after'])
      const when = retryAfterS === null ? 'later' : `in ${retryAfterS} s`
      throw new EnrollmentError(
        'rate-limited',
        `${host} is asked too often (HTTP 429): try again ${when}`,
        { retryAfterS },
      )
    }
    if (status >= 500) {
      throw new EnrollmentError(
        'server-error',
        `${host} cannot answer (HTTP ${status}): try again later`,
        { retryAfterS: readRetryAfter(headers['retry-after']) },
      )
    }
    if (status === 400 || status === 422) {
      throw new EnrollmentError(
        'bad-request',
        `${host} refuses the request (HTTP ${status}): check the plan ID`,
      )
    }
    throw this.#notUnderstood(
      status >= 300 && status < 400
        ? `it sends elsewhere (HTTP ${status}), where the key does not go`
        : `HTTP ${status}`,
    )
  }

  #notUnderstood(fault: string): EnrollmentError {
    return new EnrollmentError(
      'not-understood',
      `${this.host} does not answer as an enrollment server of API ${this.#api} does (${fault}): check URL and API`,
    )
  }
}

/** What another poll may find mended. */
const PASSING: readonly string[] = ['unreachable', 'server-error', 'rate-limited']

const noDevice = (timeoutS: number): EnrollmentError =>
  new EnrollmentError(
    'no-device',
    `no device has come with the token in ${timeoutS} s: look whether its LED said that the light was received, and check its Wi-Fi`,
  )

const tokenUnknown = (host: string): EnrollmentError =>
  new EnrollmentError(
    'token-unknown',
    `${host} does not know the token, or no longer: send the device a new one`,
  )

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHere = url && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (!url || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere))) {
    throw new EnrollmentError(
      'misconfigured',
      'give the URL of the enrollment server with https://, or with http:// on this computer only',
    )
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new EnrollmentError(
      'misconfigured',
      'give the URL of the enrollment server without a user, a password, ? and #',
    )
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function checkCa(ca: string, { protocol }: URL): void {
  if (protocol === 'http:') {
    throw new EnrollmentError('misconfigured', 'a CA is for a server with https://: leave it out')
  }
  try {
    new X509Certificate(ca)
  } catch (cause) {
    throw new EnrollmentError('misconfigured', 'give the CA as a certificate in PEM', { cause })
  }
}

/** Seconds from a Retry-After header, which has them or a date (RFC 9110 section 10.2.3). Null for none that can be understood. */
function readRetryAfter(header: string | undefined): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const atMs = header.endsWith('GMT') ? Date.parse(header) : Number.NaN
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - Date.now()) / 1000))
}
