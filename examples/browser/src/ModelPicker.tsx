import type { ModelInfo } from '@arouter/sdk'
import { useEffect, useState } from 'react'
import { gateway } from './gateway'

type Props = { readonly model: string; readonly onChange: (model: string) => void }

/** The gateway's models, asked for without a wallet: a price list is no reason to sign in. */
export function ModelPicker({ model, onChange }: Props) {
  const [models, setModels] = useState<readonly ModelInfo[]>([])

  useEffect(() => {
    const controller = new AbortController()
    gateway
      .listModels({}, { signal: controller.signal })
      .then(({ data }) => setModels(data))
      // The list is a convenience: the model that is chosen already works without it.
      .catch(() => undefined)
    return () => controller.abort()
  }, [])

  const known = models.some(({ id }) => id === model) ? models : [{ id: model }, ...models]
  return (
    <label className="model">
      <span className="sr-only">Model</span>
      <select value={model} onChange={({ target }) => onChange(target.value)}>
        {known.map(({ id, name }) => (
          <option key={id} value={id}>
            {name ?? id}
          </option>
        ))}
      </select>
    </label>
  )
}
