export { type McpFetchOptions, type McpWallet, mcpFetch } from './mcpFetch'
