import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const cells = [...read('README.md').matchAll(/\[([^\]`]+)\]\(([\w./]+\.test\.ts)\)/g)]

test('each system has its row: bought, delivered, lost answer, concurrent, refused, restart', () => {
  expect(cells).toHaveLength(24)
})

test.each(cells.map(([, name = '', path = '']) => [name, path]))(
  '%s is a test of %s',
  (name, path) => {
    expect(read(path)).toContain(`'${name}'`)
  },
)
