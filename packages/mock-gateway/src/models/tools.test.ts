import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { startGateway } from '../testing/startGateway'

const apiKeys = { lr_live_tools: { balance: '$1' } } as const
const apiKey = 'lr_live_tools'

const parameters = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
  },
  required: ['city', 'unit'],
}
const input = { city: 'Weather in Oslo?', unit: 'celsius' }
const asked = { role: 'user' as const, content: 'Weather in Oslo?' }

const openaiAt = (url: string) => new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 })
const weather = { type: 'function' as const, function: { name: 'get_weather', parameters } }
const news = { type: 'function' as const, function: { name: 'get_news' } }

test('openai: a request with tools gets a call, and the call’s result an answer in text', async () => {
  const openai = openaiAt((await startGateway({ apiKeys })).url)
  const request = { model: 'gpt-4o', tools: [weather, news] }
  const first = await openai.chat.completions.create({ ...request, messages: [asked] })
  expect(first.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: { role: 'assistant', content: null },
  })
  const [call, ...others] = first.choices[0]?.message.tool_calls ?? []
  if (call?.type !== 'function' || !first.choices[0]) throw new Error('no call')
  expect(others).toEqual([])
  expect(call.function.name).toBe('get_weather')
  expect(JSON.parse(call.function.arguments)).toEqual(input)
  expect(first.usage?.completion_tokens).toBeGreaterThan(5)

  const result = { role: 'tool' as const, tool_call_id: call.id, content: '18 degrees' }
  const messages = [asked, first.choices[0].message, result]
  const second = await openai.chat.completions.create({ ...request, messages })
  expect(second.choices[0]).toMatchObject({
    finish_reason: 'stop',
    message: { content: 'openai/gpt-4o was told: 18 degrees' },
  })
})

test('openai: a call is streamed as its name and pieces of its arguments', async () => {
  const openai = openaiAt((await startGateway({ apiKeys })).url)
  const request = { model: 'gpt-4o', tools: [weather], messages: [asked] }
  const chunks = []
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
    chunks.push(chunk)
  }
  expect(chunks.length).toBeGreaterThan(5)
  const streamed = await openai.chat.completions.stream(request).finalChatCompletion()
  const whole = await openai.chat.completions.create(request)
  expect(streamed.choices[0]?.finish_reason).toBe('tool_calls')
  const functionOf = (answer: OpenAI.ChatCompletion) => {
    const call = answer.choices[0]?.message.tool_calls?.[0]
    return call?.type === 'function' ? call.function : undefined
  }
  expect(functionOf(streamed)).toMatchObject({ ...functionOf(whole) })
})

test.each<[string, object, readonly string[]]>([
  ['the first where any will do', { tool_choice: 'required' }, ['get_weather']],
  ['the one that is named', { tool_choice: news }, ['get_news']],
  ['none', { tool_choice: 'none' }, []],
  ['each, side by side', { parallel_tool_calls: true }, ['get_weather', 'get_news']],
])('openai: the choice of tools is kept to: %s', async (_, choice, names) => {
  const openai = openaiAt((await startGateway({ apiKeys })).url)
  const request = { model: 'gpt-4o', tools: [weather, news], messages: [asked], ...choice }
  for (const answer of [
    await openai.chat.completions.create(request),
    await openai.chat.completions.stream(request).finalChatCompletion(),
  ]) {
    const calls = answer.choices[0]?.message.tool_calls ?? []
    expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual(names)
    expect(new Set(calls.map(({ id }) => id)).size).toBe(names.length)
  }
})

test.each<[string, object]>([
  ['a result of a call that was not made', { messages: [asked, { role: 'tool', content: 'x' }] }],
  ['tools that are no list', { tools: {} }],
  ['a tool without a name', { tools: [{ type: 'function', function: {} }] }],
  ['a choice that names no tool of it', { tools: [weather], tool_choice: news }],
  ['a choice without tools', { tool_choice: 'required' }],
  ['a choice that is none', { tools: [weather], tool_choice: 'sometimes' }],
  ['a format that is none', { response_format: { type: 'xml' } }],
  ['a schema that is missing', { response_format: { type: 'json_schema' } }],
])('openai: a request with %s is a 400', async (_, wrong) => {
  const openai = openaiAt((await startGateway({ apiKeys })).url)
  const request = { model: 'gpt-4o', messages: [asked], ...wrong }
  await expect(openai.chat.completions.create(request)).rejects.toMatchObject({ status: 400 })
})

test('openai: asked for JSON, a model answers with JSON; with a schema, with what fits it', async () => {
  const openai = openaiAt((await startGateway({ apiKeys })).url)
  type Format = NonNullable<OpenAI.ChatCompletionCreateParams['response_format']>
  const answerTo = async (response_format: Format) => {
    const request = { model: 'arouter/echo', messages: [asked], response_format }
    const answer = await openai.chat.completions.create(request)
    return JSON.parse(answer.choices[0]?.message.content ?? '')
  }
  expect(await answerTo({ type: 'json_object' })).toEqual({ answer: 'Weather in Oslo?' })
  const schema = { name: 'weather', schema: parameters }
  expect(await answerTo({ type: 'json_schema', json_schema: schema })).toEqual(input)
})

test('anthropic: a request with tools gets a call, and the call’s result an answer in text', async () => {
  const { url } = await startGateway({ apiKeys })
  const anthropic = new Anthropic({ apiKey, baseURL: url, maxRetries: 0 })
  const tools = [{ name: 'get_weather', input_schema: { ...parameters, type: 'object' as const } }]
  const request = { model: 'claude-sonnet-4', max_tokens: 99, tools, messages: [asked] }
  const first = await anthropic.messages.create(request)
  const [used] = first.content
  if (used?.type !== 'tool_use') throw new Error('no call')
  expect(first.stop_reason).toBe('tool_use')
  expect(used).toMatchObject({ id: expect.stringMatching(/^toolu_/), name: 'get_weather', input })

  const streamed = await anthropic.messages.stream(request).finalMessage()
  expect(streamed).toMatchObject({
    stop_reason: 'tool_use',
    content: [{ name: 'get_weather', input }],
  })

  const result = { type: 'tool_result' as const, tool_use_id: used.id, content: '18 degrees' }
  const messages = [
    asked,
    { role: 'assistant' as const, content: first.content },
    { role: 'user' as const, content: [result] },
  ]
  const second = await anthropic.messages.create({ ...request, messages })
  expect(second).toMatchObject({
    stop_reason: 'end_turn',
    content: [{ text: 'anthropic/claude-sonnet-4 was told: 18 degrees' }],
  })
  const unasked = { role: 'user' as const, content: [{ ...result, tool_use_id: 'toolu_other' }] }
  await expect(
    anthropic.messages.create({ ...request, messages: [asked, unasked] }),
  ).rejects.toMatchObject({ status: 400 })
})

test('anthropic: the choice of tools and the format of the answer are kept to', async () => {
  const { url } = await startGateway({ apiKeys })
  const anthropic = new Anthropic({ apiKey, baseURL: url, maxRetries: 0 })
  const input_schema = { type: 'object' as const }
  const tools = [
    { name: 'get_weather', input_schema },
    { name: 'get_news', input_schema },
    { type: 'web_search_20250305' as const, name: 'web_search' as const },
  ]
  const request = { model: 'claude-sonnet-4', max_tokens: 99, tools, messages: [asked] }
  const namesFor = async (tool_choice: Anthropic.ToolChoice) => {
    const { content } = await anthropic.messages.create({ ...request, tool_choice })
    return content.map((block) => (block.type === 'tool_use' ? block.name : block.type))
  }
  expect(await namesFor({ type: 'any' })).toEqual(['get_weather'])
  expect(await namesFor({ type: 'tool', name: 'get_news' })).toEqual(['get_news'])
  expect(await namesFor({ type: 'none' })).toEqual(['text'])

  const answer = await anthropic.messages.create({
    ...request,
    tools: [],
    output_config: { format: { type: 'json_schema', schema: parameters } },
  })
  const [block] = answer.content
  expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual(input)
})

test('gemini: a request with tools gets a call, and the call’s result an answer in text', async () => {
  const gateway = await startGateway({ apiKeys })
  const google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } })
  const declared = { name: 'get_weather', parametersJsonSchema: parameters }
  const config = { tools: [{ functionDeclarations: [declared] }] }
  const question = { role: 'user', parts: [{ text: asked.content }] }
  const request = { model: 'gemini-2.5-flash', config }
  const first = await google.models.generateContent({ ...request, contents: [question] })
  expect(first.functionCalls).toEqual([{ name: 'get_weather', args: input }])
  expect(gateway.state.requests[0]?.credentials).toHaveProperty('x-goog-api-key')

  const pieces = []
  const stream = await google.models.generateContentStream({ ...request, contents: [question] })
  for await (const piece of stream) pieces.push(piece)
  expect(pieces.flatMap(({ functionCalls }) => functionCalls ?? [])).toEqual(first.functionCalls)

  const call = { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: input } }] }
  const response = { name: 'get_weather', response: { output: '18 degrees' } }
  const result = { role: 'user', parts: [{ functionResponse: response }] }
  const contents = [question, call, result]
  const second = await google.models.generateContent({ ...request, contents })
  expect(second.text).toBe('google/gemini-2.5-flash was told: {"output":"18 degrees"}')
  await expect(
    google.models.generateContent({ ...request, contents: [question, result] }),
  ).rejects.toMatchObject({ status: 400 })
})

test('gemini: the choice of tools and the format of the answer are kept to', async () => {
  const { url } = await startGateway({ apiKeys })
  const google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } })
  const functionDeclarations = [{ name: 'get_weather' }, { name: 'get_news' }]
  const namesFor = async (functionCallingConfig: object) => {
    const config = { tools: [{ functionDeclarations }], toolConfig: { functionCallingConfig } }
    const request = { model: 'gemini-2.5-flash', contents: asked.content, config }
    const { functionCalls = [] } = await google.models.generateContent(request)
    return functionCalls.map(({ name }) => name)
  }
  expect(await namesFor({ mode: 'ANY' })).toEqual(['get_weather'])
  expect(await namesFor({ mode: 'ANY', allowedFunctionNames: ['get_news'] })).toEqual(['get_news'])
  expect(await namesFor({ mode: 'NONE' })).toEqual([])

  const answer = await google.models.generateContent({
    model: 'gemini-2.5-flash',
    contents: asked.content,
    config: { responseMimeType: 'application/json', responseJsonSchema: parameters },
  })
  expect(JSON.parse(answer.text ?? '')).toEqual(input)
})
