/** `orgtokens_api_token` with a program and with a JSON file as its stores: a real `pass`, real Terraform. */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createPasswordStore } from "../../support/password-store.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const programsFile = fileURLToPath(new URL("../../../examples/programs/programs.json", import.meta.url));
const pass = await createPasswordStore();
let server: ServerProcess;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
});

afterAll(async () => {
  await Promise.all([server.close(), pass?.close()]);
  await rm(serverFolder, { recursive: true, force: true });
});

/** Where the declared token's secret is kept by `pass`. */
const store = '{ command = { program = "pass", entry = "ci/orgtokens" } }';
const stored = async () => (await pass?.run("show", "ci/orgtokens")) ?? "";
const createPassBench = () => createBench(server, { ...pass?.environment, ORGTOKENS_PROGRAMS_FILE: programsFile });

describe.skipIf(pass === undefined)("a secret in pass", () => {
  test("is delivered, found missing or overwritten, rotated, moved into a file and back, and deleted", async () => {
    const it = await createPassBench();
    await it.workspace.write(declare(it, "", { store }));
    await it.workspace.apply();
    expect(await it.workspace.isSettled()).toBe(true);
    expect(await server.answer(await stored())).toBe("accepted");
    expect(await it.workspace.attributes(address)).toMatchObject({ destination: "command://pass/ci/orgtokens" });

    for (const damage of [
      () => pass?.insert("ci/orgtokens", "overwritten"),
      () => pass?.run("rm", "--force", "ci/orgtokens"),
    ]) {
      await damage();
      expect(await it.workspace.isSettled()).toBe(false);
      await it.workspace.apply();
      expect(await server.answer(await stored())).toBe("accepted");
    }

    await it.workspace.write(declare(it));
    await it.workspace.apply();
    expect(await server.answer(await it.secret())).toBe("accepted");
    await expect(pass?.run("show", "ci/orgtokens")).rejects.toThrow("not in the password store");
    await it.workspace.write(declare(it, "", { store }));
    await it.workspace.apply();
    expect(existsSync(join(it.folder, "secret"))).toBe(false);
    expect(await server.answer(await stored())).toBe("accepted");
    const secret = await stored();
    for (const [path, content] of await it.workspace.files()) expect(content.includes(secret), path).toBe(false);

    await it.workspace.destroy();
    await expect(pass?.run("show", "ci/orgtokens")).rejects.toThrow("not in the password store");
    expect(await server.answer(secret)).toBe("authentication_revoked");
  });
});

test("without a programs file the provider says where to name one, and an entry that is an option is refused offline", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, "", { store }));
  const missing = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(unwrap(missing.output)).toMatch(/Missing programs file[\s\S]*ORGTOKENS_PROGRAMS_FILE/);
  await it.workspace.write(declare(it, "", { store: '{ command = { program = "Pass", entry = "-rf" } }' }));
  const refused = await it.workspace.run("validate");
  expect(unwrap(refused.output)).toMatch(/small letters[\s\S]*not start with "-"/);
  expect(await it.liveTokens()).toEqual([]);
});

test("a secret is kept at a key of a JSON file, whose other keys stay when it is rotated, moved and destroyed", async () => {
  const it = await createBench(server);
  const path = join(it.folder, "settings.json");
  await writeFile(path, '{"host":"db"}');
  const secretAt = async (key: string) => String(JSON.parse(await readFile(path, "utf8"))[key]);
  const at = (key: string) => `{ file = { path = "${path}", key = "${key}" } }`;
  await it.workspace.write(declare(it, "", { store: at("one") }));
  await it.workspace.apply();
  expect(await it.workspace.isSettled()).toBe(true);
  expect(await server.answer(await secretAt("one"))).toBe("accepted");
  await it.workspace.write(declare(it, "", { store: at("two") }));
  await it.workspace.apply();
  expect(await server.answer(await secretAt("two"))).toBe("accepted");
  expect(await secretAt("one")).toBe("undefined");
  expect(await it.workspace.attributes(address)).toMatchObject({ destination: `file://${path}#two` });
  await it.workspace.destroy();
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ host: "db" });
});
