/** Ctrl-C at every step of a delivery by the command: it ends with 130, and the same command ends what it left. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { buildName } from "../../conformance/secret-stores.ts";
import { createKillingProxies } from "../../fault/killing-proxy.ts";
import { environmentOf, runOrgtokens, startOrgtokens } from "../../support/orgtokens-command.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";

// Each step starts a process.
vi.setConfig({ testTimeout: 90_000 });

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

/** A place, and the command whose requests pass a proxy that presses Ctrl-C at a chosen one. */
async function createBench() {
  const proxies = createKillingProxies();
  onTestFinished(() => proxies.close());
  const environment = { ...environmentOf(server), ORGTOKENS_ENDPOINT: await proxies.addressOf(server.endpoint) };
  const label = buildName();
  const path = join(folder, label);
  const words = {
    create: ["tokens", "create", "--label", label, "--store", `file://${path}`],
    rotate: ["tokens", "rotate", label],
    revoke: ["tokens", "revoke", label, "--yes-revoke", label],
  };
  return {
    label,
    words,
    run: (command: readonly string[]) => runOrgtokens(folder, environment, ...command),
    secret: () => readFile(path, "utf8"),
    async interrupted(changes: number, moment: "before the answer" | "before the next", command: readonly string[]) {
      const running = startOrgtokens(folder, environment, ...command);
      proxies.arm(changes, () => running.interrupt(), moment);
      const result = await running.result;
      expect(proxies.hasKilled, result.output).toBe(true);
      proxies.disarm();
      return result;
    },
  };
}

const moments = [
  ["nothing is issued", 0, "before the next"],
  ["the answer to the creation is lost", 1, "before the answer"],
  ["the secret is stored and not activated", 1, "before the next"],
  ["the answer to the activation is lost", 2, "before the answer"],
] as const;

test.each(moments)("Ctrl-C in a creation when %s: 130, and the same command delivers one token", async (...moment) => {
  const [, changes, when] = moment;
  const it = await createBench();
  const stopped = await it.interrupted(changes, when, it.words.create);
  expect(stopped).toMatchObject({ exitCode: 130, stdout: "" });
  expect(stopped.output).toContain("Running the same again goes on from here");
  const again = await it.run(it.words.create);
  expect(again.exitCode, again.output).toBe(0);
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect((await server.admin.listApiTokens({ label: it.label })).total).toBe(1);
});

test.each(moments)(
  "Ctrl-C in a rotation when %s: 130, nothing is taken away, and the same command ends it",
  async (...moment) => {
    const [, changes, when] = moment;
    const it = await createBench();
    const created = await it.run(it.words.create);
    expect(created.exitCode, created.output).toBe(0);
    const first = await it.secret();
    expect((await it.interrupted(changes, when, it.words.rotate)).exitCode).toBe(130);
    for (const secret of [first, await it.secret()]) expect(await server.answer(secret)).toBe("accepted");
    const again = await it.run(it.words.rotate);
    expect(again.exitCode, again.output).toBe(0);
    expect(await it.secret()).not.toBe(first);
    for (const secret of [first, await it.secret()]) expect(await server.answer(secret)).toBe("accepted");
  },
);

test("Ctrl-C when a revocation is not answered: 130, and the command with the token's id deletes the entry", async () => {
  const it = await createBench();
  await it.run(it.words.create);
  const [token] = (await server.admin.listApiTokens({ label: it.label })).tokens;
  expect((await it.interrupted(1, "before the answer", it.words.revoke)).exitCode).toBe(130);
  expect(await server.answer(await it.secret())).toBe("authentication_revoked");
  const again = await it.run(["tokens", "revoke", token?.id ?? "", "--yes-revoke", it.label]);
  expect(again).toMatchObject({ exitCode: 0, output: expect.stringContaining("Deleted file://") });
  await expect(it.secret()).rejects.toThrow("ENOENT");
});
