import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const text = readFileSync(`${root}SECURITY.md`, 'utf8')
const scripts: object = JSON.parse(readFileSync(`${root}package.json`, 'utf8')).scripts

/** The items of the lists under `heading`. */
function itemsUnder(heading: string): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? ''
  const [claims = ''] = section.split('\nIt can\n')
  return claims.split(/^- /m).slice(1)
}

test('every test that SECURITY.md names is there', () => {
  const named = [...text.matchAll(/`((?:test|packages)\/[^`]+\.test\.ts)`/g)].map(
    ([, path]) => path,
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((path) => !existsSync(`${root}${path}`))).toEqual([])
})

test('every claim of what a hostile gateway cannot do names a test', () => {
  const claims = itemsUnder('A hostile gateway')
  expect(claims.length).toBeGreaterThan(8)
  expect(claims.filter((claim) => !/\.test\.ts`/.test(claim))).toEqual([])
})

test('every command that SECURITY.md names is there', () => {
  const commands = [...text.matchAll(/`npm run ([a-z]+)/g)].map(([, name = '']) => name)
  expect(commands.filter((name) => !(name in scripts))).toEqual([])
})
