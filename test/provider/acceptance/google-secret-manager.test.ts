/** `orgtokens_api_token` with Google Secret Manager as its store: real Terraform, the official client, a double of Google. */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type GoogleDouble, startGoogleDouble } from "../../support/google-double.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let server: ServerProcess;
let google: GoogleDouble;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  [server, google] = await Promise.all([startServer(serverFolder), startGoogleDouble()]);
});

afterAll(async () => {
  await Promise.all([server.close(), google.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

async function createGoogleBench(environment: Readonly<Record<string, string>> = {}) {
  const bench = await createBench(server, { ...(await google.environment()), ...environment });
  const secret = `acceptance-${bench.folder.split("/").at(-1)}`;
  const store = `{ google_secret_manager = { project = "my-project", secret = "${secret}" } }`;
  return { ...bench, name: `projects/my-project/secrets/${secret}`, secretName: secret, store };
}

test.each([
  ["was destroyed", (name: string) => google.secrets.setLatest(name, "DESTROYED")],
  ["was deleted with its metadata", (name: string) => google.secrets.delete(name)],
  ["was overwritten", (name: string) => google.secrets.addVersion(name, "other")],
])("a stored secret that %s is found from metadata, and the next apply puts a working one there", async (_, damage) => {
  const it = await createGoogleBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  const old = google.secrets.text(it.name);
  expect(await server.answer(old)).toBe("accepted");
  damage(it.name);
  expect(await it.workspace.isSettled()).toBe(false);
  await it.workspace.apply();
  expect(google.secrets.text(it.name)).not.toBe(old);
  expect(await server.answer(google.secrets.text(it.name))).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a secret is rotated, moves from a file into Google and back, and is gone with the token", async () => {
  const it = await createGoogleBench();
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [one, two] = ["1", "2"].map((quarter) => `rotate_when_changed = { quarter = "${quarter}" }`);
  await it.workspace.write(declare(it, one, { store: it.store }));
  await it.workspace.apply();
  const first = google.secrets.text(it.name);
  expect(await server.answer(first)).toBe("accepted");
  expect(existsSync(join(it.folder, "secret"))).toBe(false);
  const destination = `google-secret-manager://my-project/${it.secretName}`;
  expect(await it.workspace.attributes(address)).toMatchObject({ destination });
  await it.workspace.write(declare(it, two, { store: it.store }));
  await it.workspace.apply();
  expect(google.secrets.text(it.name)).not.toBe(first);
  expect(await server.answer(google.secrets.text(it.name))).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it, two));
  await it.workspace.apply();
  expect(google.secrets.message(it.name)).toBeUndefined();
  expect(await server.answer(await it.secret())).toBe("accepted");
  await it.workspace.destroy();
  expect(await it.liveTokens()).toEqual([]);
});

test("a plan gets along without the right to read a secret or to write one", async () => {
  const it = await createGoogleBench();
  await it.workspace.write(declare(it, "", { store: it.store }));
  await it.workspace.apply();
  const reader = google.accountWith(["secretmanager.secrets.get", "secretmanager.versions.get"]);
  const credentials = JSON.stringify(reader.credentials);
  const provider = `provider "orgtokens" {
    managed_by    = "${it.folder}"
    secret_stores = { google_secret_manager = { credentials = ${credentials} } }
  }`;
  await it.workspace.write(declare(it, "", { store: it.store }).replace(/provider "orgtokens" \{.*\}/, provider));
  expect(await it.workspace.isSettled()).toBe(true);
  google.secrets.addVersion(it.name, "other");
  const applied = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(applied.exitCode).toBe(1);
  expect(unwrap(applied.output)).toMatch(
    /secret store refused[\s\S]*secret_store =[\s\S]*secretmanager\.secrets\.update/,
  );
  expect(applied.output).not.toContain(reader.privateKey.slice(40, 80));
});

test("Google's client prints no token into Terraform's log, though a variable tells it to print what it sends", async () => {
  const it = await createGoogleBench({ GOOGLE_SDK_NODE_LOGGING: "all", TF_LOG: "TRACE" });
  await it.workspace.write(declare(it, "", { store: it.store }));
  const { output } = await it.workspace.apply();
  const secret = google.secrets.text(it.name);
  expect(output).toContain("[TRACE]");
  for (const form of [secret, Buffer.from(secret).toString("base64"), [...Buffer.from(secret)].join(",")])
    expect(output.includes(form), "The secret can be seen.").toBe(false);
});
