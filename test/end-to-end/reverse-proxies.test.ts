/** The configurations of examples/integrations, in the real proxies, before a real server. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { findDebianProgram } from "../support/debian-program.ts";
import { type ProxyKind, startProtectedService } from "../support/reverse-proxy.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.setConfig({ testTimeout: 120_000 });

/** A real server, and a service behind a real proxy. */
async function protect(
  { skip }: { skip(condition: boolean, note: string): void },
  kind: ProxyKind,
  flags: readonly string[] = [],
) {
  const program = await findDebianProgram(kind);
  skip(program === undefined, `${kind} is not installed`);
  const server = await startServer(await temporaryFolder(), flags);
  onTestFinished(() => server.close());
  const service = await startProtectedService(kind, program ?? "", server.endpoint);
  return {
    server,
    service,
    send: (headers = {}, init = {}) => fetch(`${service.endpoint}/a?b=c`, { ...init, headers }),
  };
}

function createToken(server: ServerProcess, label: string) {
  return server.admin.createApiToken({ label, role: "developer" });
}

describe.each(["nginx", "caddy"] as const)("behind %s", (kind) => {
  test("a live token passes, and the service learns whose it is but never the token", async (context) => {
    const { server, service, send } = await protect(context, kind);
    const { id, token } = await createToken(server, "Büro");
    const { accountId } = await server.admin.getApiToken(id);
    for (const headers of [{ "X-API-KEY": token }, { Authorization: `Bearer ${token}` }]) {
      const response = await send({ ...headers, "X-Orgtokens-Role": "admin", "X-Orgtokens-Token-Id": "forged" });
      expect([response.status, await response.text()]).toEqual([200, "served GET /a?b=c"]);
    }
    const posted = await send({ "X-API-KEY": token, "Content-Type": "text/plain" }, { method: "POST", body: "hello" });
    expect([posted.status, await posted.text()]).toEqual([200, "served POST /a?b=c"]);
    expect(service.reached).toHaveLength(3);
    for (const headers of service.reached) {
      expect(headers).toMatchObject({
        "x-orgtokens-token-id": id,
        "x-orgtokens-label": "B%C3%BCro",
        "x-orgtokens-role": "developer",
        "x-orgtokens-organization": accountId,
      });
      expect(JSON.stringify(headers)).not.toContain(token);
    }
  });

  test("no token, an unknown and a revoked one are 401 and reach no service", async (context) => {
    const { server, service, send } = await protect(context, kind);
    const { id, token } = await createToken(server, "Revoked");
    await server.admin.revokeApiToken(id);
    for (const headers of [{}, { "X-API-KEY": "hunter2" }, { "X-API-KEY": token }, { "X-Orgtokens-Role": "admin" }]) {
      const response = await send(headers);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer realm="orgtokens"/);
    }
    expect(service.reached).toHaveLength(0);
  });

  test("what a client claims about its address does not bring a token past its networks", async (context) => {
    const { server, service, send } = await protect(context, kind, ["--trusted-proxies", "127.0.0.1"]);
    const create = (label: string, network: string) =>
      server.admin.createApiToken({ label, role: "developer", allowedNetworks: [network] });
    const { token: elsewhere } = await create("Office", "198.51.100.0/24");
    const { token: here } = await create("Here", "127.0.0.0/8");
    const claimed = { "X-Forwarded-For": "198.51.100.7", "X-Real-IP": "198.51.100.7", Forwarded: "for=198.51.100.7" };
    expect((await send({ "X-API-KEY": elsewhere, ...claimed })).status).toBe(401);
    expect((await send({ "X-API-KEY": here, ...claimed })).status).toBe(200);
    expect(service.reached).toHaveLength(1);
  });

  test("with the server down nothing passes: 5xx, and never the service", async (context) => {
    const { server, service, send } = await protect(context, kind);
    const { token } = await createToken(server, "Cut off");
    expect((await send({ "X-API-KEY": token })).status).toBe(200);
    await server.close();
    expect((await send({ "X-API-KEY": token })).status).toBeGreaterThanOrEqual(500);
    expect(service.reached).toHaveLength(1);
  });
});

test("the configuration for Traefik asks the operation of the contract, takes over its header fields and drops the token", async () => {
  const read = (path: string) => readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");
  const contract = parse(await read("openapi.yaml"));
  const { http } = parse(await read("examples/integrations/traefik/orgtokens.yaml"));
  const { address, authResponseHeaders } = http.middlewares["api-token"].forwardAuth;
  const { responses } = contract.paths[new URL(address).pathname].get;
  const own = Object.keys(responses["200"].headers).filter((name) => name.startsWith("X-Orgtokens-"));
  expect(authResponseHeaders).toEqual(own);
  expect(http.routers.service.middlewares).toEqual(["api-token", "without-token"]);
  expect(http.middlewares["without-token"].headers.customRequestHeaders).toEqual({
    "X-API-KEY": "",
    Authorization: "",
  });
});
