/** What becomes of a run's token between open and close: the provider's calls, and a real server that comes and goes. */
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProviderServer, type ProviderServer, type Value } from "../../../provider/framework/index.ts";
import { isObjectValue } from "../../../provider/framework/values/value.ts";
import { createProvider } from "../../../provider/provider.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";

const typeName = "orgtokens_api_token";
const clientCapabilities = { deferralAllowed: false, writeOnlyAttributesAllowed: true };

let server: ServerProcess;
let serverFolder: string;
let provider: ProviderServer;
let signal: AbortSignal;

beforeEach(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
  provider = createProviderServer(
    createProvider({ ORGTOKENS_ENDPOINT: server.endpoint, ORGTOKENS_API_TOKEN: server.adminToken }),
  );
  signal = AbortSignal.timeout(30_000);
  const config = { endpoint: null, api_token: null, managed_by: null, secret_stores: null };
  const request = { terraformVersion: "1.11.4", config, clientCapabilities };
  expect((await provider.configureProvider(request, signal)).diagnostics).toEqual([]);
});

afterEach(async () => {
  await provider.close();
  await server.close();
  await rm(serverFolder, { recursive: true, force: true });
});

async function open(expiresIn: string) {
  const config = { label: "This run", role: "developer", expires_in: expiresIn };
  const opened = await provider.openEphemeralResource({ typeName, config, clientCapabilities }, signal);
  expect(opened.diagnostics).toEqual([]);
  return { ...opened, id: text(opened.result, "id"), token: text(opened.result, "token") };
}

function text(value: Value, name: string): string {
  return isObjectValue(value) ? String(value[name]) : "";
}

/** Milliseconds until then. */
function ahead(time: Date | string | null | undefined): number {
  return new Date(time ?? "").getTime() - Date.now();
}

test("it is to be renewed after a third of its life, a renewal moves the expiry ahead, and closing twice revokes once", async () => {
  const opened = await open("10m");
  expect(ahead(opened.renewAt)).toBeGreaterThan(150_000);
  expect(ahead(opened.renewAt)).toBeLessThanOrEqual(200_000);
  const before = await server.admin.updateApiToken(opened.id, { expiresInSeconds: 60 });
  const renewed = await provider.renewEphemeralResource({ typeName, private: opened.private }, signal);
  expect(renewed.diagnostics).toEqual([]);
  expect(ahead(renewed.renewAt)).toBeGreaterThan(150_000);
  const after = await server.admin.getApiToken(opened.id);
  expect(ahead(after.expiresAt)).toBeGreaterThan(ahead(before.expiresAt) + 400_000);
  for (let time = 0; time < 2; time += 1) {
    const closed = await provider.closeEphemeralResource({ typeName, private: opened.private }, signal);
    expect(closed.diagnostics).toEqual([]);
  }
  expect(await server.answer(opened.token)).toBe("authentication_revoked");
});

test("what Terraform keeps between the calls holds no secret", async () => {
  const opened = await open("10m");
  const renewed = await provider.renewEphemeralResource({ typeName, private: opened.private }, signal);
  for (const bytes of [opened.private, renewed.private]) {
    expect(Buffer.from(bytes).toString()).not.toContain(opened.token.slice(4, 20));
    expect(Buffer.from(bytes).toString()).toContain(opened.id);
  }
});

test("a token that somebody revoked while it is in use is an error at the next renewal, and closing it is none", async () => {
  const opened = await open("10m");
  await server.admin.revokeApiToken(opened.id);
  const renewed = await provider.renewEphemeralResource({ typeName, private: opened.private }, signal);
  expect(renewed.diagnostics).toMatchObject([{ severity: "error", summary: "A token of this run is dead" }]);
  const closed = await provider.closeEphemeralResource({ typeName, private: opened.private }, signal);
  expect(closed.diagnostics).toEqual([]);
});

test("while the server is away a renewal is put off with a warning, and a revocation is left to the expiry", async () => {
  const opened = await open("10m");
  await server.close();
  const renewed = await provider.renewEphemeralResource({ typeName, private: opened.private }, signal);
  expect(renewed.diagnostics).toMatchObject([{ severity: "warning" }]);
  expect(ahead(renewed.renewAt)).toBeGreaterThan(0);
  const closed = await provider.closeEphemeralResource({ typeName, private: opened.private }, signal);
  expect(closed.diagnostics).toMatchObject([
    { severity: "warning", detail: expect.stringContaining("expires by itself within 600 seconds") },
  ]);
});
