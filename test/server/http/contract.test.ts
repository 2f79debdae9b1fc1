import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { defaultGracePeriodSeconds } from "../../../server/domain/api-token.ts";
import { problems } from "../../../server/domain/problem.ts";
import { refuseDifferences } from "../../../server/http/bind-contract.ts";
import { readContract } from "../../../server/http/contract.ts";
import { handlers } from "../../../server/http/operations.ts";
import { problemStatus } from "../../../server/http/problem.ts";
import { createTestApp } from "../../support/app.ts";
import { buildToken } from "../../support/builders.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const text = readFileSync(new URL("../../../openapi.yaml", import.meta.url), "utf8");
const document = parse(text);

test("the contract and the handlers agree", () => {
  expect(() => refuseDifferences(readContract(), handlers)).not.toThrow();
});

test("an operation without a handler, a handler without an operation, and another caller refuse to start", () => {
  const contract = readContract();
  const me = contract.filter(({ operationId }) => operationId === "getMe");
  const renamed = [...contract, ...me.map((operation) => ({ ...operation, operationId: "getYou" }))];
  const missing = contract.filter(({ operationId }) => operationId !== "getMe");
  const opened = contract.map((operation) =>
    operation.operationId === "revokeApiToken" ? { ...operation, callers: "public" as const } : operation,
  );
  expect(() => refuseDifferences(renamed, handlers)).toThrow(/getYou has no handler/);
  expect(() => refuseDifferences(missing, handlers)).toThrow(/getMe is not in the contract/);
  expect(() => refuseDifferences(opened, handlers)).toThrow(
    /revokeApiToken is for public in the contract and for admin in its handler/,
  );
});

test.for([
  ["an operation that does not say who may call it", "      x-callers: any-token\n", "", /must say in x-callers/],
  ["an operation for unknown callers", "x-callers: any-token", "x-callers: everybody", /must say in x-callers/],
  [
    "an operation with two successes",
    '        "400": { $ref: "#/components/responses/PageInvalid" }',
    '        "202": { $ref: "#/components/responses/PageInvalid" }',
    /must have one success answer/,
  ],
  ["a reference to nothing", "#/components/parameters/Limit", "#/components/parameters/Limits", /openapi.yaml/],
] as const)("a contract with %s refuses to start", async ([, original, planted, message]) => {
  const path = join(await temporaryFolder(), "openapi.yaml");
  expect(text).toContain(original);
  writeFileSync(path, text.replace(original, planted));
  expect(() => readContract(pathToFileURL(path))).toThrow(message);
});

test("the contract's problem codes are the catalogue's, each under its status", () => {
  expect([...document.components.schemas.ProblemCode.enum].sort()).toEqual(Object.keys(problems).sort());
  const declared = new Map<string, Set<number>>();
  for (const item of Object.values<Record<string, { responses?: Record<string, { $ref?: string }> }>>(document.paths)) {
    for (const [status, { $ref: reference = "" }] of Object.values(item).flatMap((operation) =>
      Object.entries(operation.responses ?? {}),
    )) {
      const response = document.components.responses[reference.split("/").at(-1) ?? ""];
      for (const code of response?.["x-problem-codes"] ?? [])
        declared.set(code, (declared.get(code) ?? new Set()).add(Number(status)));
    }
  }
  const routing = ["route_not_found", "method_not_allowed", "http_malformed", "header_too_large", "request_incomplete"];
  for (const [code, status] of Object.entries(problemStatus)) {
    if (!routing.includes(code)) expect([...(declared.get(code) ?? [])], code).toEqual([status]);
  }
});

test("every problem code is explained with its title and status", async () => {
  const app = await createTestApp();
  for (const code of Object.keys(problems)) {
    expect(await app.call("getProblem", { id: code, token: null })).toMatchObject({ code });
  }
});

test("the defaults that the contract names are the ones that count", async () => {
  const app = await createTestApp();
  const { limit, activation, grace } = {
    limit: document.components.parameters.Limit.schema.default,
    activation: document.components.schemas.Activation.default,
    grace: document.components.schemas.RotateApiTokenRequest.properties.gracePeriodSeconds.default,
  };
  expect(grace).toBe(defaultGracePeriodSeconds);
  expect(activation).toBe("immediate");
  const { id, token } = await buildToken(app);
  await Promise.all(Array.from({ length: limit }, () => buildToken(app)));
  expect((await app.call("listApiTokens")).tokens).toHaveLength(limit);
  await app.call("rotateApiToken", { id, body: {} });
  const me = await app.call("getMe", { token });
  const expiresAt = me.type === "api_token" ? me.secret.expiresAt : null;
  expect(Date.parse(expiresAt ?? "") - app.clock.now().getTime()).toBe(grace * 1000);
  expect(document.components.parameters.Status.schema.default).toBe("live");
});

test("no pattern of the contract takes longer than its text is long: no body stalls the others", () => {
  const patterns = findPatterns(document);
  expect(patterns.size).toBeGreaterThan(15);
  for (const pattern of patterns) {
    for (const character of ["a", "0", " ", "-", ".", "/", ":", '"', "é"]) {
      for (const start of ["", "/", '"', "https://"]) {
        const startedAt = performance.now();
        new RegExp(pattern, "u").test(`${start}${character.repeat(50_000)}\0`);
        // A pattern that begins again at each character needs seconds.
        expect(performance.now() - startedAt, pattern).toBeLessThan(1000);
      }
    }
  }
});

/** Every pattern of the contract's schemas. */
function findPatterns(node: unknown): ReadonlySet<string> {
  if (typeof node !== "object" || node === null) return new Set();
  const own = "pattern" in node && typeof node.pattern === "string" ? [node.pattern] : [];
  return new Set([...own, ...Object.values(node).flatMap((member) => [...findPatterns(member)])]);
}
