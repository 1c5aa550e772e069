import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { entryPoints } from './support/entryPoints'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Each export, and each method of an exported class, that has no docstring. */
function undocumented(files: readonly string[]): string[] {
  const config = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root, { noEmit: true })
  const program = ts.createProgram([...files], options)
  const checker = program.getTypeChecker()
  const missing = new Set<string>()
  const look = (symbol: ts.Symbol, name: string) => {
    const [declaration] = symbol.declarations ?? []
    if (!declaration || symbol.getDocumentationComment(checker).length > 0) return
    const { fileName } = declaration.getSourceFile()
    // What is passed on from another package is documented there.
    if (!fileName.includes('node_modules')) missing.add(`${relative(root, fileName)}: ${name}`)
  }
  for (const file of files) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) throw new Error(`${file} is no module`)
    for (const exported of checker.getExportsOfModule(module)) {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0
      const symbol = isAlias ? checker.getAliasedSymbol(exported) : exported
      look(symbol, exported.name)
      if (!(symbol.flags & ts.SymbolFlags.Class)) continue
      for (const [key, member] of symbol.members ?? []) {
        const [declaration] = member.declarations ?? []
        if (!declaration || !ts.isMethodDeclaration(declaration)) continue
        if (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) continue
        if (ts.isPrivateIdentifier(declaration.name)) continue
        look(member, `${exported.name}.${key}`)
      }
    }
  }
  return [...missing]
}

test('every export has a docstring, and every method of what is exported', () => {
  const entries = [...entryPoints().values()]
  expect(entries.length).toBeGreaterThan(12)
  expect(undocumented(entries)).toEqual([])
}, 120_000)

test('an export without one would be found', () => {
  const files = [`${root}test/support/fixtures/undocumented.ts`]
  expect(undocumented(files).map((line) => line.split(': ')[1])).toEqual([
    'nothingSaid',
    'Silent',
    'Silent.act',
  ])
}, 120_000)
