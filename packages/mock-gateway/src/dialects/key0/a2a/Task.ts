import type { JsonObject } from '../../../http/jsonObject'

/** A part of a message: data, or a sentence. */
export type Part =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'text'; readonly text: string }

/** A task as A2A has it. */
export interface Task {
  readonly kind: 'task'
  readonly id: string
  readonly contextId: string
  readonly status: {
    readonly state: 'input-required' | 'completed' | 'failed' | 'canceled'
    readonly timestamp: string
    readonly message: {
      readonly kind: 'message'
      readonly role: 'agent'
      readonly messageId: string
      readonly taskId: string
      readonly contextId: string
      readonly parts: readonly Part[]
      readonly metadata: JsonObject
    }
  }
  readonly artifacts: readonly {
    readonly artifactId: string
    readonly name: string
    readonly parts: readonly Part[]
  }[]
}

/** Where a task belongs, and when it came to be as it is, in milliseconds. */
export interface TaskPlace {
  readonly id: string
  readonly contextId: string
  readonly at: number
}

/** What a task is at some point. */
export interface TaskFacts {
  readonly state: Task['status']['state']
  readonly parts: readonly Part[]
  readonly metadata?: JsonObject
  readonly artifact?: { readonly name: string; readonly data: unknown }
}

/** A task with its message. */
export function taskOf(facts: TaskPlace & TaskFacts): Task {
  const { id, contextId, state, at, parts, metadata = {}, artifact } = facts
  return {
    kind: 'task',
    id,
    contextId,
    status: {
      state,
      timestamp: new Date(at).toISOString(),
      message: {
        kind: 'message',
        role: 'agent',
        messageId: crypto.randomUUID(),
        taskId: id,
        contextId,
        parts,
        metadata,
      },
    },
    artifacts: artifact
      ? [
          {
            artifactId: crypto.randomUUID(),
            name: artifact.name,
            parts: [{ kind: 'data', data: artifact.data }],
          },
        ]
      : [],
  }
}
