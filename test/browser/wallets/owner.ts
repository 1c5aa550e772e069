/** What the person at a wallet does when it asks. */
export type Mood = 'agrees' | 'declines' | 'is away'

/** The person at a wallet: every prompt that appeared, in order, and how each is answered. */
export type Owner = {
  /** The methods that made a prompt appear. */
  readonly prompts: string[]
  /** How prompts are answered from now on; one who comes back answers those that wait. */
  readonly become: (mood: Mood) => void
  /** Shows a prompt; resolves to whether its owner agreed. */
  readonly asked: (method: string) => Promise<boolean>
}

export function createOwner(): Owner {
  const prompts: string[] = []
  let mood: Mood = 'agrees'
  let waiting: (() => void)[] = []
  return {
    prompts,
    become: (next) => {
      mood = next
      if (mood === 'is away') return
      for (const answer of waiting) answer()
      waiting = []
    },
    asked: async (method) => {
      prompts.push(method)
      if (mood === 'is away') await new Promise<void>((resolve) => waiting.push(resolve))
      return mood === 'agrees'
    },
  }
}
