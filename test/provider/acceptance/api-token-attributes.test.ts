/** Expiry, networks and the guard against revoking: created, changed in place, and put right when somebody else changed them. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

let server: ServerProcess;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
});

afterAll(async () => {
  await server.close();
  await rm(serverFolder, { recursive: true, force: true });
});

test("an expiry at a time is created, changed in place, put right after somebody else's change, and ended", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'expires_at = "2099-01-31T13:00:00+01:00"'));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  expect(token?.expiresAt).toBe("2099-01-31T12:00:00.000Z");
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, 'expires_at = "2099-02-28T12:00:00Z"'));
  expect((await it.workspace.apply()).output).toContain("0 added, 1 changed, 0 destroyed");
  expect((await it.liveTokens())[0]?.expiresAt).toBe("2099-02-28T12:00:00.000Z");
  await server.admin.updateApiToken(token?.id ?? "", { expiresAt: "2098-01-01T00:00:00Z" });
  await it.workspace.apply();
  expect((await it.liveTokens())[0]?.expiresAt).toBe("2099-02-28T12:00:00.000Z");
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  expect((await it.liveTokens())[0]).toMatchObject({ id: token?.id, expiresAt: null });
  expect(await it.workspace.isSettled()).toBe(true);
});

test.each([
  [
    "an expiry at the same instant",
    'expires_at = "2099-01-31T13:00:00+01:00"',
    'expires_at = "2099-01-31T12:00:00.0002Z"',
  ],
  [
    "durations of the same length",
    'expires_in = "90d"\n rotate_after = "1d12h"\n rotation_grace_period = "1h"',
    'expires_in = "2160h"\n rotate_after = "36h"\n rotation_grace_period = "60m"',
  ],
])("%s, written in another way, plans nothing", async (_, one, other) => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, one));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, other));
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a lifetime that somebody else has changed on the server is renewed by the next apply", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'expires_in = "30d"'));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  await server.admin.updateApiToken(token?.id ?? "", { expiresAt: null });
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  const [renewed] = await it.liveTokens();
  expect(Date.parse(renewed?.expiresAt ?? "")).toBeGreaterThan(Date.parse(token?.expiresAt ?? "") - 1);
  expect(renewed?.fingerprint).toBe(token?.fingerprint);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("an expiry that is not declared here stays what somebody else has made of it", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  await server.admin.updateApiToken(token?.id ?? "", { expiresAt: "2098-01-01T00:00:00.000Z" });
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.apply();
  expect((await it.liveTokens())[0]?.expiresAt).toBe("2098-01-01T00:00:00.000Z");
});

test("a rotation keeps an expiry at a time, and renews a lifetime", async () => {
  const it = await createBench(server);
  const rotate = (quarter: string, expiry: string) =>
    it.workspace.write(declare(it, `rotate_when_changed = { quarter = "${quarter}" }\n ${expiry}`));
  await rotate("Q1", 'expires_at = "2099-01-31T12:00:00Z"');
  await it.workspace.apply();
  await rotate("Q2", 'expires_at = "2099-01-31T12:00:00Z"');
  await it.workspace.apply();
  expect((await it.liveTokens())[0]?.expiresAt).toBe("2099-01-31T12:00:00.000Z");
  await rotate("Q3", 'expires_in = "30d"');
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  expect(Date.parse(token?.expiresAt ?? "") - Date.parse(token?.rotatedAt ?? "")).toBeLessThanOrEqual(30 * 86_400_000);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("allowed networks are created, changed in place, and put right after somebody else's change", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'allowed_networks = ["192.0.2.0/24", "2001:db8::/32"]'));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  expect(token?.allowedNetworks.toSorted()).toEqual(["192.0.2.0/24", "2001:db8::/32"]);
  expect(await server.answer(await it.secret())).toBe("authentication_network_not_allowed");
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, 'allowed_networks = ["127.0.0.0/8"]'));
  expect((await it.workspace.apply()).output).toContain("0 added, 1 changed, 0 destroyed");
  expect(await server.answer(await it.secret())).toBe("accepted");
  await server.admin.updateApiToken(token?.id ?? "", { allowedNetworks: [] });
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect((await it.liveTokens())[0]?.allowedNetworks).toEqual(["127.0.0.0/8"]);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  expect((await it.liveTokens())[0]).toMatchObject({ id: token?.id, allowedNetworks: [] });
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a description that somebody else has changed is put right", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'description = "Ours."'));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  await server.admin.updateApiToken(token?.id ?? "", { description: "Theirs." });
  await it.workspace.apply();
  expect((await it.liveTokens())[0]?.description).toBe("Ours.");
});

test.each([
  [
    "both expiries",
    'expires_in = "1d"\n expires_at = "2099-01-01T00:00:00Z"',
    /Only one of "expires_in", "expires_at"/,
  ],
  ["an expiry that is no time", 'expires_at = "tomorrow"', /expires_at[\s\S]*a time in RFC 3339 form/],
  ["a day that no month has", 'expires_at = "2099-02-30T12:00:00Z"', /expires_at[\s\S]*a time in RFC 3339 form/],
  ["a network that is none", 'allowed_networks = ["office"]', /allowed_networks[\s\S]*in CIDR notation/],
])("%s is refused by validate", async (_, wrong, message) => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, wrong));
  const result = await it.workspace.run("validate");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(message);
});

test("what the server refuses is named at the attribute, with the request that was refused", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'allowed_networks = ["192.0.2.0/99"]'));
  const result = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(
    /allowed_networks =[\s\S]*must be a network[\s\S]*request_invalid, request \S+\)/,
  );
});

test("a token with prevent_revoke is neither destroyed nor replaced: the plan refuses, and says what to do", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, "prevent_revoke = true"));
  await it.workspace.apply();
  const destroyed = await it.workspace.run("plan", "-input=false", "-destroy");
  expect(destroyed.exitCode).toBe(1);
  expect(unwrap(destroyed.output)).toMatch(/must not be destroyed[\s\S]*apply prevent_revoke = false first/);
  await it.workspace.write(declare(it, 'prevent_revoke = true\n role = "admin"'));
  const replaced = await it.workspace.run("plan", "-input=false");
  expect(replaced.exitCode).toBe(1);
  expect(unwrap(replaced.output)).toMatch(/must not be replaced[\s\S]*prevent_revoke =[\s\S]*would be replaced/);
  expect(await server.answer(await it.secret())).toBe("accepted");
});

test("what a plan cannot see, such as -replace, is refused when it is applied", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, "prevent_revoke = true"));
  await it.workspace.apply();
  const replaced = await it.workspace.run("apply", "-auto-approve", "-input=false", `-replace=${address}`);
  expect(replaced.exitCode).toBe(1);
  expect(unwrap(replaced.output)).toContain("The token must not be destroyed");
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("prevent_revoke lets go when it is taken away, and of a token that is dead already", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, "prevent_revoke = true"));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  await server.admin.revokeApiToken(token?.id ?? "");
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  await it.workspace.destroy();
  expect(await it.liveTokens()).toEqual([]);
});
