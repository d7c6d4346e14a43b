import type { Webhook } from './records.js'

/** What is told of a delivery, without the URL's path and query, which may be secret. */
export interface Delivery {
  readonly isDelivered: boolean
  readonly text: string
}

/** How long the real server waits is not public: this is ours. */
const TIMEOUT_MS = 10_000

/** The body of a webhook: JSON or a form. */
export const webhookBody = (
  { contentType }: Pick<Webhook, 'contentType'>,
  fields: Readonly<Record<string, string>>,
): string =>
  contentType === 'application/json'
    ? JSON.stringify(fields)
    : new URLSearchParams(fields).toString()

/** Posts once: whether the real server tries again is not public. Never rejects. */
export async function deliver(
  webhook: Webhook,
  fields: Readonly<Record<string, string>>,
  isReceiverDown: boolean,
): Promise<Delivery> {
  const { event, url, contentType } = webhook
  const name = `webhook ${event} to ${new URL(url).host}`
  try {
    if (isReceiverDown) throw new Error('a fault of this server has it that nobody is there')
    const { status, body } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body: webhookBody(webhook, fields),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await body?.cancel()
    const isDelivered = status >= 200 && status < 300
    return { isDelivered, text: `${name}: ${status}${isDelivered ? '' : ', not delivered'}` }
  } catch (error) {
    return { isDelivered: false, text: `${name}: not delivered, ${reasonOf(error)}` }
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error
  return cause instanceof Error ? cause.message || String(Object(cause).code) : message
}
