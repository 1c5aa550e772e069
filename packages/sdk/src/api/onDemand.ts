// All that the API methods do is one chunk, loaded at the first call.
export { readChunks } from '../stream/readChunks'
export { getBalance, getGeneration, getKey, listTransactions } from './account'
export { createSpeech, transcribe } from './audio'
export { createEmbedding } from './embeddings'
export { getHealth } from './health'
export { createKey, deleteKey, listKeys, updateKey } from './keys'
export { listGeminiModels, listModels } from './models'
export {
  generateContent,
  generateContentStream,
  messages,
  messagesStream,
  x402Chat,
} from './native'
export { proxyRequest } from './proxy'
export { quote } from './quote'
export { request, requestJson, streamBounds } from './request'
export { getUsageSummary, getUsageTimeSeries } from './usage'
