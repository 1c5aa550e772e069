import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test, vi } from 'vitest'
import { parseCliOptions } from '../packages/mock-gateway/src/parseCliOptions'
import { blocksOf, diagnose, runBlock } from './support/markdownCode'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'docs/guides')
const guides = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(join(folder, name), 'utf8'),
}))
const blocks = guides.flatMap(({ name, text }) =>
  blocksOf(text).map((block) => ({ ...block, name })),
)

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('all TypeScript in the guides compiles', () => {
  expect(diagnose(blocks.map(({ program }) => program))).toEqual([])
}, 120_000)

test('every block of the guides says what it pays, and so is run', () => {
  const fences = guides.flatMap(({ text }) => [...text.matchAll(/^```(\w+)(.*)$/gm)])
  const languages = new Set(fences.map(([, language]) => language))
  expect(languages).toEqual(new Set(['sh', 'ts']))
  expect(blocks.filter(({ payments }) => payments === undefined)).toEqual([])
  expect(blocks.length).toBe(fences.filter(([, language]) => language === 'ts').length)
})

test.each(blocks)('$name, line $line: runs, with payments: $payments', runBlock)

test('every command in a guide is one', () => {
  const lines = guides.flatMap(({ text }) =>
    [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, shell = '']) =>
      shell.trim().split('\n'),
    ),
  )
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines) {
    const [, options] = /^npx arouter-mock-gateway (.*)$/.exec(line) ?? []
    if (options !== undefined) expect(parseCliOptions(options.split(' ')).kind).toBe('run')
    else expect(line).toBe('npm install @arouter/sdk viem')
  }
})

test('every link in a guide leads somewhere', () => {
  const links = guides.flatMap(({ text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path),
  )
  expect(links.length).toBeGreaterThan(5)
  expect(links.filter((path) => !existsSync(join(folder, path)))).toEqual([])
})
