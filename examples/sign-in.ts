import { ARouter, authenticateWithSIWx, type EvmSigner, withSIWxAuth } from '@arouter/sdk'

/** A wallet that has credit signs in to spend it, and never pays. */
export async function run(baseURL: string, signer: EvmSigner) {
  const request = {
    model: 'openai/gpt-4o',
    messages: [{ role: 'user' as const, content: 'Hello' }],
  }

  // By hand: a token, used like an API key until it expires.
  const { jwt, tenantId } = await authenticateWithSIWx(baseURL, signer)
  const once = new ARouter({ baseURL, apiKey: jwt })
  const { choices: first } = await once.chatCompletion(request)

  // Or kept fresh: signs in again when the token has expired.
  const fresh = await withSIWxAuth(new ARouter({ baseURL, apiKey: '' }), signer)
  const { choices: second } = await fresh.chatCompletion(request)

  return { tenantId, answers: [first, second].map(([choice]) => choice?.message.content) }
}
