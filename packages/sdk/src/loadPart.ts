import { ConnectionError } from './errors'

/**
 * Loads a part of the SDK that is a file of its own. In a browser that is a request like any other.
 * @throws ConnectionError where it fails.
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new ConnectionError(
      'A part of the SDK could not be loaded. Funds moved: no. It can be tried again.',
      { cause },
    )
  }
}
