// Writes every generated file. Run it with `npm run generate` after a change to what they are made from.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { generate } from "./generated.ts";
import { generatedFiles } from "./generated-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/u, "");
for (const file of generatedFiles) {
  await generate(root, file);
  process.stdout.write(`✓ ${file.path} from ${file.source}\n`);
}
