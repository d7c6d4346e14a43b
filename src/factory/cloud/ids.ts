import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** 16 random hex digits: a plan ID, or an enrollment token. */
export const newHex16 = (): string => randomBytes(8).toString('hex')

/** What nobody can guess. */
export const newSecret = (): string => randomBytes(24).toString('base64url')

/** The same plan and device have the same agent. How the real server makes these IDs is not public: this is ours. */
export const agentIdOf = (secret: string, planId: string | null, deviceId: string): string =>
  createHmac('sha256', secret)
    .update(`agent ${planId ?? ''} ${deviceId}`)
    .digest()
    .subarray(0, 9)
    .toString('base64url')

/** 16 hex digits, derived from the MAC address. How the real server derives them is not public: this is ours. */
export const impIdOf = (macAddress: string): string =>
  createHash('sha256').update(`imp ${macAddress}`).digest('hex').slice(0, 16)

/** Compares secrets in a time that tells nothing of them. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a as Buffer, b as Buffer)
}

/** A token that says itself what it is for and until when, so that no restart of the server forgets it. */
export function signToken(secret: string, use: string, expiresAtMs: number | null): string {
  const claim = `${use}.${expiresAtMs ?? 'never'}`
  return `${claim}.${signature(secret, claim)}`
}

/** Whether a token is one of ours for this use, and not over. */
export function isSigned(secret: string, use: string, token: string, nowMs: number): boolean {
  const [claimedUse = '', expires = '', signed = ''] = token.split('.')
  return (
    isSame(signed, signature(secret, `${claimedUse}.${expires}`)) &&
    claimedUse === use &&
    (expires === 'never' || Number(expires) > nowMs)
  )
}

const signature = (secret: string, claim: string): string =>
  createHmac('sha256', secret).update(`token ${claim}`).digest('base64url')
