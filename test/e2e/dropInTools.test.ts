import Anthropic from '@anthropic-ai/sdk'
import { createARouter } from '@arouter/ai-sdk'
import { type ARouter, retrySafe } from '@arouter/sdk'
import { createOpenAI, openAIOptions } from '@arouter/sdk/openai'
import { GoogleGenAI } from '@google/genai'
import { ToolMessage } from '@langchain/core/messages'
import { tool as langchainTool } from '@langchain/core/tools'
import { ChatOpenAI } from '@langchain/openai'
import { HTTPClient, Mistral } from '@mistralai/mistralai'
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'
import { expect, test } from 'vitest'
import { payingClient, startGateway } from '../support/harness'

const QUESTION = 'Lisbon'
const MODEL = 'openai/gpt-4o'
const name = 'weather'
const description = 'Tells the weather'
const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const } },
  required: ['city'],
}
const forecast = ({ city }: { city: string }) => `it rains in ${city}`
const openaiTool = {
  type: 'function',
  function: { name, description, parameters: schema },
} as const

/** What the AI SDK is asked, for the whole answer and for a stream. */
const aiQuestion = (client: ARouter) => ({
  model: createARouter(client)(MODEL),
  prompt: QUESTION,
  tools: {
    weather: tool({
      description,
      inputSchema: jsonSchema<{ city: string }>(schema),
      execute: forecast,
    }),
  },
  stopWhen: stepCountIs(3),
})

/** Each library asks, runs the tool that the model calls, and asks again with what it gave back. */
const roundTrips: Readonly<
  Record<string, (client: ARouter) => Promise<string | null | undefined>>
> = {
  openai: async (client) => {
    const openai = createOpenAI(client)
    const asked = { role: 'user', content: QUESTION } as const
    const first = await openai.chat.completions.create({
      model: MODEL,
      messages: [asked],
      tools: [openaiTool],
    })
    const message = first.choices[0]?.message
    const call = message?.tool_calls?.[0]
    if (call?.type !== 'function') return undefined
    const content = forecast(JSON.parse(call.function.arguments))
    const second = await openai.chat.completions.create({
      model: MODEL,
      messages: [asked, message ?? asked, { role: 'tool', tool_call_id: call.id, content }],
      tools: [openaiTool],
    })
    return second.choices[0]?.message.content
  },
  'openai, by its runner and streamed': async (client) => {
    const runner = createOpenAI(client).chat.completions.runTools({
      model: MODEL,
      stream: true,
      messages: [{ role: 'user', content: QUESTION }],
      tools: [
        {
          type: 'function',
          function: {
            name,
            description,
            parameters: schema,
            parse: JSON.parse,
            function: forecast,
          },
        },
      ],
    })
    return runner.finalContent()
  },
  'the AI SDK': async (client) => {
    const { text } = await generateText(aiQuestion(client))
    return text
  },
  'the AI SDK, streamed': async (client) => {
    const { text } = streamText(aiQuestion(client))
    return text
  },
  LangChain: async (client) => {
    const weather = langchainTool((input: { city: string }) => forecast(input), {
      name,
      description,
      schema,
    })
    const model = new ChatOpenAI({ model: MODEL, configuration: openAIOptions(client) }).bindTools([
      weather,
    ])
    const first = await model.invoke(QUESTION)
    const call = first.tool_calls?.[0]
    const content = forecast(call?.args as { city: string })
    const result = new ToolMessage({ content, tool_call_id: call?.id ?? '' })
    return (await model.invoke([{ role: 'user', content: QUESTION }, first, result])).text
  },
  'Anthropic’s SDK': async (client) => {
    const anthropic = new Anthropic({
      baseURL: client.baseURL,
      apiKey: 'unused',
      fetch: retrySafe(client),
    })
    const base = {
      model: 'anthropic/claude-sonnet-4',
      max_tokens: 100,
      tools: [{ name, description, input_schema: schema }],
    }
    const asked = { role: 'user', content: QUESTION } as const
    const first = await anthropic.messages.stream({ ...base, messages: [asked] }).finalMessage()
    const call = first.content.find((block) => block.type === 'tool_use')
    const content = forecast(call?.input as { city: string })
    const second = await anthropic.messages.create({
      ...base,
      messages: [
        asked,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content }] },
      ],
    })
    return second.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
  },
  'Google’s SDK': async (client) => {
    const ai = new GoogleGenAI({ apiKey: 'unused', httpOptions: { baseUrl: client.baseURL } })
    Reflect.set(Reflect.get(ai, 'apiClient'), 'apiCall', client.fetch)
    const config = {
      tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema: schema }] }],
    }
    const asked = { role: 'user', parts: [{ text: QUESTION }] }
    const model = 'gemini-2.5-flash'
    const first = await ai.models.generateContent({ model, contents: [asked], config })
    const call = first.functionCalls?.[0]
    const output = forecast(call?.args as { city: string })
    const response = { ...(call?.id && { id: call.id }), name, response: { output } }
    const second = await ai.models.generateContent({
      model,
      contents: [
        asked,
        first.candidates?.[0]?.content ?? asked,
        { role: 'user', parts: [{ functionResponse: response }] },
      ],
      config,
    })
    return second.text
  },
  'Mistral’s SDK': async (client) => {
    const mistral = new Mistral({
      serverURL: client.baseURL,
      httpClient: new HTTPClient({ fetcher: client.fetch }),
    })
    const asked = { role: 'user', content: QUESTION } as const
    const first = await mistral.chat.complete({
      model: MODEL,
      messages: [asked],
      tools: [openaiTool],
    })
    const message = first.choices?.[0]?.message
    const call = message?.toolCalls?.[0]
    const content = forecast(JSON.parse(String(call?.function.arguments)))
    const second = await mistral.chat.complete({
      model: MODEL,
      messages: [
        asked,
        { ...message, role: 'assistant' },
        { role: 'tool', toolCallId: call?.id, content },
      ],
      tools: [openaiTool],
    })
    return String(second.choices?.[0]?.message?.content)
  },
}

test.each(Object.entries(roundTrips))(
  '%s calls a tool and answers with what it gave back, on one payment',
  async (_, ask) => {
    const gateway = await startGateway()
    const { client, signed } = payingClient(gateway)
    expect(await ask(client)).toContain('it rains in Lisbon')
    expect(signed.transfers).toBe(1)
    expect(gateway.state.counts()).toMatchObject({ payments: 1, requests: 4 })
  },
)
