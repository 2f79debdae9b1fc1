import ts from "typescript";
import type { Finding } from "./check.ts";
import { lineOf, parseSource, visitNodes } from "./source-imports.ts";
import { readSources, type SourceText } from "./tree.ts";

const entryFiles = [
  /^server\/main\.ts$/u,
  /^provider\/main\.ts$/u,
  // The harness runs inside of tests, which may look for programs on the PATH as the file below does.
  /^provider\/testing\//u,
  /^sdk\/src\/cli\/main\.ts$/u,
  // A credential plugin runs in our environment with variables of its own, and Node has no other way to say so.
  /^sdk\/src\/secret-stores\/own-environment\.ts$/u,
  /^examples\/[^/]+\/main\.ts$/u,
  /^examples\/(?:scheduler|sdk|services)\/[^/]+\.ts$/u,
  /^test\//u,
];
/** Objects of these classes are values or tables: nothing is opened, and nothing needs closing. */
const values = new Set([
  "Set",
  "Map",
  "RegExp",
  "TextEncoder",
  "TextDecoder",
  "Uint8Array",
  "Date",
  "URL",
  "UnknownValue",
]);

/** Proves that wiring happens in entry files: nobody else reads the environment, and no module makes an instance for everybody. */
export async function checkWiring(root: string): Promise<readonly Finding[]> {
  return (await readSources(root)).flatMap((source) => findHiddenWiring(source));
}

/** The places of one source that read the environment or share an instance although the source is no entry file. */
export function findHiddenWiring(source: SourceText): readonly Finding[] {
  if (entryFiles.some((pattern) => pattern.test(source.path))) return [];
  const parsed = parseSource(source);
  const findings: Finding[] = [];
  const add = (node: ts.Node, message: string) =>
    findings.push({ place: `${source.path}:${lineOf(parsed, node)}`, message });
  visitNodes(parsed, (node) => {
    if (readsEnvironment(node)) add(node, "only an entry file reads process.env; take what is needed as a parameter");
  });
  for (const statement of parsed.statements) {
    const message = explainSharedInstance(statement);
    if (message !== undefined) add(statement, message);
  }
  return findings;
}

function readsEnvironment(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) return isProcess(node.expression) && node.name.text === "env";
  if (ts.isElementAccessExpression(node)) {
    return (
      isProcess(node.expression) &&
      ts.isStringLiteralLike(node.argumentExpression) &&
      node.argumentExpression.text === "env"
    );
  }
  return ts.isImportSpecifier(node) && (node.propertyName ?? node.name).text === "env" && isFromProcess(node);
}

function isProcess(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && node.text === "process";
}

function isFromProcess(node: ts.ImportSpecifier): boolean {
  const from = node.parent.parent.parent.moduleSpecifier;
  return ts.isStringLiteral(from) && from.text === "node:process";
}

function explainSharedInstance(statement: ts.Statement): string | undefined {
  if (ts.isExportAssignment(statement)) return "a default export has no name of its own; export it by name";
  if (!ts.isVariableStatement(statement)) return undefined;
  if ((statement.declarationList.flags & ts.NodeFlags.BlockScoped) !== ts.NodeFlags.Const) {
    return "a variable of the module is state that every caller shares; make it a parameter or a member";
  }
  const exported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  for (const { initializer } of exported ? statement.declarationList.declarations : []) {
    if (initializer === undefined || !ts.isNewExpression(initializer)) continue;
    const name = initializer.expression.getText();
    if (!values.has(name))
      return `an exported instance of ${name} is shared by everybody; export a function that creates one`;
  }
  return undefined;
}
