/** The `orgtokens` command with real stores: OpenBao, a program, a key of a file. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildName } from "../../conformance/secret-stores.ts";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { environmentOf, runOrgtokens } from "../../support/orgtokens-command.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";

// Each step starts a process, and OpenBao is fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

const aToken = /tok_[0-9A-Za-z]{36}/;
const keeper = fileURLToPath(new URL("../../support/keeper.sh", import.meta.url));
let server: ServerProcess;
let openBao: OpenBao;
let folder: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await makeFolder();
  [server, openBao] = await Promise.all([startServer(folder), startOpenBao()]);
  const call = (verb: string) => ["sh", keeper, join(folder, "kept"), verb, "{entry}"];
  const programs = {
    keeper: { write: call("write"), read: call("read"), delete: call("delete"), absentExitCodes: [44] },
  };
  await writeFile(join(folder, "programs.json"), JSON.stringify(programs));
  environment = {
    ...environmentOf(server),
    VAULT_ADDR: openBao.address,
    VAULT_TOKEN: openBao.rootToken,
    ORGTOKENS_PROGRAMS_FILE: join(folder, "programs.json"),
  };
});

afterAll(async () => {
  await Promise.all([server.close(), openBao.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** Runs a command that must end with 0 and show no secret. */
async function run(...words: readonly string[]): Promise<string> {
  const { exitCode, output } = await runOrgtokens(folder, environment, ...words);
  expect(exitCode, output).toBe(0);
  expect(output).not.toMatch(aToken);
  return output;
}

/** The secret of an entry of OpenBao; undefined when there is none. */
async function inVault(path: string): Promise<string | undefined> {
  const answer: unknown = await openBao.request("GET", `kv/data/${path}`).catch(() => undefined);
  return aToken.exec(JSON.stringify(answer) ?? "")?.[0];
}

test("a token is delivered to Vault, checked, moved to a program and to a key of a file, and revoked with its entry", async () => {
  const label = buildName();
  const [vault, entry, file] = [
    `vault://kv/${label}#token`,
    `command://keeper/${label}`,
    `file://${folder}/${label}#ci`,
  ];
  expect(await run("tokens", "create", "--label", label, "--role", "developer", "--store", vault)).toContain(
    `Its secret is at ${vault}\n`,
  );
  const first = (await inVault(label)) ?? "";
  expect(await server.answer(first)).toBe("accepted");
  expect(await run("tokens", "deliver-check", label)).toMatch(/^held /);
  expect(await run("tokens", "rotate", label, "--store", entry)).toContain(`Its new secret is at ${entry}\n`);
  expect(await inVault(label)).toBeUndefined();
  const second = (await readFile(join(folder, "kept", label), "utf8")).trim();
  for (const secret of [first, second]) expect(await server.answer(secret)).toBe("accepted");
  expect(await run("tokens", "deliver-check", label)).toMatch(/^held .*command:/);
  await run("tokens", "rotate", label, "--store", file);
  const third: string = JSON.parse(await readFile(join(folder, label), "utf8")).ci;
  expect(await server.answer(third)).toBe("accepted");
  expect(await run("tokens", "revoke", label, "--yes-revoke", label)).toContain(`Deleted ${file}\n`);
  for (const secret of [first, second, third]) expect(await server.answer(secret)).toBe("authentication_revoked");
});

test("repeating a creation is harmless: it finds its token in its place, and another label is refused there", async () => {
  const label = buildName();
  const words = ["--store", `vault://kv/${label}#token`, "--json"];
  const created = JSON.parse(await run("tokens", "create", "--label", label, ...words));
  expect(created).toMatchObject({ outcome: "created", apiToken: { managedBy: "orgtokens-cli" } });
  const again = JSON.parse(await run("tokens", "create", "--label", label, ...words));
  expect(again).toMatchObject({ outcome: "adopted", apiToken: { id: created.apiToken.id } });
  const other = await runOrgtokens(folder, environment, "tokens", "create", "--label", buildName(), ...words);
  expect(other.exitCode).toBe(1);
  expect(JSON.parse(other.output)).toMatchObject({ error: { code: "destination_in_use" } });
});

test("an entry that cannot be deleted ends a revocation with 4, the token dead; the same with its id ends it later", async () => {
  const label = buildName();
  const destination = `vault://kv/${label}#token`;
  const { apiToken } = JSON.parse(await run("tokens", "create", "--label", label, "--store", destination, "--json"));
  const secret = (await inVault(label)) ?? "";
  const sealed = { ...environment, VAULT_ADDR: "http://127.0.0.1:9" };
  const words = ["--yes-revoke", label];
  const left = await runOrgtokens(folder, sealed, "tokens", "revoke", label, ...words);
  expect(left.exitCode, left.output).toBe(4);
  expect(left.output).toMatch(
    new RegExp(`is revoked, but its entry at \\S+ is left behind.*revoke ${apiToken.id} again`),
  );
  expect(await server.answer(secret)).toBe("authentication_revoked");
  expect(await run("tokens", "revoke", apiToken.id, ...words)).toContain(`Deleted ${destination}`);
  expect(await inVault(label)).toBeUndefined();
});

test("a revocation deletes the entry of the place that --store names, and refuses a URI that is none before it revokes", async () => {
  const label = buildName();
  const { id, token } = await server.admin.createApiToken({ label, role: "developer" });
  const words = ["tokens", "revoke", id, "--yes-revoke", label, "--store"];
  const wrong = await runOrgtokens(folder, environment, ...words, "vault:/kv/x");
  expect(wrong).toMatchObject({ exitCode: 2, output: expect.stringMatching(/^--store: vault:\/kv\/x names no place/) });
  expect(await server.answer(token)).toBe("accepted");
  const path = join(folder, label);
  await writeFile(path, token, { mode: 0o600 });
  const theirs = await runOrgtokens(folder, environment, ...words, `file://${path}`);
  expect(theirs).toMatchObject({ exitCode: 0, output: expect.stringContaining("not this token's, and was left") });
  expect(await readFile(path, "utf8")).toBe(token);
});

test.skipIf(process.platform === "win32")(
  "a Vault token that may not write is a refusal, 1, and nothing is issued",
  async () => {
    const label = buildName();
    const reader = await openBao.tokenWith('path "kv/metadata/*" { capabilities = ["read", "list"] }');
    const words = ["tokens", "create", "--label", label, "--store", `vault://kv/${label}#token`];
    const refused = await runOrgtokens(folder, { ...environment, VAULT_TOKEN: reader }, ...words);
    expect(refused.exitCode, refused.output).toBe(1);
    expect(refused.output).toMatch(/capabilities = .*\(secret_store_refused\)/);
    expect(refused.output).not.toContain(reader);
    expect((await server.admin.listApiTokens({ label, status: "all" })).total).toBe(0);
  },
);
