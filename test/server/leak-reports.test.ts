import { generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { GithubKeys } from "../../server/domain/github-signature.ts";
import { digestToken } from "../../server/domain/token-text.ts";
import { changesNothing, createTestApp, parseProblem, type TestApp } from "../support/app.ts";
import {
  authenticate,
  buildExpiredToken,
  buildOtherOrganization,
  buildPendingToken,
  buildRetiredToken,
  buildRevokedToken,
  buildToken,
  buildUnknownToken,
} from "../support/builders.ts";
import { initialiseDatabase, runServerCommand } from "../support/server-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { readTrail, reopen, trailOf } from "../support/trail.ts";

const leaked = { action: "api_token.leaked" };
const github = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });
const githubKeys: GithubKeys = new Map([["current", github.publicKey]]);

function leakMail(app: TestApp): readonly unknown[] {
  return (app.allContents()["mail"] ?? []).filter((row) => JSON.stringify(row).includes('"leak_reported"'));
}

function sendGithub(app: TestApp, body: unknown, overrides: Readonly<Record<string, string>> = {}) {
  const payload = typeof body === "string" ? body : JSON.stringify(body);
  const signature = sign("sha256", Buffer.from(payload), github.privateKey).toString("base64");
  const headers = {
    "content-type": "application/json",
    "GITHUB-PUBLIC-KEY-IDENTIFIER": "current",
    "GITHUB-PUBLIC-KEY-SIGNATURE": signature,
    ...overrides,
  };
  return app.send({ method: "POST", url: "/v2/leak-reports/github", headers, payload });
}

function found(token: string, where = "https://github.com/octocat/Hello-World/blob/main/foo") {
  return { token, type: "orgtokens_api_token", url: where, source: "commit" };
}

test("a report about a live token, a dead one, an unknown one and none at all is answered alike", async () => {
  const app = await createTestApp();
  const dead = await buildRevokedToken(app);
  const live = await buildToken(app);
  const answers = [];
  for (const token of [live.token, dead.token, buildUnknownToken(), "tok_mistyped", "x"]) {
    const { status, text, headers } = await app.answer("reportLeak", { token: null, body: { token } });
    const { "x-request-id": _id, date: _date, ...rest } = headers;
    answers.push({ status, text, headers: rest });
  }
  expect(answers[0]).toMatchObject({ status: 202, text: '{"status":"received"}' });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test("the answer to a report waits for no lookup", async () => {
  let letLookUp = (): void => undefined;
  const mayLookUp = new Promise<void>((resolve) => {
    letLookUp = resolve;
  });
  let isHeld = false;
  const app = await createTestApp({
    wrap: (database) => {
      const { secrets } = database.stores;
      const findPresented: typeof secrets.findPresented = async (sha256s) => {
        if (isHeld) await mayLookUp;
        return secrets.findPresented(sha256s);
      };
      return { ...database, stores: { ...database.stores, secrets: { ...secrets, findPresented } } };
    },
  });
  const { token } = await buildToken(app);
  isHeld = true;
  await app.call("reportLeak", { token: null, body: { token } });
  letLookUp();
  await trailOf(app, leaked, 1);
});

test("a reported live token is an event and one mail an hour to each admin, and stays live", async () => {
  const app = await createTestApp();
  const { id, token, label, fingerprint } = await buildToken(app);
  const body = { token, where: "https://paste.example/42?page=1" };
  for (let count = 0; count < 3; count += 1) await app.call("reportLeak", { token: null, body });
  const [event] = await trailOf(app, leaked, 1);
  expect(event).toMatchObject({
    outcome: "done",
    actor: { type: "anonymous", id: null, label: "a leak report" },
    target: { type: "api_token", id, label },
    ip: "127.0.0.1",
    after: { fingerprint, where: body.where, source: "a leak report", outcome: "notified" },
  });
  expect(await authenticate(app, token)).toBe("accepted");
  app.clock.advance({ minutes: 60 });
  await app.call("reportLeak", { token: null, body });
  const after = await reopen(app);
  expect(await readTrail(after, leaked)).toHaveLength(2);
  expect(leakMail(after)).toHaveLength(2);
});

test.for([
  ["active", buildToken],
  ["pending", buildPendingToken],
] as const)("where the policy says so, a reported %s token is revoked at once", async ([, build]) => {
  const app = await createTestApp();
  await app.call("updateOrganizationPolicy", { body: { onLeak: "revoke" } });
  const { id, token } = await build(app);
  await app.call("reportLeak", { token: null, body: { token } });
  const [event] = await trailOf(app, { action: "api_token.revoked", targetId: id }, 1);
  expect(event?.actor).toEqual({ type: "anonymous", id: null, label: "a leak report" });
  expect(await authenticate(app, token)).toBe("authentication_revoked");
  expect(await readTrail(app, leaked)).toMatchObject([{ after: { where: null, outcome: "revoked" } }]);
});

test("a policy that came after the first report counts for the next one, in the same hour", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  await app.call("reportLeak", { token: null, body: { token } });
  await trailOf(app, leaked, 1);
  await app.call("updateOrganizationPolicy", { body: { onLeak: "revoke" } });
  await app.call("reportLeak", { token: null, body: { token } });
  await trailOf(app, { action: "api_token.revoked", targetId: id }, 1);
});

test("the policy that counts is the one of the token's organization", async () => {
  const app = await createTestApp();
  const other = await buildOtherOrganization(app);
  await app.call("updateOrganizationPolicy", { token: other.adminToken, body: { onLeak: "revoke" } });
  const ours = await buildToken(app);
  await app.call("reportLeak", { token: null, body: { token: ours.token } });
  const after = await reopen(app);
  expect(await readTrail(after, leaked)).toHaveLength(1);
  expect(await authenticate(after, ours.token)).toBe("accepted");
});

test.for([
  ["revoked", buildRevokedToken],
  ["expired", buildExpiredToken],
  ["retired", buildRetiredToken],
] as const)("a reported %s token changes nothing", async ([, build]) => {
  const app = await createTestApp();
  await app.call("updateOrganizationPolicy", { body: { onLeak: "revoke" } });
  const { token } = await build(app);
  await changesNothing(app, async () => {
    await app.call("reportLeak", { token: null, body: { token } });
    await app.close();
  });
});

test("the reported token is stored nowhere and logged nowhere, whatever the place holds", async () => {
  const app = await createTestApp({ githubKeys });
  const { token } = await buildToken(app);
  const { token: other } = await buildToken(app);
  const [half, rest] = [token.slice(0, 22), token.slice(22)];
  const places = [
    `https://x.example/?t=${token}`,
    `https://x.example/${token.replace("_", "%5F")}`,
    `https://x.example/#${[...token].map((character) => `%${character.charCodeAt(0).toString(16)}`).join("")}`,
    `https://x.example/${half}/${rest}`,
    `https://${token}:x@x.example/`,
    `https://x.example/${other}`,
  ];
  for (const where of places) {
    await app.call("reportLeak", { token: null, body: { token, where } });
    await trailOf(app, leaked, places.indexOf(where) + 1);
    app.clock.advance({ minutes: 60 });
  }
  await sendGithub(app, [found(token, places[0])]);
  const after = await reopen(app);
  const events = await readTrail(after, leaked);
  expect(events).toHaveLength(places.length + 1);
  for (const event of events) expect(event.after?.["where"]).toBe("https://x.example/");
  const written = JSON.stringify([after.allContents(), app.log(), after.log()]);
  for (const text of [token, token.slice(4), half, rest, other]) expect(written).not.toContain(text);
});

test("an address may report ten times a minute", async () => {
  const app = await createTestApp();
  const body = { token: "x" };
  for (let count = 0; count < 10; count += 1) await app.call("reportLeak", { token: null, body });
  const refused = await app.answer("reportLeak", { token: null, body });
  expect(parseProblem(refused).code).toBe("rate_limited");
  expect(Number(refused.headers["retry-after"])).toBe(6);
  app.clock.advance({ seconds: 6 });
  await app.call("reportLeak", { token: null, body });
});

test.for([
  ["no token", {}, "/body/token", "field_required"],
  ["an empty token", { token: "" }, "/body/token", "value_empty"],
  ["a token of 201 characters", { token: "x".repeat(201) }, "/body/token", "value_too_long"],
  ["a place that is no URL", { token: "x", where: "javascript:alert(1)" }, "/body/where", "format_wrong"],
  ["a place with a line break", { token: "x", where: "https://x.example/\n" }, "/body/where", "format_wrong"],
  ["a place of 501 characters", { token: "x", where: `https://${"x".repeat(493)}` }, "/body/where", "value_too_long"],
  ["something else", { token: "x", email: "a@b.example" }, "/body/email", "field_unknown"],
] as const)("a report with %s is refused", async ([, body, pointer, code]) => {
  const app = await createTestApp();
  const problem = await app.refused("reportLeak", { token: null, body });
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer, code }] });
});

test("GitHub learns which tokens are ours by their hashes, and what follows is done before the answer", async () => {
  const app = await createTestApp({ githubKeys });
  await app.call("updateOrganizationPolicy", { body: { onLeak: "revoke" } });
  const live = await buildToken(app);
  const dead = await buildRevokedToken(app);
  const unknown = buildUnknownToken();
  const answer = await sendGithub(app, [found(live.token), found(dead.token), found(unknown), found("not ours")]);
  expect(answer.status, answer.text).toBe(200);
  expect(JSON.parse(answer.text)).toEqual(
    [live.token, dead.token, unknown, "not ours"].map((token, index) => ({
      token_hash: digestToken(token).sha256,
      token_type: "orgtokens_api_token",
      label: index < 2 ? "true_positive" : "false_positive",
    })),
  );
  expect(await authenticate(app, live.token)).toBe("authentication_revoked");
  expect(await readTrail(app, leaked)).toMatchObject([
    {
      actor: { type: "anonymous", label: "GitHub secret scanning" },
      target: { id: live.id },
      after: { where: "https://github.com/octocat/Hello-World/blob/main/foo", outcome: "revoked" },
    },
  ]);
});

test("members that GitHub adds are ignored, and up to 100 tokens of one message are taken", async () => {
  const app = await createTestApp({ githubKeys });
  const body = Array.from({ length: 100 }, (_, index) => ({ ...found(`x${index}`), extra: index, more: null }));
  expect((await sendGithub(app, body)).status).toBe(200);
  expect(parseProblem(await sendGithub(app, [...body, found("x")])).code).toBe("request_invalid");
  expect(parseProblem(await sendGithub(app, [])).code).toBe("request_invalid");
  expect(parseProblem(await sendGithub(app, found("x"))).code).toBe("request_invalid");
  expect(parseProblem(await sendGithub(app, [{ ...found("x"), token: 7 }])).code).toBe("request_invalid");
  const tooLarge = parseProblem(await sendGithub(app, `[${" ".repeat(262_144)}]`));
  expect(tooLarge).toMatchObject({ code: "body_too_large", errors: [{ message: "must be at most 262144 bytes" }] });
});

test.for([
  ["without a signature", { "GITHUB-PUBLIC-KEY-SIGNATURE": "" }],
  ["with a signature that is none", { "GITHUB-PUBLIC-KEY-SIGNATURE": "AAAAAAAAAAAA" }],
  [
    "with a signature of something else",
    {
      "GITHUB-PUBLIC-KEY-SIGNATURE": sign("sha256", Buffer.from("something else"), github.privateKey).toString(
        "base64",
      ),
    },
  ],
  ["by a key that nobody knows", { "GITHUB-PUBLIC-KEY-IDENTIFIER": "other" }],
  ["by a key that is a prototype's", { "GITHUB-PUBLIC-KEY-IDENTIFIER": "__proto__" }],
] as const)("a message %s is refused before anything reads it", async ([, headers]) => {
  const app = await createTestApp({ githubKeys });
  const { token } = await buildToken(app);
  await changesNothing(app, async () => {
    expect(parseProblem(await sendGithub(app, [found(token)], headers)).code).toBe("signature_invalid");
    expect(parseProblem(await sendGithub(app, "{", headers)).code).toBe("signature_invalid");
  });
});

test("a message that a stranger signed, or that was changed by one space, is refused", async () => {
  const app = await createTestApp({ githubKeys });
  const { token } = await buildToken(app);
  const body = JSON.stringify([found(token)]);
  const by = (key: typeof github.privateKey, text: string) => ({
    "GITHUB-PUBLIC-KEY-SIGNATURE": sign("sha256", Buffer.from(text), key).toString("base64"),
  });
  expect(parseProblem(await sendGithub(app, body, by(stranger.privateKey, body))).code).toBe("signature_invalid");
  expect(parseProblem(await sendGithub(app, `${body} `, by(github.privateKey, body))).code).toBe("signature_invalid");
  expect((await sendGithub(app, body, by(github.privateKey, body))).status).toBe(200);
});

test("a server that knows no keys takes no message", async () => {
  const app = await createTestApp();
  expect(parseProblem(await sendGithub(app, [found("x")])).code).toBe("signature_invalid");
});

test("start says which file of keys it cannot use", async () => {
  const folder = await temporaryFolder();
  const database = join(folder, "a.sqlite");
  await initialiseDatabase(folder, database);
  writeFileSync(join(folder, "keys.json"), "{}");
  const flags = ["--database", database, "--port", "0", "--github-secret-scanning-keys", join(folder, "keys.json")];
  const { exitCode, output } = await runServerCommand(folder, ["start", ...flags]);
  expect(exitCode).toBe(2);
  expect(output).toMatch(/--github-secret-scanning-keys .*keys\.json: public_keys must be a list of 1 to 100 keys/);
});
