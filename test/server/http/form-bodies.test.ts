import { expect, test } from "vitest";
import { createTestApp, parseProblem, parseSuccess, type TestApp } from "../../support/app.ts";
import { buildToken } from "../../support/builders.ts";

const form = "application/x-www-form-urlencoded";

function post(app: TestApp, payload: string | Buffer, mediaType = form, url = "/oauth2/introspect") {
  return app.send({
    method: "POST",
    url,
    headers: { "x-api-key": app.adminToken, "content-type": mediaType },
    payload,
  });
}

test("a form is read as OAuth writes it: escapes, unknown parameters, parameters without a value", async () => {
  const app = await createTestApp();
  const { id, token } = await buildToken(app);
  for (const payload of [
    `token=${token}`,
    `token=${token.replaceAll("_", "%5F")}&token_type_hint=access_token`,
    `token_type_hint=urn%3Aa+b&token=${token}&token_type_hint=&client_id=${id}&resource=a&resource=`,
    `&token=${token}&`,
  ]) {
    const answer = parseSuccess<"introspectToken">(await post(app, payload));
    expect(answer, payload.replace(token, "")).toMatchObject({ active: true, client_id: id });
  }
  expect((await post(app, `token=${token}`, `${form}; charset=UTF-8`)).status).toBe(200);
});

test.for([
  ["a parameter twice", "token=a&token=b", "/body/token", "fields_conflict"],
  ["an unknown parameter twice", "token=a&scope=a&scope=b", "/body/scope", "fields_conflict"],
  ["half an escape", "token=a%4", "/body", "format_wrong"],
  ["half a character", "token=%C3", "/body", "format_wrong"],
  ["no token", "token_type_hint=a", "/body/token", "field_required"],
  ["an empty token", "token=", "/body/token", "field_required"],
  ["nothing", "", "/body/token", "field_required"],
  ["a token that is too long", `token=${"a".repeat(201)}`, "/body/token", "value_too_long"],
] as const)("%s is refused by its place, also in OAuth's words", async ([, payload, pointer, code]) => {
  const app = await createTestApp();
  for (const url of ["/oauth2/introspect", "/oauth2/revoke"]) {
    const problem = parseProblem(await post(app, payload, form, url));
    expect(problem).toMatchObject({ code: "request_invalid", error: "invalid_request", errors: [{ pointer, code }] });
  }
});

test("JSON for a form and a form for JSON are refused by the media type that is wanted", async () => {
  const app = await createTestApp();
  const json = parseProblem(await post(app, '{"token":"a"}', "application/json"));
  expect(json).toMatchObject({ code: "content_type_unsupported", error: "invalid_request" });
  expect(json.detail).toContain(form);
  const wanted = parseProblem(await post(app, "token=a", form, "/v2/api-tokens/verify"));
  expect(wanted.code).toBe("content_type_unsupported");
  expect(wanted.detail).toContain("application/json");
  expect(wanted).not.toHaveProperty("error");
});

test("a form larger than 16 KiB is refused as too large", async () => {
  const app = await createTestApp();
  expect(parseProblem(await post(app, `token=${"a".repeat(16 * 1024)}`)).code).toBe("body_too_large");
});

test("a client that is refused learns it in OAuth's words, in the scheme it tried", async () => {
  const app = await createTestApp();
  const authorization = `Basic ${Buffer.from("hunter2:").toString("base64")}`;
  const answer = await app.send({ method: "POST", url: "/oauth2/introspect", headers: { authorization } });
  expect(parseProblem(answer)).toMatchObject({ status: 401, error: "invalid_client" });
  expect(answer.headers["www-authenticate"]).toBe(
    'Bearer realm="orgtokens", error="invalid_token", error_description="The token is malformed", Basic realm="orgtokens"',
  );
});
