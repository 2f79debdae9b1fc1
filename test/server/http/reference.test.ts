import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { buildApp } from "../../../server/app.ts";
import { systemClock } from "../../../server/domain/clock.ts";
import { problems } from "../../../server/domain/problem.ts";
import { referencePaths } from "../../../server/reference/reference-files.ts";
import { contractRoutes } from "../../support/answer-check.ts";
import { openTestDatabase } from "../../support/database.ts";

/** The application, without the check that every answer is one of the contract: these are about it. */
async function createApp() {
  const { database } = await openTestDatabase();
  const app = buildApp({
    database,
    clock: systemClock,
    publicUrl: () => "https://tokens.test.example",
    randomBytes,
    logger: false,
  });
  onTestFinished(() => app.close());
  return app;
}

test("the reference has every operation, every answer and every problem code, and a target for each link of its own", async () => {
  const app = await createApp();
  const { body, statusCode, headers } = await app.inject("/docs");
  expect([statusCode, headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  for (const [operationId, { path }] of contractRoutes) {
    expect(body).toContain(`id="${operationId}"`);
    expect(body.replaceAll("<wbr>", "")).toContain(`<code>${path}</code>`);
  }
  for (const [code, { title }] of Object.entries(problems)) {
    expect(body).toContain(`<tr id="problem-${code}"><td><code>${code}</code></td>`);
    expect(body.replaceAll("&#39;", "'")).toContain(title);
  }
  const ids = new Set([...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const targets = [...body.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(targets.filter((target) => !ids.has(target))).toEqual([]);
  expect(ids.size).toBe([...body.matchAll(/ id="/g)].length);
});

test("the reference asks nobody else for anything, and needs no script", async () => {
  const app = await createApp();
  const { body, headers } = await app.inject("/docs");
  expect(headers["content-security-policy"]).toBe(
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(headers["x-content-type-options"]).toBe("nosniff");
  const loaded = [...body.matchAll(/<(?:link|img|script|iframe|source)\b[^>]*>/g)].map(([tag]) => tag);
  expect(loaded).toEqual(['<link rel="stylesheet" href="/docs/reference.css">']);
  expect(body).not.toMatch(/ style=| on\w+=|<style/);
  const style = await app.inject("/docs/reference.css");
  expect(style.headers["content-type"]).toBe("text/css; charset=utf-8");
  expect(style.body).not.toMatch(/url\(|@import/);
});

test("the contract is served as it is, and as JSON", async () => {
  const app = await createApp();
  const yaml = await app.inject("/openapi.yaml");
  const json = await app.inject("/openapi.json");
  expect(parse(yaml.body)).toEqual(json.json());
  expect([yaml.headers["content-type"], json.headers["content-type"]]).toEqual([
    "application/yaml; charset=utf-8",
    "application/json; charset=utf-8",
  ]);
});

test.for(referencePaths)(
  "%s is kept by its reader and sent again only when it has changed, compressed for who wants it",
  async (path) => {
    const app = await createApp();
    const first = await app.inject(path);
    expect(first.headers).toMatchObject({ "cache-control": "no-cache", etag: expect.stringMatching(/^"[\w-]{22}"$/) });
    const again = await app.inject({ url: path, headers: { "if-none-match": String(first.headers.etag) } });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    const changed = await app.inject({ url: path, headers: { "if-none-match": '"other"' } });
    expect(changed.statusCode).toBe(200);
    const zipped = await app.inject({ url: path, headers: { "accept-encoding": "gzip" } });
    expect(zipped.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(first.body);
    expect((await app.inject({ url: path, method: "HEAD" })).statusCode).toBe(200);
    expect((await app.inject({ url: path, method: "POST" })).statusCode).toBe(404);
  },
);
