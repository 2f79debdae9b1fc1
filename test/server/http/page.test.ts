/** How the admin page is served. What it does is tested in a browser, in test/end-to-end/page. */

import { randomBytes } from "node:crypto";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { buildApp } from "../../../server/app.ts";
import { type Page, readPage } from "../../../server/http/page-files.ts";
import { createTestClock } from "../../support/clock.ts";
import { openTestDatabase } from "../../support/database.ts";

const documents = [
  "/organization/api-tokens",
  "/organization/api-tokens/0199f3a1b2c40d5e6f708192",
  "/organization/members",
  "/sign-in",
  "/sign-in/link",
];

function builtPage(): Page {
  const page = readPage();
  if (page === undefined) throw new Error("The page is not built: run npm run setup.");
  return page;
}

async function serve(options: { readonly page?: Page | undefined; readonly strictTransport?: boolean } = {}) {
  const { database } = await openTestDatabase();
  const page = { page: builtPage(), strictTransport: false, ...options };
  const app = buildApp({
    database,
    clock: createTestClock(),
    publicUrl: () => "http://127.0.0.1",
    randomBytes,
    logger: false,
    page,
  });
  onTestFinished(() => app.close());
  return app;
}

test.for(documents)("%s answers GET and HEAD with the document, which nobody may keep or frame", async (url) => {
  const app = await serve();
  const answer = await app.inject({ url });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain('<div id="root">');
  expect(answer.headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
  });
  expect(answer.headers["content-security-policy"]).toContain(
    "default-src 'none'; script-src 'self'; style-src 'self'",
  );
  expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(answer.headers["content-security-policy"]).not.toContain("unsafe");
  expect(answer.headers["strict-transport-security"]).toBeUndefined();
  const head = await app.inject({ method: "HEAD", url });
  expect([head.statusCode, head.body, head.headers["content-length"]]).toEqual([
    200,
    "",
    answer.headers["content-length"],
  ]);
});

test("the document holds no inline script and no inline style", () => {
  const text = builtPage().document.identity.toString();
  expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
  expect([...text.matchAll(/<script[^>]*>([^<]*)/g)].map(([, inside]) => inside)).toEqual([""]);
});

test("/ and /organization lead to the tokens", async () => {
  const app = await serve();
  for (const url of ["/", "/organization"]) {
    const { statusCode, headers } = await app.inject({ url });
    expect([statusCode, headers.location, headers["cache-control"]]).toEqual([
      302,
      "/organization/api-tokens",
      "no-store",
    ]);
  }
});

test("each asset is kept by browsers for good, and is the same in every encoding", async () => {
  const app = await serve();
  const paths = [...builtPage().assets.keys()];
  expect(paths.length).toBeGreaterThan(2);
  for (const url of paths) {
    expect(url).toMatch(/^\/assets\/[\w.-]+-[\w-]{8}\.(js|css|svg)$/);
    const plain = await app.inject({ url });
    const ask = async (encoding: string) => app.inject({ url, headers: { "accept-encoding": encoding } });
    const [br, gzip, refused] = [await ask("gzip, br"), await ask("gzip"), await ask("br;q=0, identity")];
    expect(plain.headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
      vary: "Accept-Encoding",
    });
    expect(refused.rawPayload).toEqual(plain.rawPayload);
    if (br.headers["content-encoding"] === undefined) continue;
    expect(br.headers["content-encoding"]).toBe("br");
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(brotliDecompressSync(br.rawPayload)).toEqual(plain.rawPayload);
    expect(gunzipSync(gzip.rawPayload)).toEqual(plain.rawPayload);
    const known = await app.inject({ url, headers: { "if-none-match": String(plain.headers.etag) } });
    expect([known.statusCode, known.body]).toEqual([304, ""]);
  }
});

test("paths beside the page's stay problems", async () => {
  const app = await serve();
  for (const url of ["/organizations", "/assets/none.js", "/index.html", "/sign-in/other", "/assets/../main.tsx"]) {
    const answer = await app.inject({ url });
    expect([answer.statusCode, answer.json().code], url).toEqual([404, "route_not_found"]);
  }
  expect((await app.inject({ method: "POST", url: "/organization/api-tokens" })).statusCode).toBe(404);
});

test("where people come by https, browsers are told to come no other way", async () => {
  const app = await serve({ strictTransport: true });
  const { headers } = await app.inject({ url: "/sign-in" });
  expect(headers["strict-transport-security"]).toMatch(/^max-age=63072000/);
});

test("a server without a built page says what to do, and its API works", async () => {
  const app = await serve({ page: undefined });
  const answer = await app.inject({ url: "/organization/api-tokens" });
  expect(answer.statusCode).toBe(503);
  expect(answer.json().detail).toContain("npm run setup");
  expect((await app.inject({ url: "/health/ready" })).statusCode).toBe(200);
});

test("the first page takes less than 120 kB of compressed script", () => {
  const scripts = [...builtPage().assets].filter(([path]) => path.endsWith(".js")).map(([, file]) => file);
  const bytes = scripts.reduce((sum, { gzip, identity }) => sum + (gzip ?? identity).length, 0);
  expect(bytes).toBeLessThan(120_000);
});
