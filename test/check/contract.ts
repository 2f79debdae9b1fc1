import { join } from "node:path";
import openapi from "@redocly/openapi-core";
import type { Finding } from "./check.ts";
import { type ContractDocument, collectFindings, readContractDocument } from "./contract-document.ts";
import { checkExamples } from "./contract-examples.ts";
import { checkOperations } from "./contract-operations.ts";
import { checkSchemas } from "./contract-schemas.ts";

/** Lints `openapi.yaml`: by Redocly's rules for what OpenAPI says, and by ours for what this product promises. */
export async function checkContract(root: string): Promise<readonly Finding[]> {
  const document = await readContractDocument(root);
  return [...(await lintOpenApi(document, root)), ...findContractFaults(document)];
}

/** The faults of a contract by the rules of this product. */
export function findContractFaults(document: ContractDocument): readonly Finding[] {
  return [checkOperations, checkSchemas, checkExamples].flatMap((rule) => collectFindings(document, rule));
}

/** The faults of a contract by the rules of OpenAPI, as Redocly's strict set has them. */
export async function lintOpenApi(document: ContractDocument, root: string): Promise<readonly Finding[]> {
  const config = await openapi.createConfig({
    extends: ["recommended-strict"],
    // Ours are sharper: one success, which may be a redirect; which failures there can be follows from who may call the
    // operation and what it takes.
    rules: { "operation-4xx-response": "off", "operation-2xx-response": "off" },
  });
  const problems = await openapi.lintFromString({
    source: document.source,
    absoluteRef: join(root, "openapi.yaml"),
    config,
  });
  return problems.map(({ ruleId, message, location: [location] }) => {
    const line = location !== undefined && "start" in location ? location.start?.line : undefined;
    const pointer = location !== undefined && "pointer" in location ? ` ${location.pointer}` : "";
    return { place: `openapi.yaml${line === undefined ? "" : `:${line}`}${pointer}`, message: `${ruleId}: ${message}` };
  });
}
