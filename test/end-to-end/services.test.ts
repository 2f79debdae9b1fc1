/** The example services, run as they are: each in a process of its own, over a real server. */
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { makeFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const folder = fileURLToPath(new URL("../../examples/services", import.meta.url));
const services = (await readdir(folder)).toSorted();
let server: ServerProcess;

beforeAll(async () => {
  server = await startServer(await makeFolder());
});

afterAll(() => server.close());

/** Starts a service with a Developer token of its own. Answers where it listens. */
async function startService(file: string): Promise<string> {
  const { token } = await server.admin.createApiToken({ label: `Service ${file}`, role: "developer" });
  const child = spawn(process.execPath, [join(folder, file)], {
    env: { PATH: process.env["PATH"], PORT: "0", ORGTOKENS_ENDPOINT: server.endpoint, ORGTOKENS_API_TOKEN: token },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /listening on .*\bport: (\d+)/u.exec(line)?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
  }
  throw new Error(`${file} ended before it listened`);
}

test("there is a service for each framework", () => {
  expect(services).toEqual(["express.ts", "fastify.ts", "hono.ts", "node.ts"]);
});

test.each(services)("%s lets live tokens through with their role, and nobody else", async (file) => {
  const service = await startService(file);
  const call = async (method: string, path: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(service + path, { method, headers });
    const text = await response.text();
    return { status: response.status, challenge: response.headers.get("www-authenticate"), text };
  };
  const { token, id } = await server.admin.createApiToken({ label: `Caller of ${file}`, role: "developer" });
  expect((await call("GET", "/health")).status).toBe(200);
  const missing = await call("GET", "/greeting");
  expect(missing).toMatchObject({ status: 401, challenge: 'Bearer realm="api"' });
  expect(JSON.parse(missing.text)).toMatchObject({ code: "authentication_missing", status: 401 });
  for (const headers of [{ authorization: `Bearer ${token}` }, { "x-api-key": token }]) {
    const greeted = await call("GET", "/greeting", headers);
    expect(greeted.status, greeted.text).toBe(200);
    expect(JSON.parse(greeted.text)).toEqual({ hello: `Caller of ${file}` });
  }
  const refused = await call("DELETE", "/greeting", { "x-api-key": token });
  expect(refused).toMatchObject({
    status: 403,
    challenge: 'Bearer realm="api", error="insufficient_scope", scope="admin"',
  });
  expect((await call("DELETE", "/greeting", { "x-api-key": server.adminToken })).status).toBe(204);
  const local = await server.admin.createApiToken({
    label: `From here ${file}`,
    role: "developer",
    allowedNetworks: ["127.0.0.0/8"],
  });
  expect((await call("GET", "/greeting", { "x-api-key": local.token })).status).toBe(200);
  await server.admin.revokeApiToken(id);
  await vi.waitFor(
    async () => expect((await call("GET", "/greeting", { "x-api-key": token })).status).toBe(401),
    10_000,
  );
});
