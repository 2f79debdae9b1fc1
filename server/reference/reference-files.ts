import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { ContractDocument } from "./contract-document.ts";
import { type ProblemEntry, renderReference } from "./render-reference.ts";

/** A file that people and programs read about the contract. */
export type ReferenceFile = {
  readonly path: (typeof referencePaths)[number];
  readonly mediaType: string;
  readonly content: string;
};

/** Where {@link createReferenceFiles} wants its files to be found. */
export const referencePaths = ["/docs", "/docs/reference.css", "/openapi.yaml", "/openapi.json"] as const;

/** The API reference, its style sheet, and the contract as it is and as JSON. */
export function createReferenceFiles(
  problems: readonly ProblemEntry[],
  contract: URL = new URL("../../openapi.yaml", import.meta.url),
): readonly ReferenceFile[] {
  const text = readFileSync(contract, "utf8");
  const root: unknown = parse(text);
  const style = readFileSync(new URL("reference.css", import.meta.url), "utf8");
  return [
    {
      path: "/docs",
      mediaType: "text/html; charset=utf-8",
      content: renderReference(new ContractDocument(root), problems),
    },
    { path: "/docs/reference.css", mediaType: "text/css; charset=utf-8", content: style },
    { path: "/openapi.yaml", mediaType: "application/yaml; charset=utf-8", content: text },
    {
      path: "/openapi.json",
      mediaType: "application/json; charset=utf-8",
      content: `${JSON.stringify(root, null, 2)}\n`,
    },
  ];
}
