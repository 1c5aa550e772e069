import type { Attributes } from '@opentelemetry/api'
import type { Exchange } from '../exchange'
import { redact } from '../redact'
import { secretsOf } from '../secrets'
import { type Facts, readFacts } from './readFacts'
import { typeOf } from './typeOf'
import { watchBody } from './watchBody'

/** What is told of an answer when it has ended. */
export type AnswerFacts = {
  readonly attributes: Attributes
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  /** As the gateway's JSON has it. */
  readonly costInDollars: number | undefined
  /** `error.type`, where the answer broke off. */
  readonly errorType: string | undefined
}

/** What is longer is not read for what it says of itself; an event, or a whole answer of JSON. */
const MOST_CHARACTERS = 4 * 1024 * 1024
/** Events that say more than the next piece of text: the first one, and these. */
const TELLING = /"usage(?:Metadata)?":\s*\{|"(?:finish_reason|finishReason|stop_reason)":\s*"/

/** The same answer, with `onEnd` called once its body has ended, whichever way. */
export function watchAnswer(
  response: Response,
  exchange: Exchange,
  onEnd: (facts: AnswerFacts) => void,
): Response {
  const facts: Facts = {}
  let isOver = false
  const finish = (errorType?: string) => {
    if (!isOver) onEnd(tell(facts, exchange, errorType))
    isOver = true
  }
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  const { read, end } = isStream ? eventReader(facts, finish) : wholeReader(facts)
  return watchBody(response, read, (how, cause) => {
    end()
    finish(how === 'broken' ? typeOf(cause) : undefined)
  })
}

// What a server says of itself is not to be trusted with secrets it was sent.
function tell(facts: Facts, exchange: Exchange, errorType: string | undefined): AnswerFacts {
  const { id, model, finishReasons, inputTokens, outputTokens, costInDollars } = facts
  const secrets = secretsOf(exchange)
  const clean = (text: string) => redact(text, secrets)
  return {
    attributes: {
      ...(id && { 'gen_ai.response.id': clean(id) }),
      ...(model && { 'gen_ai.response.model': clean(model) }),
      ...(finishReasons && { 'gen_ai.response.finish_reasons': finishReasons.map(clean) }),
      ...(inputTokens !== undefined && { 'gen_ai.usage.input_tokens': inputTokens }),
      ...(outputTokens !== undefined && { 'gen_ai.usage.output_tokens': outputTokens }),
      ...(costInDollars !== undefined && { 'arouter.cost': costInDollars }),
    },
    inputTokens,
    outputTokens,
    costInDollars,
    errorType,
  }
}

function wholeReader(facts: Facts) {
  let text: string | undefined = ''
  return {
    read: (piece: string) => {
      if (text !== undefined) text += piece
      if (text && text.length > MOST_CHARACTERS) text = undefined
    },
    end: () => readFacts(facts, text ?? ''),
  }
}

function eventReader(facts: Facts, onDone: () => void) {
  let line = ''
  let isFirst = true
  const readLine = (whole: string) => {
    const [, data] = /^data: ?(.*)$/.exec(whole) ?? []
    if (!data) return
    if (data === '[DONE]') return onDone() // What follows is of no interest, and may not be read.
    if (isFirst || TELLING.test(data)) readFacts(facts, data)
    isFirst = false
  }
  return {
    read: (piece: string) => {
      const lines = (line + piece).split(/\r\n|\n|\r/)
      line = lines.pop()?.slice(-MOST_CHARACTERS) ?? ''
      for (const whole of lines) readLine(whole)
    },
    end: () => readLine(line),
  }
}
