import { expect, test } from "vitest";
import { emptyLocation } from "../support/database.ts";
import { initialiseDatabase, type RunningServer, startServerProcess } from "../support/server-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function prepare() {
  const database = await emptyLocation();
  return {
    token: await initialiseDatabase(await temporaryFolder(), database),
    start: () => startServerProcess(["--database", database, "--port", "0"]),
  };
}

async function read(server: RunningServer, path: string, token: string) {
  return JSON.parse((await server.send("GET", path, token)).text);
}

/** A test that starts several processes, each for about a second on a busy machine. */
const manyStarts = { timeout: 60_000 };

test("a write that was answered is there after the server was killed at that moment", manyStarts, async () => {
  const { token, start } = await prepare();
  let server = await start();
  const restart = async () => {
    expect(await server.end("SIGKILL")).toBe("SIGKILL");
    server = await start();
  };
  const created = JSON.parse(
    (await server.send("POST", "/v2/api-tokens", token, { label: "CI", role: "developer" })).text,
  );
  await restart();
  expect((await server.send("GET", "/v2/me", created.token)).status).toBe(200);
  const path = `/v2/api-tokens/${created.id}`;
  const rotated = JSON.parse(
    (await server.send("POST", `${path}/rotate`, token, { activation: "deferred", gracePeriodSeconds: 0 })).text,
  );
  await restart();
  // The first use of the new secret makes it current: that too is stored before it is answered.
  expect((await server.send("GET", "/v2/me", rotated.token)).status).toBe(200);
  await restart();
  expect((await server.send("GET", "/v2/me", created.token)).status).toBe(401);
  expect((await read(server, path, token)).fingerprint).toBe(rotated.newFingerprint);
  expect((await server.send("DELETE", path, token)).status).toBe(204);
  await restart();
  expect(JSON.parse((await server.send("GET", "/v2/me", rotated.token)).text).code).toBe("authentication_revoked");
});

test("a server that is killed while many write at once has everything it answered, and starts again", async () => {
  const { token, start } = await prepare();
  const server = await start();
  const answered: string[] = [];
  const write = async (): Promise<void> => {
    for (;;) {
      const { status, text } = await server.send("POST", "/v2/api-tokens", token, { label: "CI", role: "developer" });
      if (status === 201) answered.push(JSON.parse(text).token);
      if (answered.length === 25) await server.end("SIGKILL");
    }
  };
  await Promise.allSettled(Array.from({ length: 4 }, write));
  expect(answered.length).toBeGreaterThanOrEqual(25);
  const again = await start();
  for (const secret of answered) expect((await again.send("GET", "/v2/me", secret)).status).toBe(200);
});

test("two servers over one database agree: one creation wins a destination, and a revoke counts on both at once", async () => {
  const { token, start } = await prepare();
  const servers = [await start(), await start()];
  const body = { label: "CI", role: "developer", destination: "vault://kv/ci#token" };
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, index) => servers[index % 2]?.send("POST", "/v2/api-tokens", token, body)),
  );
  expect(answers.map((answer) => answer?.status).sort()).toEqual([201, ...Array.from({ length: 15 }, () => 409)]);
  const created = JSON.parse(answers.find((answer) => answer?.status === 201)?.text ?? "{}");
  for (const server of servers) expect((await server.send("GET", "/v2/me", created.token)).status).toBe(200);
  expect((await servers[0]?.send("DELETE", `/v2/api-tokens/${created.id}`, token))?.status).toBe(204);
  for (const server of servers) expect((await server.send("GET", "/v2/me", created.token)).status).toBe(401);
});
