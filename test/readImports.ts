import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** One import of a source file. */
export type Import = {
  /** As written. */
  readonly specifier: string
  /** False where only types are imported, so that nothing is left of it at run time. */
  readonly atRunTime: boolean
}

/** Every static and dynamic import, re-export, `require` and import type of a TypeScript file. */
export function readImports(path: string): Import[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true)
  const imports: Import[] = []
  const add = (node: ts.Node | undefined, atRunTime: boolean) => {
    if (node && ts.isStringLiteralLike(node)) imports.push({ specifier: node.text, atRunTime })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, !isTypeImport(node))
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, !isTypeExport(node))
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, false)
    } else if (ts.isCallExpression(node) && isLoad(node.expression)) add(node.arguments[0], true)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return imports
}

function isTypeImport({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = importClause.namedBindings
  if (importClause.name || !bindings || !ts.isNamedImports(bindings)) return false
  return bindings.elements.every((element) => element.isTypeOnly)
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true
  if (!exportClause || !ts.isNamedExports(exportClause)) return false
  return exportClause.elements.every((element) => element.isTypeOnly)
}

function isLoad(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === 'require')
  )
}
