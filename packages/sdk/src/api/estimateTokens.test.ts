import { expect, test } from 'vitest'
import { estimateTokens } from './estimateTokens'

test('four characters are about one token, and what is not ASCII has more', () => {
  expect(estimateTokens('word')).toBe(1)
  expect(estimateTokens('a sentence of thirty-six characters.')).toBe(9)
  expect(estimateTokens('你好世界')).toBe(5)
  expect(estimateTokens('')).toBe(0)
})

test('text counts wherever it is, and a token that is a number is one', () => {
  const messages = [
    { content: 'word' },
    { content: [{ text: 'word' }, { text: 'word' }] },
    { tool_calls: [{ function: { arguments: 'word' } }] },
  ]
  expect(estimateTokens(messages)).toBe(4)
  expect(estimateTokens([1, 2, 3])).toBe(3)
  expect(estimateTokens([undefined, null, true])).toBe(0)
})

test('images, sound and files are not text', () => {
  const parts = [
    { image_url: { url: `data:image/png;base64,${'A'.repeat(4_000)}` } },
    { input_audio: { data: 'A'.repeat(4_000) } },
    { file: { file_data: 'A'.repeat(4_000) } },
    { source: { data: 'A'.repeat(4_000) } },
  ]
  expect(estimateTokens(parts)).toBe(0)
})
