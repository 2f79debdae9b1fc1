import ts from "typescript";
import type { Finding } from "./check.ts";
import { lineOf, parseSource, visitNodes } from "./source-imports.ts";
import { readSources, type SourceText } from "./tree.ts";

const maxFileLines = 300;
const maxFunctionLines = 60;

/** Finds files and functions that are too long to read at once. A file may say why it is long: `long: <reason>` in its first comment. */
export async function checkSize(root: string): Promise<readonly Finding[]> {
  return (await readSources(root)).flatMap((source) => findLong(source));
}

/** The long file, and the long functions, of one source. */
export function findLong(source: SourceText): readonly Finding[] {
  const findings: Finding[] = [];
  const fileLines = source.text.trimEnd().split("\n").length;
  if (fileLines > maxFileLines && !saysWhy(source)) {
    findings.push({
      place: source.path,
      message: `has ${fileLines} lines, more than ${maxFileLines}; split it, or say why: // long: ...`,
    });
  }
  const parsed = parseSource(source);
  visitNodes(parsed, (node) => {
    if (!ts.isFunctionLike(node) || isSuite(node)) return;
    const start = lineOf(parsed, node);
    const lines = linesOf(parsed, node) - sum(functionsIn(node).map((inner) => linesOf(parsed, inner) - 1));
    if (lines > maxFunctionLines) {
      findings.push({
        place: `${source.path}:${start}`,
        message: `this function has ${lines} lines of its own, more than ${maxFunctionLines}`,
      });
    }
  });
  return findings;
}

/** A sentence of the first line's comment that begins with `long:`. */
function saysWhy({ text }: SourceText): boolean {
  return /^(?:#!.*\n)?\s*(?:\/\/|\/\*\*?)(?:[^\n]*[.!?])? long: \S/u.test(text);
}

function linesOf(source: ts.SourceFile, node: ts.Node): number {
  return source.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - lineOf(source, node);
}

/** The functions that a function holds: a method of the object it returns is read on its own. */
function functionsIn(outer: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const walk = (node: ts.Node) => {
    if (ts.isFunctionLike(node)) found.push(node);
    else ts.forEachChild(node, walk);
  };
  ts.forEachChild(outer, walk);
  return found;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The body of `describe(...)` is a list of tests, not a function that somebody follows from top to bottom. */
function isSuite(node: ts.Node): boolean {
  return ts.isCallExpression(node.parent) && /^describe\b/u.test(node.parent.expression.getText());
}
