/** Tokens that ended outside of Terraform are replaced, and Terraform says so; what only hides them is never taken for their end. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { between } from "../../support/between.ts";
import { eventually } from "../../support/clock.ts";
import { type EdgeAnswer, hangUp, json, unavailable } from "../../support/edge.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

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

test("a token that was revoked elsewhere is replaced, and the plan says when and by whom it was revoked", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  await server.admin.revokeApiToken(token?.id ?? "");
  const { revokedAt } = await server.admin.getApiToken(token?.id ?? "");
  const planned = await it.workspace.run("plan", "-input=false");
  expect(planned.output).toContain("1 to add, 0 to change, 1 to destroy");
  expect(unwrap(planned.output)).toContain("The token was revoked outside of Terraform");
  expect(unwrap(planned.output)).toContain(`was revoked at ${revokedAt} by `);
  await it.workspace.apply();
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a token that has expired is replaced, and the plan says so", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'expires_in = "8s"'));
  await it.workspace.apply();
  const expiresAt = String((await it.workspace.attributes(address))?.["expires_at"]);
  await eventually(() => (Date.now() > Date.parse(expiresAt) ? true : undefined), 30_000);
  await it.workspace.write(declare(it, 'expires_in = "30d"'));
  const applied = await it.workspace.apply();
  expect(unwrap(applied.output)).toMatch(new RegExp(`The token has expired[\\s\\S]*expired at ${expiresAt}`));
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a dead token, and one that the server does not know any more, are destroyed without complaint", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  await server.admin.revokeApiToken(token?.id ?? "");
  expect((await it.workspace.destroy()).output).toContain("Destroy complete!");

  await it.workspace.apply();
  const unknown = await between(server.endpoint, (incoming, outgoing) => {
    if (incoming.method !== "DELETE") return false;
    notFound(incoming, outgoing);
    return true;
  });
  const destroyed = await it.workspace.runWith(
    { environment: { ORGTOKENS_ENDPOINT: unknown } },
    "destroy",
    "-auto-approve",
    "-refresh=false",
  );
  expect(destroyed.output).toContain("Destroy complete! Resources: 1 destroyed.");
});

test("a token that the server does not know any more is planned anew, with a word on it", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const [token] = await it.liveTokens();
  const forgetful = await between(server.endpoint, (incoming, outgoing) => {
    if (!incoming.url?.startsWith("/v2/api-tokens")) return false;
    json(200, { tokens: [], total: 0, nextPage: null, nextCursor: null })(incoming, outgoing);
    return true;
  });
  const planned = await it.workspace.runWith(
    { environment: { ORGTOKENS_ENDPOINT: forgetful } },
    "plan",
    "-input=false",
  );
  expect(planned.output).toContain("1 to add, 0 to change, 0 to destroy");
  expect(unwrap(planned.output)).toMatch(new RegExp(`does not exist any more[\\s\\S]*knows no token ${token?.id}`));
});

const notFound: EdgeAnswer = json(404, {
  type: "/problems/api_token_not_found",
  title: "No such API token",
  status: 404,
  detail: "Check the id.",
  code: "api_token_not_found",
  requestId: "r-1",
});

const refusal = (status: number, code: string): EdgeAnswer =>
  json(status, { type: `/problems/${code}`, title: "Refused", status, detail: "No.", code, requestId: "r-1" });

const html: EdgeAnswer = (_, outgoing) =>
  void outgoing.writeHead(404, { "content-type": "text/html" }).end("<h1>404 Not Found</h1>");

test.for([
  ["a 401", refusal(401, "authentication_revoked")],
  ["a 403", refusal(403, "role_insufficient")],
  ["a 503", unavailable],
  ["a broken connection", hangUp],
  ["an HTML 404 of a wrong proxy", html],
] as const)("%s while reading is an error, and never means that the token is gone", async ([, answer]) => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const hiding = await between(server.endpoint, (incoming, outgoing) => {
    if (!incoming.url?.startsWith("/v2/api-tokens")) return false;
    answer(incoming, outgoing);
    return true;
  });
  const result = await it.workspace.runWith(
    { environment: { ORGTOKENS_ENDPOINT: hiding } },
    "apply",
    "-auto-approve",
    "-input=false",
  );
  expect(result.exitCode, result.output).toBe(1);
  expect(result.output).not.toContain("to add");
  expect(await it.liveTokens()).toHaveLength(1);
  expect(await it.workspace.attributes(address)).toMatchObject({ id: (await it.liveTokens())[0]?.id });
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a server that does not answer in time while reading is an error, and never means that the token is gone", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'timeouts = { read = "2s" }'));
  await it.workspace.apply();
  const silent = await between(server.endpoint, ({ url }) => url?.startsWith("/v2/api-tokens") === true);
  const result = await it.workspace.runWith({ environment: { ORGTOKENS_ENDPOINT: silent } }, "plan", "-input=false");
  expect(result.exitCode).toBe(1);
  expect(result.output).not.toContain("to add");
  expect(unwrap(result.output)).toMatch(/in time[\s\S]*timeouts\.read/);
  expect(await it.workspace.isSettled()).toBe(true);
});

test("a provider that was pointed at another organization says so, instead of creating every token anew", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const folder = await makeFolder();
  const other = await startServer(folder);
  try {
    const result = await it.workspace.runWith(
      { environment: { ORGTOKENS_ENDPOINT: other.endpoint, ORGTOKENS_API_TOKEN: other.adminToken } },
      "plan",
      "-input=false",
    );
    expect(result.exitCode).toBe(1);
    const { id } = await server.admin.getOrganization();
    expect(unwrap(result.output)).toMatch(new RegExp(`works in another organization[\\s\\S]*belongs to [^.]*${id}`));
  } finally {
    await other.close();
    await rm(folder, { recursive: true, force: true });
  }
});
