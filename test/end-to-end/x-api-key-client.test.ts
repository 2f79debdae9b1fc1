/** The client of examples/migrating: as it speaks to the reference API, so it speaks to ours, with nothing changed but the host. */
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { inheritedEnvironment } from "../../provider/testing/inherited-environment.ts";
import { startBaseServer } from "../support/base-server.ts";
import { runCommand } from "../support/commands.ts";
import { startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 60_000 });

const script = fileURLToPath(new URL("../../examples/migrating/x-api-key-client.sh", import.meta.url));

async function runClient(API: string, API_KEY: string) {
  const folder = await temporaryFolder();
  const environment = { ...inheritedEnvironment(), TMPDIR: folder, API, API_KEY };
  return runCommand("bash", [script], { cwd: folder, environment });
}

/** What the client prints when all went well. */
const story = /^generated ([0-9a-f]{24})\nlisted \1 on page 1\nrevoked \1: 204\n$/;

test("the client that serves the reference API is served by ours: it generates, lists over all pages and revokes", async () => {
  const server = await startServer(await temporaryFolder());
  onTestFinished(() => server.close());
  for (let number = 0; number < 11; number += 1)
    await server.admin.createApiToken({ label: `Token ${number}`, role: "developer" });
  const { exitCode, output } = await runClient(server.endpoint, server.adminToken);
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(story) });
  const [, id = ""] = story.exec(output) ?? [];
  const revoked = await server.admin.getApiToken(id);
  expect(revoked).toMatchObject({ label: "CI/CD Token", role: "developer", status: "revoked" });
});

test("it is a client of the reference API: a server that has only the base operations serves it as well", async () => {
  const server = await startBaseServer();
  const { exitCode, output } = await runClient(server.endpoint, server.adminToken);
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: expect.stringMatching(story) });
  expect(server.tokens()).toEqual([]);
});

test("a token that is refused ends it with a failure, and is not printed", async () => {
  const server = await startBaseServer();
  const { exitCode, output } = await runClient(server.endpoint, "tok_wrong");
  expect(exitCode).not.toBe(0);
  expect(output).not.toContain("tok_wrong");
});
