/** Many tokens at once, against a server that asks for patience. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { between } from "../../support/between.ts";
import { json } from "../../support/edge.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { createBench, declare } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 180_000 });

/** How many creations the server puts off: nearly all that come at once. */
const refused = 8;

let server: ServerProcess;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
});

afterAll(async () => {
  await server.close();
  await rm(serverFolder, { recursive: true, force: true });
});

test("of 20 creations, ten at a time, those that the server puts off are repeated when it says, and all succeed", async () => {
  const slowDown = json(
    429,
    {
      type: "/problems/rate_limited",
      title: "Too many requests",
      status: 429,
      detail: "Wait 1 s.",
      code: "rate_limited",
      requestId: "r-1",
    },
    { "retry-after": "1" },
  );
  let creations = 0;
  const limiting = await between(server.endpoint, (incoming, outgoing) => {
    if (incoming.method !== "POST" || incoming.url !== "/v2/api-tokens") return false;
    creations += 1;
    if (creations > refused) return false;
    slowDown(incoming, outgoing);
    return true;
  });
  const it = await createBench(server, { ORGTOKENS_ENDPOINT: limiting });
  await it.workspace.write(
    declare(it, "count = 20", {
      label: `\${count.index} of ${it.folder}`,
      store: `{ file = { path = "${it.folder}/\${count.index}" } }`,
    }),
  );
  const applied = await it.workspace.apply("-parallelism=10");
  expect(applied.output).toContain("20 added, 0 changed, 0 destroyed");
  expect(creations).toBe(20 + refused);
  expect((await server.admin.listApiTokens({ managedBy: it.folder, limit: 100 })).tokens).toHaveLength(20);
  for (const name of ["0", "7", "19"]) expect(await server.answer(await it.secret(name))).toBe("accepted");
});
