import { checkAccess, createVerifier, type Verdict } from "@orgtokens/sdk/verification";
import { expect, test } from "vitest";
import { createTestApp } from "../../support/app.ts";
import { createAppClient } from "../../support/app-client.ts";
import {
  buildAdminToken,
  buildPendingToken,
  buildRevokedToken,
  buildToken,
  buildUnknownToken,
} from "../../support/builders.ts";

async function openVerifier() {
  const app = await createTestApp();
  return { app, verifier: createVerifier({ client: createAppClient(app) }) };
}

test("a live token passes as bearer, in any case, and as X-API-KEY", async () => {
  const { app, verifier } = await openVerifier();
  const { token, id } = await buildToken(app);
  for (const request of [
    { authorization: `Bearer ${token}` },
    { authorization: `bearer  ${token} ` },
    { apiKey: token },
    { authorization: `Bearer ${token}`, apiKey: token },
    { authorization: "Basic YTpi", apiKey: token },
  ]) {
    expect(await checkAccess(verifier, request)).toMatchObject({ granted: true, apiToken: { id } });
  }
});

test("a refusal says in the words of RFC 6750 and RFC 9457 what is wrong, and never quotes the token", async () => {
  const { app, verifier } = await openVerifier();
  const developer = await buildToken(app);
  const revoked = await buildRevokedToken(app);
  const pending = await buildPendingToken(app);
  const cases = [
    [{}, 401, "authentication_missing", 'Bearer realm="projects"'],
    [{ authorization: "Basic YTpi" }, 401, "authentication_missing", 'Bearer realm="projects"'],
    [
      { apiKey: "hunter2" },
      401,
      "authentication_malformed",
      'error="invalid_token", error_description="The token is malformed"',
    ],
    [{ apiKey: `${developer.token}, ${developer.token}` }, 401, "authentication_malformed", 'error="invalid_token"'],
    [{ apiKey: buildUnknownToken() }, 401, "authentication_unknown", 'error="invalid_token"'],
    [
      { apiKey: revoked.token },
      401,
      "authentication_revoked",
      'error="invalid_token", error_description="The token is revoked"',
    ],
    [{ apiKey: pending.token }, 401, "authentication_pending", 'error="invalid_token"'],
    [{ apiKey: developer.token }, 403, "role_insufficient", 'error="insufficient_scope", scope="admin"'],
    [
      { authorization: `Bearer ${app.adminToken}`, apiKey: developer.token },
      400,
      "credentials_ambiguous",
      'error="invalid_request"',
    ],
  ] as const;
  for (const [request, status, code, challenge] of cases) {
    const access = await checkAccess(verifier, request, { role: "admin", realm: "projects" });
    expect(access).toMatchObject({ granted: false, status, problem: { status, code } });
    if (access.granted) continue;
    expect(access.headers["WWW-Authenticate"]).toContain(challenge);
    expect(access.headers["Content-Type"]).toBe("application/problem+json");
    for (const { token } of [developer, revoked, pending]) expect(JSON.stringify(access)).not.toContain(token);
  }
});

test("an admin passes where a developer may, and where only admins may", async () => {
  const { app, verifier } = await openVerifier();
  const { token } = await buildAdminToken(app);
  for (const role of ["developer", "admin"] as const) {
    expect((await checkAccess(verifier, { apiKey: token }, { role })).granted).toBe(true);
  }
});

const unavailable: Verdict = { outcome: "unavailable", error: new Error("down"), isOutage: true };
const down = { verify: async () => unavailable };

test("while nobody can tell, requests are refused with 503 and when to come again", async () => {
  expect(await checkAccess(down, { apiKey: "tok_any" })).toMatchObject({
    granted: false,
    status: 503,
    headers: { "Retry-After": "1" },
    problem: { code: "service_unavailable" },
  });
});

test("where that was chosen they pass unverified, but never where an admin is required", async () => {
  const whenUnavailable = "accept" as const;
  expect(await checkAccess(down, { apiKey: "tok_any" }, { whenUnavailable })).toEqual({
    granted: true,
    apiToken: undefined,
  });
  expect(await checkAccess(down, { apiKey: "tok_any" }, { whenUnavailable, role: "admin" })).toMatchObject({
    status: 503,
  });
  expect(await checkAccess(down, {}, { whenUnavailable })).toMatchObject({ status: 401 });
  const { verifier } = await openVerifier();
  expect(await checkAccess(verifier, { apiKey: "hunter2" }, { whenUnavailable })).toMatchObject({ status: 401 });
});

test("nobody passes unverified because the service's own token is dead, however often it is refused", async () => {
  const app = await createTestApp({ failedAuthentications: { name: "failures", quota: 3, windowSeconds: 60 } });
  const own = await buildToken(app);
  const client = createAppClient(app, own.token);
  const verifier = createVerifier({ client, breaker: { failures: 2 } });
  await app.call("revokeApiToken", { id: own.id });
  // From the fourth on the server says "slow down".
  for (let round = 0; round < 8; round += 1) {
    const access = await checkAccess(verifier, { apiKey: buildUnknownToken() }, { whenUnavailable: "accept" });
    expect(access).toMatchObject({ granted: false, status: 503 });
  }
});

test("an address that is none decides nothing, and spoils no answer to others", async () => {
  const { app, verifier } = await openVerifier();
  const { token } = await buildToken(app);
  const addresses = [
    "dead",
    "999.1.1.1",
    "1.2.3",
    "01.2.3.4",
    ":::",
    "1::2::3",
    "x".repeat(99),
    "",
    "::1%eth0",
    "192.0.2.1",
  ];
  const rule = { whenUnavailable: "accept" } as const;
  const granted = await Promise.all(
    addresses.flatMap((ip) => [
      checkAccess(verifier, { apiKey: token, ip }, rule),
      checkAccess(verifier, { apiKey: buildUnknownToken(), ip }, rule),
    ]),
  );
  expect(granted.map((access) => access.granted)).toEqual(addresses.flatMap(() => [true, false]));
});
