import { expect, test } from "vitest";
import { changesNothing, createTestApp, parseProblem, type TestApp, type TestRequest } from "../../support/app.ts";
import { buildToken } from "../../support/builders.ts";

const json = "application/json";
const valid = JSON.stringify({ label: "CI", role: "developer" });

function post(app: TestApp, contentType: string | undefined, payload: string | Buffer): TestRequest {
  const headers = {
    "x-api-key": app.adminToken,
    ...(contentType === undefined ? {} : { "content-type": contentType }),
  };
  return { method: "POST", url: "/v2/api-tokens", headers, payload };
}

const otherContentTypes = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/jsonx",
  "text/json",
  "json",
  "*/*",
  undefined,
];

test.for(otherContentTypes)("a body declared as %s is refused as content_type_unsupported", async (contentType) => {
  const app = await createTestApp();
  const answer = await changesNothing(app, () => app.send(post(app, contentType, valid)));
  expect(parseProblem(answer)).toMatchObject({ code: "content_type_unsupported", status: 415 });
});

test("JSON with a charset parameter is read", async () => {
  const app = await createTestApp();
  expect((await app.send(post(app, "application/json; charset=utf-8", valid))).status).toBe(201);
});

test.for([
  ["text that is no JSON", "{label"],
  ["JSON that ends early", '{"label":"CI"'],
  ["JSON with something after it", `${valid}x`],
  ["JSON after a byte order mark", `\uFEFF${valid}`],
  [
    "invalid UTF-8",
    Buffer.concat([Buffer.from('{"label":"'), Buffer.from([0xc3, 0x28]), Buffer.from('","role":"developer"}')]),
  ],
  [
    "an overlong UTF-8 sequence",
    Buffer.concat([Buffer.from('{"label":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('","role":"developer"}')]),
  ],
  [
    "a surrogate in UTF-8",
    Buffer.concat([Buffer.from('{"label":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('","role":"developer"}')]),
  ],
] as const)("%s is refused as json_malformed, and changes nothing", async ([, payload]) => {
  const app = await createTestApp();
  const answer = await changesNothing(app, () => app.send(post(app, json, payload)));
  expect(parseProblem(answer)).toMatchObject({ code: "json_malformed", status: 400 });
});

test("a refusal of broken JSON does not quote it", async () => {
  const app = await createTestApp();
  const answer = await app.send(post(app, json, '{"token": "hunter2hunter2", oops}'));
  expect(answer.text).not.toContain("hunter2");
});

test("a body of exactly 16 KiB is read, and one byte more is refused as body_too_large", async () => {
  const app = await createTestApp();
  const fill = (size: number): string => valid.padEnd(size, " ");
  expect((await app.send(post(app, json, fill(16_384)))).status).toBe(201);
  const refused = await changesNothing(app, () => app.send(post(app, json, fill(16_385))));
  expect(parseProblem(refused)).toMatchObject({ code: "body_too_large", status: 413 });
});

test("a revocation refuses a body, broken or not, in the words of its contract", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const remove = (contentType: string, payload: string) =>
    app.send({
      method: "DELETE",
      url: `/v2/api-tokens/${id}`,
      headers: { "x-api-key": app.adminToken, "content-type": contentType },
      payload,
    });
  await changesNothing(app, async () => {
    expect(parseProblem(await remove(json, "{}"))).toMatchObject({
      code: "request_invalid",
      errors: [{ pointer: "/body", code: "field_unknown" }],
    });
    expect(parseProblem(await remove(json, "{"))).toMatchObject({ code: "json_malformed" });
    expect(parseProblem(await remove("text/plain", "x"))).toMatchObject({ code: "content_type_unsupported" });
    expect(parseProblem(await remove(json, " ".repeat(16_385)))).toMatchObject({ code: "body_too_large" });
  });
});

test("a revocation without a body is accepted whatever content type it names", async () => {
  const app = await createTestApp();
  const { id } = await buildToken(app);
  const headers = { "x-api-key": app.adminToken, "content-type": json };
  expect((await app.send({ method: "DELETE", url: `/v2/api-tokens/${id}`, headers })).status).toBe(204);
});

test("a label of 100 characters beyond the basic plane is kept as it was sent", async () => {
  const app = await createTestApp();
  const label = "🚀".repeat(100);
  const { id } = await buildToken(app, { label });
  expect((await app.call("getApiToken", { id })).label).toBe(label);
});
