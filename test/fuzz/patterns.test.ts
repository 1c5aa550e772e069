import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const packages = fileURLToPath(new URL('../../packages', import.meta.url))

/** The sources that run at a user's; the mock gateway meets nobody hostile. */
const sources = ['sdk', 'x402-evm', 'x402-solana', 'react'].flatMap((name) =>
  readdirSync(join(packages, name, 'src'), { encoding: 'utf8', recursive: true })
    .filter((path) => /\.tsx?$/.test(path) && !/\.test(-d)?\.tsx?$/.test(path))
    .map((path) => join(packages, name, 'src', path)),
)

/** Every regular expression literal, and every `new RegExp` that no reader of literals could judge. */
function patternsOf(path: string): { readonly pattern: string; readonly where: string }[] {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
  const found: { pattern: string; where: string }[] = []
  const visit = (node: ts.Node): void => {
    const where = `${relative(packages, path)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
    if (ts.isRegularExpressionLiteral(node)) found.push({ pattern: node.text, where })
    const isMade =
      (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
      node.expression.getText() === 'RegExp'
    if (isMade) found.push({ pattern: patternIn(node.arguments?.[0]), where })
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** What `new RegExp` is given: a text, in which a constant may stand. */
function patternIn(argument: ts.Expression | undefined): string {
  if (!argument) return MADE
  if (ts.isStringLiteralLike(argument)) return `/${argument.text}/`
  if (!ts.isTemplateExpression(argument)) return MADE
  const spans = argument.templateSpans.map(({ literal }) => literal.text)
  return `/${argument.head.text}${spans.join('')}/`
}

const MADE = 'made at run time'

type Group = { variable: boolean }

/** Whether something that may repeat holds something whose length varies: then matching may take ages. */
function isNested(pattern: string): boolean {
  const body = pattern.slice(1, pattern.lastIndexOf('/'))
  const open: Group[] = [{ variable: false }]
  let closed: Group | undefined
  for (let at = 0; at < body.length; ) {
    const rest = body.slice(at)
    const quantifier = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/.exec(rest)?.[0]
    const parent = open.at(-1)
    if (quantifier && parent) {
      const [, least = '', most] = /^\{(\d+)(?:,(\d*))?\}/.exec(quantifier) ?? []
      const isFixed = least !== '' && most === undefined && !quantifier.includes(',')
      const isOnce = quantifier.startsWith('?') || (isFixed && least === '1') || most === '1'
      if (!isOnce && closed?.variable) return true
      if (!isFixed) parent.variable = true
      closed = undefined
      at += quantifier.length
      continue
    }
    closed = undefined
    const set = /^\[(?:\\.|[^\]\\])*\]/.exec(rest)?.[0]
    if (set) at += set.length
    else if (rest.startsWith('\\')) at += 2
    else if (rest.startsWith('(')) {
      open.push({ variable: false })
      at += /^\((?:\?(?:[:=!]|<[=!]|<\w+>))?/.exec(rest)?.[0].length ?? 1
    } else if (rest.startsWith(')')) {
      closed = open.pop()
      const outer = open.at(-1)
      if (closed?.variable && outer) outer.variable = true
      at++
    } else at++
  }
  return false
}

test('no regular expression repeats what may itself repeat', () => {
  const found = sources.flatMap(patternsOf)
  expect(found.length).toBeGreaterThan(20)
  const bad = found.filter(({ pattern }) => pattern === MADE || isNested(pattern))
  expect(bad).toEqual([])
})

test.each([
  ['/(a+)+/', true],
  ['/(a*)*$/', true],
  ['/^(?:\\w+\\s?)*$/', true],
  ['/(?<x>[a-z]{1,5}){2,}/', true],
  ['/((a|b+)c){3}/', true],
  ['/(x(y(z*)))+/', true],
  ['/(a+)?/', false],
  ['/(?:[0-9a-f]{2}){65,}/', false],
  ['/^\\((a+)\\)$/', false],
  ['/[(a+)+]/', false],
  ['/^[A-Za-z0-9+/_-]*={0,2}$/', false],
])('%s: %s', (pattern, expected) => {
  expect(isNested(pattern)).toBe(expected)
})
