/** The `orgtokens` command: a real process against a real server. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { obfuscateToken } from "@orgtokens/sdk";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
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

const run = (...words: readonly string[]) => runOrgtokens(folder, environmentOf(server), ...words);

/** The JSON that a command prints. */
async function json(...words: readonly string[]) {
  const { exitCode, stdout, output } = await run(...words, "--json");
  expect(exitCode, output).toBe(0);
  return JSON.parse(stdout);
}

describe("tokens create", () => {
  test("without a store prints the secret once, on standard output and nothing else there", async () => {
    const label = buildName();
    const { exitCode, stdout, output } = await run("tokens", "create", "--label", label, "--print-secret");
    expect(exitCode, output).toBe(0);
    expect(stdout).toMatch(/^tok_[0-9A-Za-z]{36}\n$/);
    expect(await server.answer(stdout.trim())).toBe("accepted");
    expect(output.replace(stdout, "")).toContain("only time");
    const [token] = (await server.admin.listApiTokens({ label })).tokens;
    expect(token).toMatchObject({ role: "developer", obfuscatedToken: obfuscateToken(stdout.trim()) });
  });

  test("with a store puts the secret there, and prints it nowhere", async () => {
    const label = buildName();
    const path = join(folder, label);
    const words = ["--label", label, "--role", "developer", "--store", `file://${path}#token`, "--expires-in", "1d12h"];
    const { exitCode, output } = await run("tokens", "create", ...words, "--description", "For CI");
    expect(exitCode, output).toBe(0);
    expect(output).toContain(`file://${path}#token`);
    expect(output).not.toMatch(aToken);
    const { token } = JSON.parse(await readFile(path, "utf8"));
    expect(await server.answer(token)).toBe("accepted");
    const shown = await json("tokens", "show", label);
    expect(shown).toMatchObject({ destination: `file://${path}#token`, description: "For CI" });
    expect(Date.parse(shown.expiresAt) - Date.parse(shown.created)).toBeGreaterThan(129_000_000);
  });

  test("is refused before anything is generated when the place is taken, or names none", async () => {
    const label = buildName();
    const path = join(folder, label);
    await writeFile(path, "theirs");
    const taken = await run("tokens", "create", "--label", label, "--store", `file://${path}`);
    expect(taken.exitCode).toBe(1);
    expect(taken.output).toMatch(/holds something that orgtokens did not write.*\(secret_store_occupied\)/);
    const nowhere = await run("tokens", "create", "--label", label, "--store", "valt://kv/ci");
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.output).toContain("vault://kv/ci#token");
    const unreached = await run("tokens", "create", "--label", label, "--store", "vault://kv/ci#token");
    expect(unreached.exitCode).toBe(2);
    expect(unreached.output).toMatch(/^--store: the address of Vault is missing.*VAULT_ADDR\.\n$/);
    expect((await server.admin.listApiTokens({ label })).total).toBe(0);
  });
});

describe("tokens rotate", () => {
  test("puts the new secret where the last one is, keeps the old one working, and moves it when another store is named", async () => {
    const label = buildName();
    const [path, other] = [join(folder, label), join(folder, `${label}-moved`)];
    const { apiToken } = await json("tokens", "create", "--label", label, "--store", `file://${path}`);
    const first = await readFile(path, "utf8");
    const rotated = await run("tokens", "rotate", label, "--grace-period", "1h");
    expect(rotated.exitCode, rotated.output).toBe(0);
    expect(rotated.output).not.toMatch(aToken);
    const second = await readFile(path, "utf8");
    expect(second).not.toBe(first);
    for (const secret of [first, second]) expect(await server.answer(secret)).toBe("accepted");
    await json("tokens", "rotate", apiToken.id, "--store", `file://${other}`);
    expect(existsSync(path)).toBe(false);
    expect(await server.answer(await readFile(other, "utf8"))).toBe("accepted");
  });

  test("of a token without a store prints the new secret once", async () => {
    const label = buildName();
    const first = (await run("tokens", "create", "--label", label, "--print-secret")).stdout.trim();
    const { stdout } = await run("tokens", "rotate", label, "--print-secret");
    expect(stdout).toMatch(/^tok_[0-9A-Za-z]{36}\n$/);
    for (const secret of [first, stdout.trim()]) expect(await server.answer(secret)).toBe("accepted");
  });
});

describe("tokens revoke", () => {
  test("without a terminal wants the label repeated; with it the token is dead and its entry gone", async () => {
    const label = buildName();
    const path = join(folder, label);
    await json("tokens", "create", "--label", label, "--store", `file://${path}`);
    const secret = await readFile(path, "utf8");
    const unconfirmed = await run("tokens", "revoke", label);
    expect(unconfirmed.exitCode).toBe(2);
    expect(unconfirmed.output).toContain(`--yes-revoke "${label}"`);
    const wrong = await run("tokens", "revoke", label, "--yes-revoke", "other");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.output).toContain("Nothing was revoked");
    expect(await server.answer(secret)).toBe("accepted");
    const { exitCode, output } = await run("tokens", "revoke", label, "--yes-revoke", label);
    expect(exitCode, output).toBe(0);
    expect(await server.answer(secret)).toBe("authentication_revoked");
    expect(existsSync(path)).toBe(false);
  });

  test.skipIf(process.platform !== "linux")(
    "at a terminal asks for the label, after saying what is known of its use",
    async () => {
      const label = buildName();
      const secret = (await server.admin.createApiToken({ label, role: "developer" })).token;
      const typed = (text: string) => {
        const words = [...orgtokensWords, "tokens", "revoke", label].join(" ");
        const terminal = 'printf "%s\\n" "$1" | script --quiet --return --command "$2" /dev/null';
        const options = { cwd: folder, environment: environmentOf(server), timeoutMs: 60_000 };
        return runCommand("sh", ["-c", terminal, "sh", text, words], options);
      };
      const wrong = await typed("other");
      expect(wrong).toMatchObject({ exitCode: 2, output: expect.stringContaining("It was never used.") });
      expect(await server.answer(secret)).toBe("accepted");
      expect(await typed(label)).toMatchObject({ exitCode: 0 });
      expect(await server.answer(secret)).toBe("authentication_revoked");
    },
  );

  test("of a label that several live tokens have asks for an id, and names them", async () => {
    const label = buildName();
    const ids = [];
    for (let count = 0; count < 2; count += 1)
      ids.push((await server.admin.createApiToken({ label, role: "developer" })).id);
    const { exitCode, output } = await run("tokens", "revoke", label, "--yes-revoke", label);
    expect(exitCode).toBe(2);
    for (const id of ids) expect(output).toContain(id);
    expect((await server.admin.listApiTokens({ label })).total).toBe(2);
  });
});

describe("tokens deliver-check", () => {
  test("tells what each store holds, by exit codes too, without showing a secret", async () => {
    const managedBy = buildName();
    const paths = [1, 2, 3, 4].map((number) => join(folder, `${managedBy}-${number}`));
    for (const path of paths) {
      const words = ["--label", path.slice(-30), "--managed-by", managedBy, "--store", `file://${path}`];
      await json("tokens", "create", ...words);
    }
    expect(
      (await json("tokens", "deliver-check", "--managed-by", managedBy)).map(({ state }: { state: string }) => state),
    ).toEqual(["held", "held", "held", "held"]);
    const [gone = "", written = "", deleted = ""] = paths;
    await writeFile(written, "somebody's");
    await rm(deleted);
    await rm(gone);
    await rm(`${gone}.orgtokens.json`);
    const { exitCode, stdout, output } = await run("tokens", "deliver-check", "--managed-by", managedBy);
    expect(exitCode, output).toBe(3);
    const found = Object.fromEntries(
      stdout
        .trim()
        .split("\n")
        .map((line) => [line.split(/\s+/).at(-1)?.at(-1), line.split(" ")[0]]),
    );
    expect(found).toEqual({ 1: "missing", 2: "changed", 3: "changed", 4: "held" });
    expect(output).not.toMatch(aToken);
  });

  test("says of a store that cannot be asked that it was not checked, and ends with 4", async () => {
    const label = buildName();
    const destination = `vault://kv/${label}#token`;
    const { id } = await server.admin.createApiToken({ label, role: "developer", activation: "deferred", destination });
    const { exitCode, output } = await run("tokens", "deliver-check", id);
    expect(exitCode, output).toBe(4);
    expect(output).toMatch(/^unchecked .*address of Vault is missing.*VAULT_ADDR/);
  });
});

describe("what the command says", () => {
  test("tokens list is a table for people and an array for programs; whoami names the caller", async () => {
    const label = buildName();
    await server.admin.createApiToken({ label, role: "developer" });
    const { stdout } = await run("tokens", "list", "--search", label);
    expect(stdout).toMatch(
      new RegExp(`^LABEL +TOKEN +ROLE +STATUS[^\\n]*\\n${label} +tok_\\w{4}\\*{4} +developer +active +never +ada@`),
    );
    expect(await json("tokens", "list", "--search", label)).toEqual([expect.objectContaining({ label })]);
    expect((await run("whoami")).stdout).toMatch(/organization +Test Ltd\n[\s\S]*role +admin/);
    expect((await json("whoami")).me).toMatchObject({ type: "api_token" });
  });

  test("a refusal names its code and the request; as JSON for programs", async () => {
    const unknown = "0".repeat(24);
    const { exitCode, stdout, output } = await run("tokens", "show", unknown);
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(output).toMatch(/\(api_token_not_found, request [\w-]+\)\n$/);
    const told = await run("tokens", "show", unknown, "--json");
    expect(JSON.parse(told.output)).toEqual({
      error: { code: "api_token_not_found", message: expect.any(String), requestId: expect.stringMatching(/^[\w-]+$/) },
    });
  });

  test("a server that is not there is told from a refusal by the exit code, and so are wrong words and settings", async () => {
    const environment = environmentOf(server);
    const codeOf = async (changes: NodeJS.ProcessEnv, ...words: readonly string[]) =>
      (await runOrgtokens(folder, { ...environment, ...changes }, ...words)).exitCode;
    expect(await codeOf({ ORGTOKENS_ENDPOINT: "http://127.0.0.1:1" }, "whoami")).toBe(4);
    expect(await codeOf({ ORGTOKENS_ENDPOINT: undefined }, "whoami")).toBe(2);
    expect(await codeOf({ ORGTOKENS_API_TOKEN: undefined }, "whoami")).toBe(2);
    expect(await codeOf({ ORGTOKENS_ENDPOINT: "http://tokens.example.com" }, "whoami")).toBe(2);
    expect(await codeOf({}, "tokens", "creat")).toBe(2);
    expect(await codeOf({}, "tokens", "create", "--label", "x", "--expires-in", "soon")).toBe(2);
    expect(await codeOf({ ORGTOKENS_API_TOKEN: "tok_unknown" }, "whoami")).toBe(1);
  });

  test("help names the exit codes", async () => {
    const { exitCode, stdout } = await run("--help");
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("3 when deliver-check finds a secret missing or changed");
  });
});
