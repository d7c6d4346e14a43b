import type { Timebase } from '../../rig/timebase.js'

/** Of the server's API: that of 2012 to 2018, and the one since, of which only the request for a token is public. */
export const ENROLLMENT_APIS = ['v1', 'v5'] as const
export type EnrollmentApi = (typeof ENROLLMENT_APIS)[number]

export const DEFAULT_ENROLLMENT_URL = 'https://api.electricimp.com'

export interface EnrollmentConfig {
  /** The maker's API key; a secret. */
  readonly key: string
  /** Base URL: https, or http on this computer; default that of the public server. */
  readonly url?: string | undefined
  /** Default v1. */
  readonly api?: EnrollmentApi | undefined
  /** Certificates of the CA of a private cloud, in PEM: then only these are trusted. */
  readonly ca?: string | undefined
  /** For one request and its answer, default 10 s. */
  readonly requestTimeoutS?: number | undefined
  /** What the waiting between polls goes by; a request's time-out is the machine's. */
  readonly timebase?: Timebase
}
