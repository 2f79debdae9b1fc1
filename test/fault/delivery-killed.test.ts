/** A script that delivers by the SDK is killed at every step, against a real server; the next run of it converges. */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openFileSecretStore } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { type CommandResult, runCommand } from "../support/commands.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder } from "../support/temporary-folder.ts";
import type { Delivering } from "./delivering-process.ts";

const script = fileURLToPath(new URL("./delivering-process.ts", import.meta.url));

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

/** A place of the test's own, and the script that delivers into it. */
function createScript() {
  const label = `script ${randomBytes(4).toString("hex")}`;
  const path = join(folder, label);
  const store = openFileSecretStore({ path });
  return {
    store,
    run: (what: Pick<Delivering, "run" | "id" | "dieAfter">): Promise<CommandResult> => {
      const delivering = { endpoint: server.endpoint, apiToken: server.adminToken, path, label, ...what };
      return runCommand(process.execPath, [script, JSON.stringify(delivering)], {
        cwd: folder,
        environment: inheritedEnvironment(),
      });
    },
    async stored() {
      const secret = await store.read();
      return secret === undefined ? "nothing there" : server.answer(secret);
    },
    async tokens() {
      return (await server.admin.listApiTokens({ label, status: "all" })).tokens;
    },
  };
}

test.for([
  ["checked", 0, "nothing there", "created"],
  ["issued", 1, "nothing there", "created"],
  ["stored", 1, "authentication_pending", "created"],
  ["activated", 1, "accepted", "adopted"],
] as const)(
  "a creation killed after %s leaves no live token without its secret in the store, and converges",
  async ([dieAfter, left, stored, outcome]) => {
    const it = createScript();
    expect((await it.run({ run: "create", dieAfter })).exitCode).not.toBe(0);
    const before = await it.tokens();
    expect(before).toHaveLength(left);
    expect(await it.stored()).toBe(stored);
    expect(await it.run({ run: "create" })).toMatchObject({ exitCode: 0, stdout: outcome });
    expect(await it.stored()).toBe("accepted");
    const after = await it.tokens();
    expect(after.map(({ status }) => status)).toEqual(["active"]);
    if (left === 1) expect(after[0]?.id).toBe(before[0]?.id);
  },
);

test.for(["checked", "issued", "stored", "activated"] as const)(
  "a rotation killed after %s takes nothing away, and converges",
  async (dieAfter) => {
    const it = createScript();
    await it.run({ run: "create" });
    const [{ id, fingerprint } = { id: "", fingerprint: "" }] = await it.tokens();
    const secret = (await it.store.read()) ?? "";
    expect((await it.run({ run: "rotate", id, dieAfter })).exitCode).not.toBe(0);
    expect(await server.answer(secret)).toBe("accepted");
    expect(await it.stored()).toBe("accepted");
    expect((await it.run({ run: "rotate", id })).exitCode).toBe(0);
    expect(await it.stored()).toBe("accepted");
    expect(await server.answer(secret)).toBe("accepted");
    const [after] = await it.tokens();
    expect(after).toMatchObject({ id, newFingerprint: null });
    expect(after?.fingerprint).not.toBe(fingerprint);
    expect(await it.store.describe()).toMatchObject({ apiTokenId: id, fingerprint: after?.fingerprint });
  },
);

test("a revocation killed before the entry is deleted leaves a dead secret, and the next one deletes it", async () => {
  const it = createScript();
  await it.run({ run: "create" });
  const [{ id } = { id: "" }] = await it.tokens();
  expect((await it.run({ run: "revoke", id, dieAfter: "revoked" })).exitCode).not.toBe(0);
  expect(await it.stored()).toBe("authentication_revoked");
  expect(await it.run({ run: "revoke", id })).toMatchObject({ exitCode: 0, stdout: "deleted" });
  expect(await it.stored()).toBe("nothing there");
});
