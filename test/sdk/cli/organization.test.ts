/** What the `orgtokens` command does beyond delivery: a real process against a real server. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { buildName } from "../../conformance/secret-stores.ts";
import { runCommand } from "../../support/commands.ts";
import { environmentOf, orgtokensWords, runOrgtokens } from "../../support/orgtokens-command.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";

// Each step starts a process.
vi.setConfig({ testTimeout: 120_000 });

const aToken = /tok_[0-9A-Za-z]{36}/;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
  server = await startServer(folder);
}, 60_000);

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (...words: readonly string[]) => runOrgtokens(folder, environmentOf(server), ...words);

/** The JSON that a command prints. */
async function json(...words: readonly string[]) {
  const { exitCode, stdout, output } = await run(...words, "--json");
  expect(exitCode, output).toBe(0);
  return JSON.parse(stdout);
}

/** Runs the command at a terminal, and gives it a line that somebody types. */
function typed(text: string, environment: NodeJS.ProcessEnv, ...words: readonly string[]) {
  const terminal = 'printf "%s\\n" "$1" | script --quiet --return --command "$2" /dev/null';
  const options = { cwd: folder, environment, timeoutMs: 60_000 };
  return runCommand("sh", ["-c", terminal, "sh", text, [...orgtokensWords, ...words].join(" ")], options);
}

describe("tokens verify", () => {
  test("takes the token from standard input, a file or a variable, and ends with 5 when it is worth nothing", async () => {
    const label = buildName();
    const { id, token } = await server.admin.createApiToken({ label, role: "developer" });
    const path = join(folder, label);
    await writeFile(path, `${token}\n`);
    const piped = [...orgtokensWords, "tokens", "verify", "--json"].join(" ");
    const options = { cwd: folder, environment: environmentOf(server) };
    const byInput = await runCommand("sh", ["-c", `${piped} <"$1"`, "sh", path], options);
    expect(byInput.exitCode, byInput.output).toBe(0);
    expect(JSON.parse(byInput.stdout)).toMatchObject({ active: true, apiToken: { id, label } });
    const byFile = await run("tokens", "verify", "--token-file", path);
    expect(byFile).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^active +yes\n/) });
    const environment = { ...environmentOf(server), PRESENTED: token };
    const asAdmin = ["tokens", "verify", "--token-variable", "PRESENTED", "--role", "admin"];
    const byVariable = await runOrgtokens(folder, environment, ...asAdmin);
    expect(byVariable).toMatchObject({ exitCode: 5, stdout: expect.stringContaining("role_insufficient") });
    await server.admin.revokeApiToken(id, { confirmLabel: label });
    const revoked = await run("tokens", "verify", "--token-file", path);
    expect(revoked).toMatchObject({ exitCode: 5, stdout: expect.stringMatching(/^active +no\nreason +revoked\n/) });
    for (const { output } of [byInput, byFile, byVariable, revoked]) expect(output).not.toMatch(aToken);
  });

  test("a secret among the arguments is refused and not repeated, wherever it stands", async () => {
    const { token } = await server.admin.createApiToken({ label: buildName(), role: "developer" });
    for (const words of [
      ["verify", token],
      ["verify", `--token-file=${token}`],
      ["show", token],
    ]) {
      const refused = await run("tokens", ...words);
      expect(refused).toMatchObject({ exitCode: 2, output: expect.stringContaining("Rotate that token") });
      expect(refused.output).not.toContain(token);
    }
    expect(await run("tokens", "verify")).toMatchObject({ exitCode: 2, output: expect.stringContaining("is empty") });
  });
});

test("tokens update changes what is named and nothing else; an empty text and `any` clear", async () => {
  const [label, renamed] = [buildName(), buildName()];
  const { id } = await server.admin.createApiToken({ label, role: "developer", description: "For CI" });
  const words = ["--label", renamed, "--expires-in", "2h", "--network", "192.0.2.0/24", "2001:db8::/32"];
  const changed = await json("tokens", "update", label, ...words);
  expect(changed).toMatchObject({ id, label: renamed, description: "For CI" });
  expect(changed.allowedNetworks).toEqual(["192.0.2.0/24", "2001:db8::/32"]);
  expect(Date.parse(changed.expiresAt)).toBeGreaterThan(Date.now());
  const cleared = ["--description", "", "--expires-in", "never", "--network", "any"];
  expect(await json("tokens", "update", id, ...cleared)).toMatchObject({
    label: renamed,
    description: null,
    expiresAt: null,
    allowedNetworks: [],
  });
  expect((await run("tokens", "update", id)).exitCode).toBe(2);
});

test("members are invited, changed, and removed after their address was repeated", async () => {
  const email = `${buildName()}@test.example`.toLowerCase();
  const { id } = await json("members", "invite", email);
  expect(await json("members", "list")).toContainEqual(expect.objectContaining({ id, email, role: "developer" }));
  expect(await json("members", "set-role", email, "--role", "admin")).toMatchObject({ id, role: "admin" });
  const unconfirmed = await run("members", "remove", email);
  expect(unconfirmed).toMatchObject({ exitCode: 2, output: expect.stringContaining(`--yes-remove "${email}"`) });
  expect((await run("members", "remove", email, "--yes-remove", "other@test.example")).exitCode).toBe(2);
  expect((await server.admin.getUser(id)).email).toBe(email);
  expect((await run("members", "remove", email, "--yes-remove", email)).exitCode).toBe(0);
  expect((await run("members", "remove", email, "--yes-remove", email)).output).toContain("Nobody");
});

test("audit list and export find what matches; the export is a line of JSON for each event", async () => {
  const labels = [buildName(), buildName()];
  const [first] = await Promise.all(labels.map((label) => server.admin.createApiToken({ label, role: "developer" })));
  const listed = await json("audit", "list", "--action", "api_token.created", "--limit", "1");
  expect(listed).toEqual([expect.objectContaining({ action: "api_token.created", outcome: "done" })]);
  const { exitCode, stdout, output } = await run("audit", "export", "--target", String(first?.id));
  expect(exitCode, output).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    expect.objectContaining({ action: "api_token.created", target: expect.objectContaining({ id: first?.id }) }),
  ]);
  expect((await run("audit", "list", "--outcome", "done")).stdout).toMatch(/^AT +ACTION +OUTCOME +ACTOR/);
  expect((await run("audit", "export", "--output", "yaml")).exitCode).toBe(2);
});

test("policy set changes the rules that are named, in all forms of output", async () => {
  const before = await json("policy", "show");
  const changed = await json("policy", "set", "--maximum-lifetime", "365d", "--on-leak", "revoke");
  expect(changed).toEqual({ ...before, maximumLifetimeSeconds: 31_536_000, onLeak: "revoke" });
  const shown = await run("policy", "set", "--maximum-lifetime", "none", "--output", "yaml");
  expect(parse(shown.stdout)).toEqual({ ...before, onLeak: "revoke" });
  expect((await run("policy", "show")).stdout).toMatch(/onLeak +revoke/);
  expect((await run("policy", "set")).exitCode).toBe(2);
  expect((await run("policy", "show", "--json", "--output", "yaml")).exitCode).toBe(2);
});

test("tokens mail tells what became of the mail about a token", async () => {
  const { id } = await server.admin.createApiToken({ label: buildName(), role: "developer" });
  const [told] = await json("tokens", "mail", id);
  expect(told).toMatchObject({ recipient: "ada@test.example" });
  expect((await run("tokens", "mail", id)).stdout).toMatch(/^AT +KIND +TO +STATUS/);
});

test("a refusal is in the form that was asked for, too", async () => {
  const { exitCode, output } = await run("tokens", "show", "0".repeat(24), "--output", "yaml");
  expect(exitCode).toBe(1);
  expect(parse(output)).toMatchObject({ error: { code: "api_token_not_found" } });
});

test.skipIf(process.platform !== "linux")(
  "at a terminal the address is asked for before somebody is removed, and headings stand out unless NO_COLOR is set",
  async () => {
    const email = `${buildName()}@test.example`.toLowerCase();
    const { id } = await server.admin.inviteUser({ email, role: "developer" });
    const environment = { ...environmentOf(server), TERM: "xterm-256color" };
    expect((await typed("other", environment, "members", "remove", email)).exitCode).toBe(2);
    expect((await server.admin.getUser(id)).email).toBe(email);
    const bold = "\u001b[1m";
    expect((await typed("", environment, "members", "list")).stdout).toContain(`${bold}EMAIL`);
    expect((await typed("", { ...environment, NO_COLOR: "1" }, "members", "list")).stdout).not.toContain(bold);
    expect((await run("members", "list")).stdout).not.toContain(bold);
    expect((await typed(email, environment, "members", "remove", email)).exitCode).toBe(0);
  },
);
