/** Where the files of the page are: beside `src` and beside `dist`. Looked for only when they are asked for. */
export function panelFolder(): URL {
  return new URL('../panel/', import.meta.url)
}
