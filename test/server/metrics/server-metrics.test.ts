import { join } from "node:path";
import { expect, test } from "vitest";
import { createServerMetrics, type ServerMetrics } from "../../../server/metrics/server-metrics.ts";
import { createTestApp } from "../../support/app.ts";
import { buildRevokedToken, buildToken, buildUnknownToken } from "../../support/builders.ts";
import { eventually } from "../../support/clock.ts";
import { initialiseDatabase, startServerProcess } from "../../support/server-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** An application that is measured, by a clock on which everything takes 2 ms. */
async function createMeasuredApp() {
  let elapsed = 0;
  const measured: { metrics?: ServerMetrics } = {};
  const app = await createTestApp({
    measure: (database) => {
      measured.metrics = createServerMetrics({ database, elapsedMs: () => (elapsed += 2) });
      return measured.metrics;
    },
  });
  return { app, render: async () => (await measured.metrics?.render()) ?? "" };
}

test("verifications are counted by outcome and timed, and requests by operation and status", async () => {
  const { app, render } = await createMeasuredApp();
  const { token } = await buildToken(app);
  const { token: revoked } = await buildRevokedToken(app);
  await app.answer("getMe", { token });
  await app.answer("getMe", { token: revoked });
  await app.answer("getMe", { token: buildUnknownToken() });
  await app.answer("verifyApiToken", { token, body: { token: "hunter2" } });
  await app.send({ method: "GET", url: "/v2/nothing" });
  const text = await eventually(async () => {
    const now = await render();
    return now.includes('operation="none"') ? now : undefined;
  });
  const counted = [...text.matchAll(/^orgtokens_verifications_total\{outcome="\w+"\} (\d+)$/gm)].map(([, n]) =>
    Number(n),
  );
  expect(text).toMatch(/outcome="active"\} [1-9]/);
  for (const outcome of ["revoked", "unknown", "malformed"]) {
    expect(text).toContain(`orgtokens_verifications_total{outcome="${outcome}"} 1\n`);
  }
  expect(text).toMatch(/orgtokens_verification_duration_seconds_bucket\{le="0.001"\} 0\n/);
  const total = counted.reduce((sum, n) => sum + n, 0);
  expect(text).toContain(`orgtokens_verification_duration_seconds_count ${total}\n`);
  expect(text).toContain('orgtokens_http_requests_total{operation="getMe",status="200"} 1\n');
  expect(text).toContain('orgtokens_http_requests_total{operation="getMe",status="401"} 2\n');
  expect(text).toContain('orgtokens_http_requests_total{operation="none",status="404"} 1\n');
  expect(text).toContain('orgtokens_http_request_duration_seconds_count{operation="verifyApiToken"} 1\n');
});

test("the outbox, the database and the process are looked at when somebody asks", async () => {
  const { app, render } = await createMeasuredApp();
  await buildToken(app);
  const text = await render();
  expect(text).toMatch(/^orgtokens_mail\{status="queued"\} [1-9]/m);
  expect(text).toMatch(/^orgtokens_database_up 1$/m);
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_heap_size_used_bytes"]) {
    expect(text).toMatch(new RegExp(`^${name} [0-9.]+$`, "m"));
  }
  await app.close();
  await app.database.close();
  expect(await render()).toMatch(/^orgtokens_database_up 0$/m);
});

test("the connections to the database are shown by use, beside their limit and who waits for one", async () => {
  const { database } = await createTestApp();
  const connections = () => ({ limit: 10, open: 4, idle: 1, waiting: 2 });
  const text = await createServerMetrics({ database: { ...database, connections }, elapsedMs: () => 0 }).render();
  expect(text).toContain('orgtokens_database_connections{state="used"} 3\n');
  expect(text).toContain('orgtokens_database_connections{state="idle"} 1\n');
  expect(text).toMatch(/^orgtokens_database_connections_limit 10$/m);
  expect(text).toMatch(/^orgtokens_database_waiting 2$/m);
});

test("nothing that a request brings with it is in a metric, and its series are bounded", async () => {
  const { app, render } = await createMeasuredApp();
  const { id, token, label } = await buildToken(app);
  for (const url of [
    `/v2/api-tokens/${id}`,
    `/v2/${token}`,
    "/oops?a=b",
    `/v2/api-tokens?label=${label.replace(" ", "+")}`,
  ]) {
    await app.send({ method: "GET", url, headers: { "x-api-key": token, "user-agent": "spy/1" } });
  }
  const text = await render();
  for (const secret of [token, token.slice(4, 12), id, label, "spy", "oops", app.adminEmail, "127.0.0.1"]) {
    expect(text).not.toContain(secret);
  }
});

test("a server that is told so answers Prometheus on a port of its own, and not on the public one", async () => {
  const database = join(await temporaryFolder(), "a.sqlite");
  const token = await initialiseDatabase(await temporaryFolder(), database);
  const server = await startServerProcess(["--database", database, "--port", "0", "--metrics-port", "0"]);
  const metrics = await eventually(() => /http:\/\/\S+\/metrics/.exec(server.output())?.[0]);
  await server.send("GET", "/v2/me", token);
  await eventually(async () => {
    const response = await fetch(metrics);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    return (await response.text()).includes('operation="getMe",status="200"') ? true : undefined;
  });
  expect((await fetch(metrics.replace("/metrics", "/"))).status).toBe(404);
  expect((await fetch(metrics, { method: "POST" })).status).toBe(404);
  expect((await server.send("GET", "/metrics", token)).status).toBe(404);
  expect(await server.end("SIGTERM")).toBe(0);
});

test("a token leaves no trace of its secret or its label in the metrics, whatever becomes of it", async () => {
  const { app, render } = await createMeasuredApp();
  const { id, token, fingerprint } = await buildToken(app, { label: "canary-of-the-metrics" });
  const rotated = await app.call("rotateApiToken", { id, body: { gracePeriodSeconds: 0 } });
  for (const text of [token, rotated.token, `${token}x`]) {
    await app.answer("verifyApiToken", { body: { token: text } });
    await app.answer("getMe", { token: text });
    await app.send({ method: "GET", url: `/v2/api-tokens/${text}`, headers: { authorization: `Bearer ${text}` } });
  }
  await app.call("revokeApiToken", { id });
  await app.answer("getMe", { token: rotated.token });
  const text = await eventually(async () => {
    const now = await render();
    return now.includes('operation="revokeApiToken"') ? now : undefined;
  });
  for (const trace of [token.slice(4, 16), rotated.token.slice(4, 16), fingerprint, id, "canary"]) {
    expect(text).not.toContain(trace);
  }
});
