import { type Client, ConnectionError } from "@orgtokens/sdk";
import { createVerifier, type VerifierOptions } from "@orgtokens/sdk/verification";
import { expect, onTestFinished, test, vi } from "vitest";
import { createTestApp, type TestApp } from "../../support/app.ts";
import { createAppClient } from "../../support/app-client.ts";
import { buildOtherOrganization, buildRevokedToken, buildToken, buildUnknownToken } from "../../support/builders.ts";

/** A verifier over the application, and how often it asked for what. */
function openVerifier(app: TestApp, options: Partial<VerifierOptions> = {}) {
  const client = createAppClient(app);
  const sizes: number[] = [];
  const counted: VerifierOptions["client"] = {
    listApiTokenChanges: (query, call) => client.listApiTokenChanges(query, call),
    verifyApiTokens: (presented, call) => {
      sizes.push(presented.length);
      return client.verifyApiTokens(presented, call);
    },
  };
  const verifier = createVerifier({ client: counted, ...options });
  onTestFinished(() => verifier.close());
  return { verifier, sizes };
}

const cache = { maxAgeMs: 60_000 };

/** Verifies until an answer comes without asking: from then on changes are heard of. */
async function untilKept({ verifier, sizes }: ReturnType<typeof openVerifier>, token: string): Promise<void> {
  await vi.waitFor(async () => {
    const before = sizes.length;
    await verifier.verify({ token });
    expect(sizes.length).toBe(before);
  }, 10_000);
}

test("a live token is active with whose it is; any other is inactive with the reason", async () => {
  const app = await createTestApp();
  const { verifier } = openVerifier(app);
  const { token, id, label } = await buildToken(app);
  expect(await verifier.verify({ token })).toMatchObject({ outcome: "active", apiToken: { id, label } });
  const foreign = await buildOtherOrganization(app);
  const dead = [(await buildRevokedToken(app)).token, buildUnknownToken(), foreign.adminToken];
  const verdicts = await Promise.all(dead.map((text) => verifier.verify({ token: text })));
  expect(verdicts).toEqual([
    { outcome: "inactive", reason: "revoked" },
    { outcome: "inactive", reason: "unknown" },
    { outcome: "inactive", reason: "unknown" },
  ]);
});

test("a text that is no token, or one of another server, is refused without asking", async () => {
  const app = await createTestApp();
  const { verifier, sizes } = openVerifier(app);
  const { token } = await buildToken(app);
  for (const text of ["", "hunter2", `${token.slice(0, -1)}_`, token.slice(0, -1), `key_${token.slice(4)}`]) {
    expect(await verifier.verify({ token: text })).toEqual({ outcome: "inactive", reason: "malformed" });
  }
  expect(sizes).toEqual([]);
});

test("what comes while requests are under way goes together in few requests, each answered as its own", async () => {
  const app = await createTestApp();
  const { verifier, sizes } = openVerifier(app);
  const tokens = await Promise.all([1, 2, 3].map(() => buildToken(app)));
  const asked = Array.from({ length: 300 }, (_, index) => tokens[index % 3]);
  const verdicts = await Promise.all(asked.map((created) => verifier.verify({ token: created?.token ?? "" })));
  for (const [index, verdict] of verdicts.entries()) {
    expect(verdict).toMatchObject({ outcome: "active", apiToken: { id: asked[index]?.id } });
  }
  expect(sizes.length).toBeLessThanOrEqual(4 + Math.ceil(300 / 50));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
});

test("without a cache a revocation counts for the next verification, and every one asks", async () => {
  const app = await createTestApp();
  const { verifier, sizes } = openVerifier(app);
  const { token, id } = await buildToken(app);
  await verifier.verify({ token });
  expect((await verifier.verify({ token })).outcome).toBe("active");
  await app.call("revokeApiToken", { id });
  expect(await verifier.verify({ token })).toEqual({ outcome: "inactive", reason: "revoked" });
  expect(sizes).toEqual([1, 1, 1]);
});

test("with a cache a token is asked for once, until it changes: then within a second it is refused", async () => {
  const app = await createTestApp();
  const opened = openVerifier(app, { cache });
  const { token, id } = await buildToken(app);
  const other = await buildToken(app);
  await untilKept(opened, token);
  await untilKept(opened, other.token);
  const before = opened.sizes.length;
  await app.call("revokeApiToken", { id });
  await vi.waitFor(async () => {
    expect(await opened.verifier.verify({ token })).toEqual({ outcome: "inactive", reason: "revoked" });
  }, 10_000);
  // What is known of others stays.
  expect((await opened.verifier.verify({ token: other.token })).outcome).toBe("active");
  expect(opened.sizes.length).toBe(before + 1);
});

test("the secret that a rotation replaced is forgotten as soon as the new one is used", async () => {
  const app = await createTestApp();
  const opened = openVerifier(app, { cache });
  const { token, id } = await buildToken(app);
  await untilKept(opened, token);
  const rotated = await app.call("rotateApiToken", { id, body: { activation: "deferred", gracePeriodSeconds: 0 } });
  await app.call("verifyApiToken", { body: { token: rotated.token } });
  await vi.waitFor(async () => {
    expect(await opened.verifier.verify({ token })).toEqual({ outcome: "inactive", reason: "retired" });
  }, 10_000);
});

test("a token is kept for the address it came from only", async () => {
  const app = await createTestApp();
  const opened = openVerifier(app, { cache });
  const { token } = await buildToken(app, { allowedNetworks: ["192.0.2.0/24"] });
  const inside = { token, ip: "192.0.2.1" };
  await vi.waitFor(async () => {
    const before = opened.sizes.length;
    expect((await opened.verifier.verify(inside)).outcome).toBe("active");
    expect(opened.sizes.length).toBe(before);
  }, 10_000);
  for (const outside of [{ token, ip: "198.51.100.1" }, { token }, { token, ip: "fe80::1%eth0" }]) {
    expect(await opened.verifier.verify(outside)).toEqual({ outcome: "inactive", reason: "network_not_allowed" });
  }
});

test("while changes cannot be heard of, nothing is kept and what was kept is forgotten", async () => {
  const app = await createTestApp();
  const client = createAppClient(app);
  let isDeaf = false;
  const errors: unknown[] = [];
  const sizes: number[] = [];
  const verifier = createVerifier({
    client: {
      verifyApiTokens: (presented, call) => {
        sizes.push(presented.length);
        return client.verifyApiTokens(presented, call);
      },
      listApiTokenChanges: async (query, call) => {
        const changes = await client.listApiTokenChanges({ ...query, ...(query?.after && { waitSeconds: 0 }) }, call);
        if (isDeaf) throw new ConnectionError("listApiTokenChanges", "cut", undefined);
        return changes;
      },
    },
    cache,
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => verifier.close());
  const { token } = await buildToken(app);
  await untilKept({ verifier, sizes }, token);
  isDeaf = true;
  await vi.waitFor(() => expect(errors).not.toEqual([]), 10_000);
  const before = sizes.length;
  for (let round = 0; round < 3; round += 1) await verifier.verify({ token });
  expect(sizes.length).toBe(before + 3);
  isDeaf = false;
  await untilKept({ verifier, sizes }, token);
});

test("a closed verifier keeps nothing and goes on to verify", async () => {
  const app = await createTestApp();
  const opened = openVerifier(app, { cache });
  const { token } = await buildToken(app);
  await untilKept(opened, token);
  opened.verifier.close();
  await vi.waitFor(async () => {
    const before = opened.sizes.length;
    expect((await opened.verifier.verify({ token })).outcome).toBe("active");
    expect(opened.sizes.length).toBe(before + 1);
  });
});

test("a server that cannot tell is unavailable, never inactive; after some failures it is spared for a while", async () => {
  const app = await createTestApp();
  const { token } = await buildToken(app);
  await app.database.close();
  const failures: unknown[] = [];
  const { verifier, sizes } = openVerifier(app, {
    breaker: { failures: 2, pauseMs: 60_000 },
    deadlineMs: 10_000,
    onError: (error) => failures.push(error),
  });
  for (let round = 0; round < 4; round += 1) {
    expect((await verifier.verify({ token })).outcome).toBe("unavailable");
  }
  // Each of the two that failed was asked for once more.
  expect(sizes.length).toBe(4);
  expect(String(failures.at(-1))).toContain("failed several times");
  expect(JSON.stringify(failures.map(String))).not.toContain(token);
});

test("a server that never answers is unavailable at the deadline, also for those who wait their turn", async () => {
  const silent: Pick<Client, "verifyApiTokens" | "listApiTokenChanges"> = {
    verifyApiTokens: () => new Promise(() => {}),
    listApiTokenChanges: () => new Promise(() => {}),
  };
  const verifier = createVerifier({ client: silent, deadlineMs: 200 });
  const tokens = Array.from({ length: 20 }, () => buildUnknownToken());
  const verdicts = await Promise.all(tokens.map((token) => verifier.verify({ token })));
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(tokens.map(() => "unavailable"));
});

test("options of the cache out of range are refused by name", () => {
  const client = { verifyApiTokens: () => Promise.reject(), listApiTokenChanges: () => Promise.reject() };
  expect(() => createVerifier({ client, cache: { maxAgeMs: 60_001 } })).toThrow("cache.maxAgeMs must be 1 to 60000.");
  expect(() => createVerifier({ client, cache: { maxEntries: 0 } })).toThrow("cache.maxEntries must be at least 1.");
});

test("tokens of a server with another prefix are asked for when it is named, and only they", async () => {
  const app = await createTestApp();
  const { verifier, sizes } = openVerifier(app, { tokenPrefix: "acme_" });
  const { token } = await buildToken(app);
  expect(await verifier.verify({ token })).toEqual({ outcome: "inactive", reason: "malformed" });
  expect(sizes).toEqual([]);
});

test("a closed verifier asks for no changes any more", async () => {
  const app = await createTestApp();
  const client = createAppClient(app);
  let questions = 0;
  const listApiTokenChanges: typeof client.listApiTokenChanges = async (query) => {
    questions += 1;
    return client.listApiTokenChanges({ ...query, waitSeconds: 0 });
  };
  const verifier = createVerifier({ client: { ...client, listApiTokenChanges }, cache });
  await vi.waitFor(() => expect(questions).toBeGreaterThan(3));
  verifier.close();
  await app.call("getLiveness", { token: null });
  const asked = questions;
  await app.call("getReadiness", { token: null });
  await app.call("listApiTokens");
  expect(questions).toBe(asked);
});
