/** What is wrong with a request is told at its place, by every operation: each is derived from the contract. */
import { expect, test } from "vitest";
import { type ContractOperation, type JsonSchema, readContract } from "../../../server/http/contract.ts";
import type { OperationId } from "../../../server/operations/operation.ts";
import { contractRoutes } from "../../support/answer-check.ts";
import { createTestApp, type TestAnswer, type TestCall, type TestRequest, toRequest } from "../../support/app.ts";
import { signIn } from "../../support/people.ts";

const someId = "0199f3a1b2c40d5e6f708192";
/** What only its signer can send is refused before anything of it is looked at: leak-reports.test.ts. */
const operations = readContract().filter(({ signedBy }) => signedBy === undefined);
const withId = operations.filter(({ path }) => path.includes(":id"));
const withJson = operations.filter(
  ({ bodySchema, bodyMediaType }) => bodySchema !== undefined && bodyMediaType === "application/json",
);
const withoutBody = operations.filter(({ bodySchema, method }) => bodySchema === undefined && method !== "GET");
/** The provider may add parameters of its own. */
const ownQuery = operations.filter(({ operationId }) => operationId !== "finishOidcSignIn");

test("no operation takes a query parameter that it does not know, or one twice", async () => {
  const { ask, send, requestOf, requireUnchanged } = await createCaller();
  for (const operation of ownQuery) {
    const unknown = await ask(operation, { query: { surprise: "1" } });
    expect(unknown, operation.operationId).toContainEqual(["/query/surprise", "field_unknown"]);
    for (const name of propertiesOf(operation.querySchema)) {
      const request = requestOf(operation, {});
      const twice = await send({ ...request, url: `${request.url}?${name}=1&${name}=1` });
      expect(twice, `${operation.operationId} ${name}`).toContainEqual([atParameter(name), expect.any(String)]);
    }
  }
  requireUnchanged();
});

test("no operation takes a query parameter of no use: empty, endless, or with a control character", async () => {
  const { ask, requireUnchanged } = await createCaller();
  for (const operation of ownQuery) {
    for (const name of propertiesOf(operation.querySchema)) {
      for (const value of ["", "x".repeat(5000), "\u0000", "\u202E"]) {
        const places = await ask(operation, { query: { [name]: value } });
        expect(places, `${operation.operationId} ${name}=${value.slice(0, 5)}`).toContainEqual([
          atParameter(name),
          expect.any(String),
        ]);
      }
    }
  }
  requireUnchanged();
});

/** The place of a parameter, or of an element of one that may be repeated. */
function atParameter(name: string): unknown {
  return expect.stringMatching(new RegExp(`^/query/${name}(?:/\\d+)?$`, "u"));
}

test("no operation takes an id that is none", async () => {
  const { ask, requireUnchanged } = await createCaller();
  for (const operation of withId) {
    for (const id of ["0", someId.toUpperCase(), `${someId}0`, "..%2F..", "é"]) {
      expect(await ask(operation, { id }), operation.operationId).toContainEqual(["/path/id", "id_malformed"]);
    }
  }
  requireUnchanged();
});

test("no operation takes a member that it does not know, misses one that it needs, or takes one of another type", async () => {
  const { ask, requireUnchanged } = await createCaller();
  for (const operation of withJson) {
    const { operationId, bodySchema = {} } = operation;
    const example = Object(contractRoutes.get(operationId)?.bodyExample);
    const bodyOf = (changes: Readonly<Record<string, unknown>>) => ({ body: { ...example, ...changes } });
    expect(await ask(operation, bodyOf({ surprise: 1 })), operationId).toContainEqual([
      "/body/surprise",
      "field_unknown",
    ]);
    for (const name of requiredOf(bodySchema)) {
      expect(await ask(operation, bodyOf({ [name]: undefined })), `${operationId} ${name}`).toContainEqual([
        `/body/${name}`,
        "field_required",
      ]);
    }
    for (const name of propertiesOf(bodySchema)) {
      expect(await ask(operation, bodyOf({ [name]: { a: 1 } })), `${operationId} ${name}`).toContainEqual([
        `/body/${name}`,
        expect.stringMatching(/^(type_wrong|value_unknown)$/),
      ]);
    }
  }
  requireUnchanged();
});

test("no operation takes a body that is no JSON object, or one where it wants none", async () => {
  const { ask, send, requestOf, requireUnchanged } = await createCaller();
  for (const operation of withJson) {
    for (const body of [[], "text", 7, true]) {
      expect(await ask(operation, { body }), operation.operationId).toContainEqual(["/body", "type_wrong"]);
    }
    const request = requestOf(operation, { body: {} });
    expect(await send({ ...request, payload: '{"label":' }), operation.operationId).toEqual([
      ["/body", "format_wrong"],
    ]);
  }
  for (const operation of withoutBody) {
    expect(await ask(operation, { body: { a: 1 } }), operation.operationId).toContainEqual(["/body", "field_unknown"]);
  }
  requireUnchanged();
});

/** Asks each operation as somebody who may call it, and gives the places that are refused. */
async function createCaller() {
  const app = await createTestApp();
  const session = await signIn(app);
  const before = app.contents();
  const requestOf = ({ operationId, callers, path }: ContractOperation, call: TestCall) => {
    const token = callers === "public" || callers === "user" ? null : app.adminToken;
    const id = path.includes(":code") ? "request_invalid" : someId;
    return toRequest(operationId as OperationId, { id, token, ...(callers === "user" ? { session } : {}), ...call });
  };
  const send = async (request: TestRequest): Promise<readonly Place[]> => placesOf(await app.send(request));
  return {
    requestOf,
    send,
    ask: (operation: ContractOperation, call: TestCall) => send(requestOf(operation, call)),
    requireUnchanged: () => expect(app.contents()).toEqual(before),
  };
}

type Place = readonly [pointer: string, code: string];

function placesOf({ status, text }: TestAnswer): readonly Place[] {
  if (status !== 400) return [[`status ${status}`, text]];
  const { errors }: { readonly errors: readonly { readonly pointer: string; readonly code: string }[] } =
    JSON.parse(text);
  return errors.map(({ pointer, code }) => [pointer, code]);
}

function propertiesOf(schema: JsonSchema): readonly string[] {
  return Object.keys(Object(schema["properties"]));
}

function requiredOf({ required = [] }: JsonSchema): readonly string[] {
  return Array.isArray(required) ? required.map(String) : [];
}
