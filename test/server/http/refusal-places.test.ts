/** Refusals whose code says it all name the place of the request too. That every 4xx does is checked of every answer. */
import { expect, test } from "vitest";
import type { OperationId } from "../../../server/operations/operation.ts";
import { changesNothing, createTestApp, parseProblem, type TestCall } from "../../support/app.ts";
import { buildRevokedToken, buildToken, buildUnknownToken } from "../../support/builders.ts";

const valid = { label: "CI", role: "developer" };
const json = { "content-type": "application/json" };

test.for([
  ["text/plain", { headers: { "content-type": "text/plain" } }, "content_type_unsupported", "/header/content-type"],
  ["a body of 20 KB", { headers: json, payload: " ".repeat(20_000) }, "body_too_large", "/body"],
  ["half a body", { headers: json, payload: '{"label":' }, "json_malformed", "/body"],
  ["no token", { headers: { ...json, "x-api-key": "" } }, "authentication_missing", "/header/x-api-key"],
  [
    "a mistyped token",
    { headers: { ...json, "x-api-key": "", authorization: "Bearer tok_x" } },
    "authentication_malformed",
    "/header/authorization",
  ],
] as const)("%s is refused with its place, and changes nothing", async ([, request, code, pointer]) => {
  const app = await createTestApp();
  const headers = { "x-api-key": app.adminToken, ...request.headers };
  const sent = { method: "POST", url: "/v2/api-tokens", payload: JSON.stringify(valid), ...request, headers };
  const problem = parseProblem(await changesNothing(app, () => app.send(sent)));
  expect(problem).toMatchObject({ code, errors: [{ pointer }] });
});

const destination = "vault://kv/ci#token";

test("what conflicts with the state of a token is told at its place, and nothing is changed", async () => {
  const app = await createTestApp();
  const { id, fingerprint, token } = await buildToken(app, { destination });
  const revoked = await buildRevokedToken(app);
  await app.call("rotateApiToken", { id, body: {} });
  const cases: readonly (readonly [OperationId, TestCall, string, string])[] = [
    ["listApiTokens", { token }, "role_insufficient", "/header/x-api-key"],
    ["getMe", { token: revoked.token }, "authentication_revoked", "/header/x-api-key"],
    ["getMe", { token: buildUnknownToken() }, "authentication_unknown", "/header/x-api-key"],
    ["getApiToken", { id: "0".repeat(24) }, "api_token_not_found", "/path/id"],
    ["createApiToken", { body: { ...valid, destination } }, "destination_in_use", "/body/destination"],
    ["rotateApiToken", { id: revoked.id, body: {} }, "api_token_revoked", "/path/id"],
    ["activateApiToken", { id, body: { fingerprint } }, "secret_superseded", "/body/fingerprint"],
    ["activateApiToken", { id, body: { fingerprint: "0".repeat(16) } }, "activation_not_pending", "/body/fingerprint"],
  ];
  await changesNothing(app, async () => {
    for (const [operationId, call, code, pointer] of cases)
      expect(await app.refused(operationId, call)).toMatchObject({ code, errors: [{ pointer }] });
  });
});
