import ts from "typescript";
import type { SourceText } from "./tree.ts";

/** One module that a source names, by an import, a re-export, an import type or a dynamic import. */
export interface SourceImport {
  readonly specifier: string;
  readonly line: number;
  /** Nothing of the module is needed when the program runs. */
  readonly typeOnly: boolean;
  /** `import "x"`: only what loading it does. */
  readonly sideEffectOnly: boolean;
  /** `import("x")`: loaded when it is needed, and not before. */
  readonly lazy: boolean;
}

/** Parses a source without resolving anything. */
export function parseSource({ path, text }: SourceText): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2024, true);
}

/** The line of a node, from 1. */
export function lineOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** Calls `visit` for every node of a source, outer ones first. */
export function visitNodes(source: ts.SourceFile, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node) => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  ts.forEachChild(source, walk);
}

/** Lists what a source imports. Examples in comments do not count. */
export function listImports(source: ts.SourceFile): readonly SourceImport[] {
  const imports: SourceImport[] = [];
  visitNodes(source, (node) => {
    const found = readImport(node);
    if (found !== undefined) imports.push({ ...found, line: lineOf(source, node) });
  });
  return imports;
}

function readImport(node: ts.Node): Omit<SourceImport, "line"> | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    const typeOnly = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return { specifier: node.moduleSpecifier.text, typeOnly, sideEffectOnly: clause === undefined, lazy: false };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly, sideEffectOnly: false, lazy: false };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, typeOnly: true, sideEffectOnly: false, lazy: false };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    const specifier = argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : "(computed)";
    return { specifier, typeOnly: false, sideEffectOnly: false, lazy: true };
  }
  return undefined;
}
