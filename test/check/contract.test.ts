import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { checkContract, findContractFaults, lintOpenApi } from "./contract.ts";
import { parseContractDocument } from "./contract-document.ts";
import { writeTree } from "./write-tree.ts";

const contract = await readFile(new URL("../../openapi.yaml", import.meta.url), "utf8");

/** The contract with one change. Fails when the text to replace is not there (any more). */
function change(before: string | RegExp, after: string): string {
  const changed = contract.replace(before, after);
  if (changed === contract) throw new Error(`openapi.yaml has no ${String(before)}`);
  return changed;
}

function faultsOf(source: string): readonly string[] {
  return findContractFaults(parseContractDocument(source)).map(({ message }) => message);
}

describe("an operation that does not keep the rules is found:", () => {
  test.each([
    ["no operationId", "operationId: getMe", "x-nothing: getMe", "has no operationId in camelCase"],
    ["no summary", "summary: Get the caller\n", "x-nothing: Get the caller\n", "has no summary"],
    [
      "unknown callers",
      "x-callers: any-token",
      "x-callers: everybody",
      "x-callers must be one of public, any-token, member, admin, user",
    ],
    [
      "public in name only",
      "x-callers: public\n      security: []",
      "x-callers: public",
      "security must be [] for public operations",
    ],
    [
      "open by mistake",
      "x-callers: any-token",
      "x-callers: any-token\n      security: []",
      "security must be [] for public operations",
    ],
    [
      "two successes",
      '        "204":',
      '        "200": { $ref: "#/components/responses/ApiToken" }\n        "204":',
      "exactly one success answer, not 2",
    ],
    [
      "no 403",
      '        "403": { $ref: "#/components/responses/RoleInsufficient" }\n',
      "",
      "does not say how it answers 403",
    ],
    [
      "no 429",
      '        "429": { $ref: "#/components/responses/RateLimited" }\n',
      "",
      "does not say how it answers 429",
    ],
    [
      "a default answer",
      '"404": { $ref: "#/components/responses/ApiTokenNotFound" }',
      'default: { $ref: "#/components/responses/ApiTokenNotFound" }',
      "answers must name one status each: default",
    ],
    [
      "an unknown problem code",
      "x-problem-codes: [role_insufficient, csrf_token_invalid]",
      "x-problem-codes: [role_insufficient, role_gone, csrf_token_invalid]",
      "role_gone is not in ProblemCode",
    ],
    [
      "no problem codes",
      "x-problem-codes: [role_insufficient, csrf_token_invalid]",
      "x-nothing: []",
      "a failure must list its x-problem-codes",
    ],
    [
      "a code that nothing answers",
      "        - secret_superseded\n",
      "        - secret_superseded\n        - secret_lost\n",
      "no operation answers secret_lost",
    ],
    [
      "a code with two statuses",
      "x-problem-codes: [body_too_large]",
      "x-problem-codes: [body_too_large, request_invalid]",
      "request_invalid answers 413 here and 400 elsewhere",
    ],
    [
      "a failure that is no problem",
      /(x-problem-codes: \[role_insufficient, csrf_token_invalid\]\n {6}content:\n {8})application\/problem\+json/u,
      "$1application/json",
      "must answer application/problem+json",
    ],
    [
      "an example of another code",
      "            code: role_insufficient",
      "            code: body_too_large",
      "the example's code body_too_large is not one of the answer's",
    ],
    ["an example of another status", "status: 403", "status: 404", "the example's status must be 403"],
    [
      "an example of another type",
      "type: /problems/role_insufficient",
      "type: about:blank",
      "the example's type must be /problems/role_insufficient",
    ],
  ])("%s", (_, before, after, message) => {
    expect(faultsOf(change(before, after))).toContainEqual(expect.stringContaining(message));
  });
});

describe("a schema that lets anything through is found:", () => {
  test.each([
    [
      "an unbounded text",
      "title: { type: string, maxLength: 200 }",
      "title: { type: string }",
      "a text needs maxLength",
    ],
    ["an unbounded list", "              maxItems: 10\n", "", "a list needs maxItems"],
    [
      "a list of anything",
      '          items: { $ref: "#/components/schemas/ProblemPlace" }\n',
      "",
      "a list needs items",
    ],
    ["an unbounded parameter", "minimum: 1, maximum: 1000000", "minimum: 1", "a number needs a maximum"],
    [
      "a number without a floor",
      "          minimum: 0\n          maximum: 2592000\n",
      "          maximum: 2592000\n",
      "a number needs a minimum",
    ],
    [
      "an open answer",
      "    Organization:\n      type: object\n      additionalProperties: false\n",
      "    Organization:\n      type: object\n",
      "an object needs additionalProperties: false",
    ],
    [
      "an open request body",
      "    ActivateApiTokenRequest:\n      type: object\n      additionalProperties: false\n",
      "    ActivateApiTokenRequest:\n      type: object\n",
      "an object needs additionalProperties: false",
    ],
    [
      "a composed request body",
      'schema: { $ref: "#/components/schemas/VerifyApiTokenRequest" }',
      'schema: { $ref: "#/components/schemas/CreatedApiToken" }',
      "an object needs additionalProperties: false",
    ],
    ["a map of any size", "      maxProperties: 50\n", "", "an object needs additionalProperties: false"],
    [
      "a map of unbounded texts",
      "        maxLength: 2000\n        minimum: -",
      "        minimum: -",
      "a text needs maxLength",
    ],
    ["anything at all", "active: { type: boolean }", "active: {}", "has no type"],
  ])("%s", (_, before, after, message) => {
    expect(faultsOf(change(before, after))).toContainEqual(expect.stringContaining(message));
  });
});

describe("an example that is not what its schema says is found:", () => {
  test.each([
    [
      "of a request",
      "example: { fingerprint: 60303ae22b998861 }",
      "example: { fingerprint: short }",
      "/fingerprint must NOT have fewer than 16 characters",
    ],
    ["of an answer", "                total: 25\n", "                total: many\n", "/total must be integer"],
    ["of a composed answer", "                warnings: []\n", "", "must have required property 'warnings'"],
    ["of a problem", "            requestId: 0199f3a1b2c4-1\n", "", "must have required property 'requestId'"],
    ["missing", "            example: { label: Nightly build }\n", "", "has no example"],
  ])("%s", (_, before, after, message) => {
    expect(faultsOf(change(before, after))).toContainEqual(expect.stringContaining(message));
  });
});

test("a finding names the line", () => {
  const source = change("active: { type: boolean }", "active: {}");
  const line = source.slice(0, source.indexOf("active: {}")).split("\n").length;
  expect(findContractFaults(parseContractDocument(source))).toEqual([
    { place: `openapi.yaml:${line} components/schemas/Verification/properties/active`, message: "has no type" },
  ]);
});

test("what OpenAPI itself forbids is found", async () => {
  const source = change("operationId: getMe", "operationId: getOrganization");
  const messages = (await lintOpenApi(parseContractDocument(source), "/")).map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringContaining("operation-operationId-unique"));
});

test("a contract that is no YAML is refused", async () => {
  await expect(checkContract(await writeTree({ "openapi.yaml": "a: [" }))).rejects.toThrow();
});

test("the committed contract has no faults", () => {
  expect(faultsOf(contract)).toEqual([]);
});
