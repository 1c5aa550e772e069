import type { JsonObject } from '../../../http/jsonObject'
import { ACCESS_PATH } from '../access'
import type { Key0Config } from '../options'

/** The A2A extension by which agents pay. */
export const X402_EXTENSION =
  'https://github.com/google-agentic-commerce/a2a-x402/blob/main/spec/v0.2'

/** What an agent says of itself (A2A 0.3.0, section 5). */
export function agentCard({ agentName, description }: Key0Config, origin: string): JsonObject {
  return {
    protocolVersion: '0.3.0',
    name: agentName,
    description,
    version: '1.0.0',
    url: `${origin}${ACCESS_PATH}`,
    preferredTransport: 'JSONRPC',
    capabilities: {
      streaming: false,
      pushNotifications: false,
      stateTransitionHistory: false,
      extensions: [{ uri: X402_EXTENSION, description: 'Payments in USDC', required: true }],
    },
    defaultInputModes: ['application/json'],
    defaultOutputModes: ['application/json'],
    skills: [
      {
        id: 'discover',
        name: 'Discover',
        description: 'Tells what is sold',
        tags: ['discovery'],
      },
      {
        id: 'access',
        name: 'Access',
        description: 'Sells access to a plan, or an answer of a route',
        tags: ['payment', 'x402'],
      },
    ],
  }
}
