import { expect, test } from "vitest";
import { parseProblem, type TestApp } from "../../support/app.ts";
import { authenticate, buildPendingToken, buildToken } from "../../support/builders.ts";
import { createReplicas } from "../../support/replicas.ts";

const destination = "vault://kv/ci/orgtokens#token";
const times = <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)));

/** The states of a token's secrets, counted. */
function countStates(app: TestApp, id: string): Readonly<Record<string, number>> {
  const rows = app.contents()["api_token_secrets"] ?? [];
  const counts: Record<string, number> = {};
  for (const row of rows) {
    const { api_token_id: owner, state } = Object.fromEntries(Object.entries(row ?? {}));
    if (owner === id) counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

test("of immediate creations for one destination at once, one wins and the others learn its id", async () => {
  const app = await createReplicas();
  const body = { label: "CI", role: "developer", destination };
  const answers = await times(12, () => app.answer("createApiToken", { body }));
  const created = answers.filter(({ status }) => status === 201);
  expect(created).toHaveLength(1);
  const { id } = JSON.parse(created[0]?.text ?? "{}");
  for (const answer of answers.filter(({ status }) => status !== 201)) {
    expect(parseProblem(answer)).toMatchObject({ code: "destination_in_use", apiTokenId: id });
  }
});

test("of deferred creations for one destination at once, all get the same id and exactly one secret can be activated", async () => {
  const app = await createReplicas();
  const created = await times(12, () => buildPendingToken(app, { label: "CI", destination }));
  const [id = ""] = new Set(created.map((token) => token.id));
  expect(created.every((token) => token.id === id)).toBe(true);
  const answers = await times(12, (index) =>
    app.answer("activateApiToken", { id, body: { fingerprint: created[index]?.fingerprint } }),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(11);
  const worth = await times(12, (index) => authenticate(app, created[index]?.token ?? ""));
  expect(worth.filter((answer) => answer === "accepted")).toHaveLength(1);
  expect(countStates(app, id)).toEqual({ current: 1, superseded: 11 });
});

test("rotations at once leave one current and one new secret, and the current one works throughout", async () => {
  const app = await createReplicas();
  const { id, token } = await buildToken(app);
  const [rotated, worth] = await Promise.all([
    times(10, () => app.call("rotateApiToken", { id, body: { activation: "deferred" } })),
    times(10, () => authenticate(app, token)),
  ]);
  expect(worth.every((answer) => answer === "accepted")).toBe(true);
  expect(countStates(app, id)).toEqual({ current: 1, new: 1, superseded: 9 });
  const { newFingerprint } = await app.call("getApiToken", { id });
  const winner = rotated.filter((answer) => answer.newFingerprint === newFingerprint);
  expect(winner).toHaveLength(1);
  expect(await authenticate(app, winner[0]?.token ?? "")).toBe("accepted");
});

test("immediate rotations at once all keep their secret through the grace period", async () => {
  const app = await createReplicas();
  const { id, token } = await buildToken(app);
  const rotated = await times(8, () => app.call("rotateApiToken", { id, body: { gracePeriodSeconds: 60 } }));
  expect(countStates(app, id)).toEqual({ current: 1, retiring: 8 });
  for (const secret of [token, ...rotated.map((answer) => answer.token)])
    expect(await authenticate(app, secret)).toBe("accepted");
});

test("the first use and the activation of a new secret at once retire the old one once, with its grace period", async () => {
  const app = await createReplicas();
  const { id, token } = await buildToken(app);
  const rotated = await app.call("rotateApiToken", { id, body: { activation: "deferred", gracePeriodSeconds: 60 } });
  const fingerprint = rotated.newFingerprint ?? "";
  await Promise.all([
    times(6, () => authenticate(app, rotated.token)),
    times(6, () => app.call("activateApiToken", { id, body: { fingerprint } })),
  ]);
  expect(countStates(app, id)).toEqual({ current: 1, retiring: 1 });
  app.clock.advance({ seconds: 59 });
  expect(await authenticate(app, token)).toBe("accepted");
  app.clock.advance({ seconds: 1 });
  expect(await authenticate(app, token)).toBe("authentication_retired");
});

test("a rotation and the first use of the secret it replaces leave a secret that works, whoever comes first", async () => {
  const app = await createReplicas();
  const { id } = await buildToken(app);
  for (let round = 0; round < 10; round += 1) {
    const first = await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
    const [used, second] = await Promise.all([
      authenticate(app, first.token),
      app.call("rotateApiToken", { id, body: { activation: "deferred" } }),
    ]);
    // Accepted before the rotation, it is delivered and stays; after it, it was replaced.
    expect(await authenticate(app, first.token)).toBe(used);
    expect(["accepted", "authentication_retired"]).toContain(used);
    expect(await authenticate(app, second.token)).toBe("accepted");
  }
  expect(countStates(app, id)).toMatchObject({ current: 1 });
});

test("whatever happens at once to a token that is being revoked, nothing of it works afterwards", async () => {
  const app = await createReplicas();
  for (let round = 0; round < 8; round += 1) {
    const { id, token, fingerprint } = await buildPendingToken(app, { label: "CI", destination });
    const answers = await Promise.all([
      app.answer("activateApiToken", { id, body: { fingerprint } }),
      app.answer("rotateApiToken", { id, body: {} }),
      app.answer("revokeApiToken", { id }),
      app.answer("createApiToken", { body: { label: "CI", role: "developer", destination, activation: "deferred" } }),
      app.answer("updateApiToken", { id, body: { label: "CI" } }),
      app.answer("getMe", { token }),
    ]);
    expect(answers.map(({ status }) => status)).not.toContain(503);
    expect((await app.call("getApiToken", { id })).status).toBe("revoked");
    const secrets = answers.flatMap(({ text }) => /"id":"(\w+)".*"token":"(tok_\w+)"/.exec(text)?.slice(1, 3) ?? []);
    if (secrets[0] === id) expect(await authenticate(app, secrets[1] ?? "")).toBe("authentication_revoked");
    expect(await authenticate(app, token)).toBe("authentication_revoked");
    const { tokens } = await app.call("listApiTokens", { query: { destination } });
    expect(tokens.length).toBeLessThanOrEqual(1);
    for (const left of tokens) await app.call("revokeApiToken", { id: left.id });
  }
});

test("two rotations to one free destination at once: one has it, the other is destination_in_use", async () => {
  const app = await createReplicas();
  const [first, second] = [await buildToken(app), await buildToken(app)];
  const answers = await Promise.all(
    [first, second].map(({ id }) =>
      app.answer("rotateApiToken", { id, body: { destination, activation: "deferred" } }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test("a revoke of the calling token and its own changes at once: each is served whole or refused whole", async () => {
  const app = await createReplicas();
  const { id, token } = await buildToken(app, { role: "admin" });
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, () =>
      app.answer("createApiToken", { token, body: { label: "CI", role: "developer" } }),
    ),
    app.answer("revokeApiToken", { id, token }),
    ...Array.from({ length: 5 }, () =>
      app.answer("createApiToken", { token, body: { label: "CI", role: "developer" } }),
    ),
  ]);
  expect(answers.every(({ status }) => status === 201 || status === 204 || status === 401)).toBe(true);
  const { total } = await app.call("listApiTokens", { query: { label: "CI" } });
  expect(total).toBe(answers.filter(({ status }) => status === 201).length);
});
