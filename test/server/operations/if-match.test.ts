import { expect, test } from "vitest";
import { changesNothing, createTestApp, parseSuccess, type TestApp } from "../../support/app.ts";
import { authenticate, buildToken } from "../../support/builders.ts";

async function versionOf(app: TestApp, id: string): Promise<string> {
  const answer = await app.answer("getApiToken", { id });
  const { version } = parseSuccess<"getApiToken">(answer);
  expect(answer.headers["etag"]).toBe(`"${version}"`);
  return version;
}

test("a change with the version that was read is made, and answers the next version", async () => {
  const app = await createTestApp();
  const { id, version } = await buildToken(app);
  expect(await versionOf(app, id)).toBe(version);
  const header = { "If-Match": `"${version}"` };
  const changed = await app.call("updateApiToken", { id, body: { label: "B" }, header });
  expect(changed.version).not.toBe(version);
  expect(await versionOf(app, id)).toBe(changed.version);
});

test("of two who change what both have read, the second is told, and nothing of the first is lost", async () => {
  const app = await createTestApp();
  const { id, version } = await buildToken(app);
  const header = { "If-Match": `"${version}"` };
  await app.call("updateApiToken", { id, body: { label: "First" }, header });
  const problem = await changesNothing(app, () =>
    app.refused("updateApiToken", { id, body: { label: "Second" }, header }),
  );
  expect(problem).toMatchObject({ code: "version_mismatch", errors: [{ pointer: "/header/If-Match" }] });
});

test("a use is no change of a token; a rotation is one", async () => {
  const app = await createTestApp();
  const { id, token, version } = await buildToken(app);
  await authenticate(app, token);
  expect(await versionOf(app, id)).toBe(version);
  await app.call("rotateApiToken", { id, body: { activation: "deferred" } });
  expect(await versionOf(app, id)).not.toBe(version);
});

test("a list of versions, and *, match; a weak one does not", async () => {
  const app = await createTestApp();
  const { id, version } = await buildToken(app);
  const body = { description: "same" };
  const weak = await app.refused("updateApiToken", { id, body, header: { "If-Match": `W/"${version}"` } });
  expect(weak.code).toBe("version_mismatch");
  const next = await app.call("updateApiToken", { id, body, header: { "If-Match": `"0000", "${version}"` } });
  expect(next.description).toBe("same");
  await app.call("updateApiToken", { id, body, header: { "If-Match": "*" } });
});

test("an entity tag without quotes is refused at its header", async () => {
  const app = await createTestApp();
  const { id, version } = await buildToken(app);
  const problem = await app.refused("updateApiToken", { id, body: { label: "x" }, header: { "If-Match": version } });
  expect(problem).toMatchObject({ code: "request_invalid", errors: [{ pointer: "/header/If-Match" }] });
});
