import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sdk from '@arouter/sdk'
import { expect, test } from 'vitest'
import { entryPoints } from './support/entryPoints'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = readFileSync(join(root, 'llms.txt'), 'utf8')
const links = new Map(
  [...text.matchAll(/^- \[([^\]]+)\]\(([^)]+)\)/gm)].map(([, name = '', path = '']) => [
    name,
    path,
  ]),
)

test('llms.txt has the form of one: a title, a summary, sections of links', () => {
  expect(text).toMatch(/^# .+\n\n> /)
  expect(text.match(/^## /gm)?.length).toBeGreaterThan(2)
})

test('every link of llms.txt leads to a file', () => {
  expect(links.size).toBeGreaterThan(20)
  expect([...links.values()].filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('llms.txt names every guide, and everything that can be imported', () => {
  const guides = readdirSync(join(root, 'docs/guides')).map((name) => `docs/guides/${name}`)
  expect(guides.filter((path) => ![...links.values()].includes(path))).toEqual([])
  expect([...entryPoints().keys()].filter((name) => !links.has(name))).toEqual([])
})

test('the names that llms.txt tells to use are there', () => {
  for (const name of ['withX402EvmPayment', 'ARouter', 'ARouterError']) {
    expect(text).toContain(name)
    expect(sdk).toHaveProperty(name)
  }
})

test('the API reference is of everything that can be imported', () => {
  const { entryPoints: named } = JSON.parse(readFileSync(join(root, 'typedoc.json'), 'utf8'))
  const sources = [...entryPoints().values()].map((path) => relative(root, path))
  expect([...named].sort()).toEqual(sources.sort())
})
