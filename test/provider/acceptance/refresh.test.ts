/** What a refresh of many tokens costs: a real server with a thousand of them, a real state, every request counted. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileDestination, openFileSecretStore } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { countingProxy } from "../../support/counting-proxy.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { type Bench, createBench } from "./bench.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

const count = 1000;

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

const configuration = ({ folder }: Bench): string => `
  variable "tokens" { default = ${count} }
  provider "orgtokens" { managed_by = "${folder}" }
  resource "orgtokens_api_token" "it" {
    count        = var.tokens
    label        = "token \${count.index}"
    role         = "developer"
    secret_store = { file = { path = "${folder}/secrets/\${count.index}" } }
  }`;

type Attributes = Readonly<Record<string, unknown>>;
type Instance = { readonly index_key: number; readonly attributes: Attributes; readonly identity?: Attributes };

/** Applies one token, and adds the others to server, store and state as applying them would have. */
async function declareThousand(bench: Bench): Promise<void> {
  await bench.workspace.write(configuration(bench));
  await bench.workspace.apply("-var=tokens=1");
  const stateFile = join(bench.workspace.folder, "terraform.tfstate");
  const state = parseState(await readFile(stateFile, "utf8"));
  const [resource] = state.resources;
  const [first] = resource?.instances ?? [];
  if (resource === undefined || first === undefined) throw new Error("The first token is not in the state.");
  const instances = [first];
  const indexes = [...Array(count).keys()].slice(1);
  const add = async (): Promise<void> => {
    for (let index = indexes.shift(); index !== undefined; index = indexes.shift()) {
      const attributes = await addToken(bench, index, first.attributes);
      // OpenTofu records it; Terraform 1.11 does not.
      const identity = first.identity && { identity: { ...first.identity, id: attributes["id"] } };
      instances.push({ ...first, index_key: index, attributes, ...identity });
    }
  };
  await Promise.all([...Array(16)].map(add));
  instances.sort((one, other) => one.index_key - other.index_key);
  await writeFile(stateFile, JSON.stringify({ ...state, resources: [{ ...resource, instances }] }));
}

async function addToken({ folder }: Bench, index: number, like: Attributes): Promise<Attributes> {
  const path = `${folder}/secrets/${index}`;
  const place = { label: `token ${index}`, destination: fileDestination({ path }) };
  const { token, ...created } = await server.admin.createApiToken({ ...place, role: "developer", managedBy: folder });
  const store = openFileSecretStore({ path });
  await store.write(token, { apiTokenId: created.id, fingerprint: created.fingerprint });
  return {
    ...like,
    ...place,
    id: created.id,
    obfuscated_token: created.obfuscatedToken,
    fingerprint: created.fingerprint,
    stored_fingerprint: created.fingerprint,
    created_at: created.created,
    secret_store: { file: { path }, vault: null },
  };
}

/** Reads a state file: the one place that trusts what Terraform wrote. */
function parseState(json: string) {
  return JSON.parse(json) as { readonly resources: readonly { readonly instances: readonly Instance[] }[] };
}

test("a plan of 1,000 tokens asks the server at most 12 times, ten at a time and one at a time, and is empty", async () => {
  const proxy = await countingProxy(server.endpoint);
  const bench = await createBench(server, { ORGTOKENS_ENDPOINT: proxy.endpoint });
  await declareThousand(bench);
  for (const parallelism of [10, 1]) {
    proxy.requests.length = 0;
    const plan = await bench.workspace.runWith(
      { timeoutMs: 300_000 },
      "plan",
      "-input=false",
      "-detailed-exitcode",
      `-parallelism=${parallelism}`,
    );
    expect(plan.exitCode, plan.output.slice(0, 4000)).toBe(0);
    expect(proxy.requests.length, proxy.requests.join("\n")).toBeLessThanOrEqual(12);
    expect(proxy.requests.filter((request) => request.startsWith("GET "))).toHaveLength(proxy.requests.length);
  }

  const gone = await server.admin.listApiTokens({ managedBy: bench.folder, limit: 1, page: 500 });
  await server.admin.revokeApiToken(gone.tokens[0]?.id ?? "");
  proxy.requests.length = 0;
  const plan = await bench.workspace.runWith({ timeoutMs: 300_000 }, "plan", "-input=false");
  expect(plan.output).toContain("1 to add, 0 to change, 1 to destroy");
  // Why it is dead is asked besides, for this one token.
  const reads = proxy.requests.filter((request) => !/\/v2\/api-tokens\/|\/v2\/audit-events/.test(request));
  expect(reads.length, proxy.requests.join("\n")).toBeLessThanOrEqual(12);
});
