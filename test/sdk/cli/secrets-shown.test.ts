/** Where the command takes its own token from, and when it shows a secret: what a shell's history or a log gets to see. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildName } from "../../conformance/secret-stores.ts";
import { runCommand } from "../../support/commands.ts";
import { environmentOf, orgtokensWords, runOrgtokens } from "../../support/orgtokens-command.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";

// Each step starts a process.
vi.setConfig({ testTimeout: 90_000 });

const aToken = /tok_[0-9A-Za-z]{36}/;
let server: ServerProcess;
let folder: string;

beforeAll(async () => {
  folder = await makeFolder();
  server = await startServer(folder);
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const nobody = () => ({ ...environmentOf(server), ORGTOKENS_API_TOKEN: undefined });

test("the caller's token comes from a file that a flag or a variable names, or from standard input", async () => {
  const path = join(folder, "own-token");
  await writeFile(path, `${server.adminToken}\n`, { mode: 0o600 });
  const byFlag = await runOrgtokens(folder, nobody(), "whoami", "--api-token-file", path);
  expect(byFlag.exitCode, byFlag.output).toBe(0);
  const byVariable = await runOrgtokens(folder, { ...nobody(), ORGTOKENS_API_TOKEN_FILE: path }, "whoami");
  expect(byVariable.exitCode, byVariable.output).toBe(0);
  const piped = [...orgtokensWords, "whoami", "--api-token-file", "-"].join(" ");
  const options = { cwd: folder, environment: nobody() };
  const byInput = await runCommand("sh", ["-c", `${piped} <"$1"`, "sh", path], options);
  expect(byInput.exitCode, byInput.output).toBe(0);
  for (const { output } of [byFlag, byVariable, byInput]) expect(output).not.toMatch(aToken);
});

test("a file that cannot be read or is empty, and no token at all, are said with the flag or the variable to set", async () => {
  const missing = await runOrgtokens(folder, nobody(), "whoami", "--api-token-file", join(folder, "none"));
  expect(missing).toMatchObject({ exitCode: 2, output: expect.stringMatching(/^--api-token-file: .*cannot be read/) });
  const empty = await runOrgtokens(folder, nobody(), "whoami", "--api-token-file", "-");
  expect(empty).toMatchObject({ exitCode: 2, output: expect.stringMatching(/standard input is empty/) });
  const none = await runOrgtokens(folder, nobody(), "whoami");
  expect(none).toMatchObject({ exitCode: 2, output: expect.stringMatching(/ORGTOKENS_API_TOKEN.*--api-token-file/) });
});

test("a token among the arguments is refused before anything is sent, and not repeated", async () => {
  const refused = await runOrgtokens(folder, nobody(), "whoami", "--api-token", server.adminToken);
  expect(refused.exitCode).toBe(2);
  expect(refused.output).toMatch(/^--api-token is not taken.*ORGTOKENS_API_TOKEN/);
  expect(refused.output).not.toContain(server.adminToken);
});

test("without a store nothing is issued when the secret would go into a pipe or a log that nobody asked for", async () => {
  const label = buildName();
  const created = await runOrgtokens(folder, environmentOf(server), "tokens", "create", "--label", label);
  expect(created).toMatchObject({ exitCode: 2, stdout: "", output: expect.stringMatching(/--store.*--print-secret/) });
  expect((await server.admin.listApiTokens({ label, status: "all" })).total).toBe(0);
  const { id, token } = await server.admin.createApiToken({ label, role: "developer" });
  const rotated = await runOrgtokens(folder, environmentOf(server), "tokens", "rotate", id, "--json");
  expect(rotated).toMatchObject({ exitCode: 2, stdout: "" });
  expect(JSON.parse(rotated.output)).toEqual({ error: { code: "usage", message: expect.any(String) } });
  expect(await server.admin.getApiToken(id)).toMatchObject({ rotatedAt: null });
  expect(await server.answer(token)).toBe("accepted");
});

test.skipIf(process.platform !== "linux")(
  "at a terminal the secret is shown once, and a delivery shows its steps on a line that is wiped, and no secret",
  async () => {
    const options = { cwd: folder, environment: environmentOf(server), timeoutMs: 60_000 };
    const atTerminal = (...words: readonly string[]) => {
      const command = [...orgtokensWords, ...words].join(" ");
      return runCommand("script", ["--quiet", "--return", "--command", command, "/dev/null"], options);
    };
    const shown = await atTerminal("tokens", "create", "--label", buildName());
    expect(shown.exitCode, shown.output).toBe(0);
    expect(shown.output.match(new RegExp(aToken, "g"))).toHaveLength(1);
    const path = join(folder, buildName());
    const delivered = await atTerminal("tokens", "create", "--label", buildName(), "--store", `file://${path}`);
    expect(delivered.output).toMatch(/\r\u001b\[KDelivering \S+: stored[\s\S]*\r\u001b\[KGenerated /);
    expect(delivered.output).not.toMatch(aToken);
    const words = ["--label", buildName(), "--store", `file://${path}-2`];
    const logged = await runOrgtokens(folder, environmentOf(server), "tokens", "create", ...words);
    expect(logged.output).toMatch(/^Generated [^\u001b]*\n$/);
  },
);
