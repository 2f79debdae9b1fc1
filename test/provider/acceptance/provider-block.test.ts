/** The provider block in real Terraform: values that are ephemeral or not known yet, and a server behind TLS and a proxy. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { request as send } from "node:http";
import { createServer } from "node:https";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { proxyEdge } from "../configuration/tls-edge.ts";
import { address, type Bench, createBench, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 180_000 });

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

const unset = { ORGTOKENS_ENDPOINT: undefined, ORGTOKENS_API_TOKEN: undefined };

/** A token with this provider block. */
const withBlock = ({ folder }: Bench, block: string, more = "") => `
  ${more}
  provider "orgtokens" {
    managed_by = "${folder}"
    ${block}
  }
  resource "orgtokens_api_token" "it" {
    label        = "it"
    role         = "developer"
    secret_store = { file = { path = "${folder}/secret" } }
  }`;

test("an ephemeral value can be the provider's token, and is in no file", async () => {
  const bench = await createBench(server, { ORGTOKENS_API_TOKEN: undefined });
  const variable = 'variable "admin" {\n ephemeral = true\n sensitive = true\n }';
  await bench.workspace.write(withBlock(bench, "api_token = var.admin", variable));
  const words = ["-input=false", `-var=admin=${server.adminToken}`];
  const planned = await bench.workspace.run("plan", ...words, "-out=it.tfplan");
  expect(planned.exitCode, planned.output).toBe(0);
  const applied = await bench.workspace.run("apply", ...words, "it.tfplan");
  expect(applied.exitCode, applied.output).toBe(0);
  expect(await server.answer(await bench.secret())).toBe("accepted");
  for (const [path, content] of await bench.workspace.files())
    expect(content.includes(server.adminToken), path).toBe(false);
});

test("a block that depends on what is not applied yet plans, and applies in one go", async () => {
  const bench = await createBench(server, unset);
  const later = `
    resource "terraform_data" "server" { input = "${server.endpoint}" }
    variable "admin" { sensitive = true }
    resource "terraform_data" "token" { input = var.admin }`;
  const block = "endpoint = terraform_data.server.output\n api_token = terraform_data.token.output";
  await bench.workspace.write(withBlock(bench, block, later));
  const admin = `-var=admin=${server.adminToken}`;
  const planned = await bench.workspace.run("plan", "-input=false", admin);
  expect(planned.exitCode, planned.output).toBe(0);
  expect(planned.output).toContain("3 to add");
  await bench.workspace.apply(admin);
  expect(await server.answer(await bench.secret())).toBe("accepted");

  // Unknown again, now with a token in the state: what is known of it stays.
  await bench.workspace.write(
    withBlock(bench, block, later.replace(`"${server.endpoint}" }`, `"${server.endpoint}/" }`)),
  );
  const again = await bench.workspace.run("plan", "-input=false", admin);
  expect(again.exitCode, again.output).toBe(0);
  expect(unwrap(again.output)).toMatch(/not known yet, so the last known state is used/);
  await bench.workspace.apply(admin);
  expect(await bench.workspace.attributes(address)).toMatchObject({ status: "active" });
});

test("a server behind TLS of one's own, that wants a certificate, is reached through a proxy", async () => {
  const authority = createHostCertificate();
  const terminator = await terminateTls(server.endpoint, authority);
  const proxy = await proxyEdge(terminator.port, "user:pass-word");
  const client = createHostCertificate(authority);
  const bench = await createBench(server, {
    ORGTOKENS_ENDPOINT: "https://localhost",
    ORGTOKENS_PROXY_URL: `http://user:pass-word@127.0.0.1:${proxy.port}`,
    ORGTOKENS_CA_CERT_PEM: authority.certificatePem,
    ORGTOKENS_CLIENT_CERT_PEM: client.certificatePem,
    ORGTOKENS_CLIENT_KEY_PEM: client.privateKeyPem,
    TF_APPEND_USER_AGENT: "acceptance/1",
  });
  await bench.workspace.write(withBlock(bench, 'request_timeout = "1m"\n max_retries = 3'));
  await bench.workspace.apply();
  expect(await server.answer(await bench.secret())).toBe("accepted");
  await bench.workspace.destroy();
  expect(await bench.liveTokens()).toEqual([]);
  expect(terminator.agents.every((agent) => /^terraform-provider-orgtokens\/.* acceptance\/1 /.test(agent))).toBe(true);
  expect(terminator.agents.length).toBeGreaterThan(3);
  expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set(["localhost:443"]));
});

/** TLS before the server, which speaks http itself; only for callers with a certificate. */
async function terminateTls(endpoint: string, authority: ReturnType<typeof createHostCertificate>) {
  const own = createHostCertificate(authority);
  const agents: string[] = [];
  const listener = createServer(
    {
      cert: own.certificatePem,
      key: own.privateKeyPem,
      ca: authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (incoming, outgoing) => {
      agents.push(incoming.headers["user-agent"] ?? "");
      const options = { method: incoming.method ?? "GET", headers: incoming.headers };
      const forward = send(new URL(incoming.url ?? "/", endpoint), options, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(forward);
    },
  ).listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const at = listener.address();
  return { port: typeof at === "object" && at !== null ? at.port : 0, agents };
}
