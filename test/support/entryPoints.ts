import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const packages = fileURLToPath(new URL('../../packages/', import.meta.url))

/** The sources of all that can be imported from a package, by the name it is imported by. */
export function entryPoints(): ReadonlyMap<string, string> {
  const found = readdirSync(packages).flatMap((folder) => {
    const { name, exports } = JSON.parse(readFileSync(`${packages}${folder}/package.json`, 'utf8'))
    return Object.keys(exports)
      .filter((path) => path !== './package.json')
      .map((path): [string, string] => [path === '.' ? name : `${name}${path.slice(1)}`, folder])
      .map(([entry, at]): [string, string] => [entry, sourceOf(at, entry.slice(name.length + 1))])
  })
  return new Map(found)
}

function sourceOf(folder: string, entry: string): string {
  const source = `${packages}${folder}/src/`
  if (entry === '') return `${source}index.ts`
  const paths = [`${entry}.ts`, `${entry}/index.ts`, `dialects/${entry}/index.ts`]
  const found = paths.find((path) => existsSync(source + path))
  if (found === undefined) throw new Error(`${entry} of ${folder} has no source`)
  return source + found
}
