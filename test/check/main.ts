// Everything about the sources that a program can judge. Run it with `npm run check`, or `npm run check -- lint types`.
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Check } from "./check.ts";
import { checkContract } from "./contract.ts";
import { checkDependencies } from "./dependencies.ts";
import { checkDocuments } from "./documents.ts";
import { checkGenerated } from "./generated.ts";
import { checkImports } from "./import-table.ts";
import { checkLint } from "./lint.ts";
import { checkLockfile } from "./lockfile.ts";
import { checkNames } from "./names.ts";
import { runChecks } from "./run-checks.ts";
import { checkSize } from "./size.ts";
import { checkTypes } from "./types.ts";
import { checkWiring } from "./wiring.ts";

const checks: readonly Check[] = [
  { name: "types", promise: "the sources type-check", run: checkTypes },
  { name: "lint", promise: "the sources are formatted and follow Biome's rules", run: checkLint },
  { name: "contract", promise: "openapi.yaml is valid, bounded and complete", run: checkContract },
  { name: "generated", promise: "generated files are what their sources give", run: checkGenerated },
  { name: "imports", promise: "each room imports only what the table allows", run: checkImports },
  { name: "wiring", promise: "only entry files read the environment; nobody shares instances", run: checkWiring },
  { name: "dependencies", promise: "each package that is imported is declared and pinned", run: checkDependencies },
  {
    name: "lockfile",
    promise: "what is installed is locked by hash, runs no scripts, and is freely licensed",
    run: checkLockfile,
  },
  { name: "documents", promise: "links, paths and commands in the documents exist", run: checkDocuments },
  { name: "names", promise: "files and folders say what they hold", run: checkNames },
  { name: "size", promise: "files and functions can be read at once", run: checkSize },
];

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/u, "");
const write = (text: string) => void process.stdout.write(text);
process.exitCode = (await runChecks(checks, { root, names: process.argv.slice(2), write })) ? 0 : 1;
